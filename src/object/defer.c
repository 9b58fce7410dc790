/* defer.c - what a body leaves to be done at its end.
 *
 * SPDX-License-Identifier: MIT */
#include "object/error.h"
#include "object/memory.h"

BIDE__PART(defer);

/* Last first. A cleanup's exception replaces the one in flight. */
int bide__call_deferred(bide__coro *self, int status)
{
    while (self->deferred) {
        bide__deferred *entry = self->deferred;
        bide_value pending = bide_error_take();
        self->deferred = entry->next;
        int cleaned = entry->cleanup(entry->arg);
        bide_drop(entry->arg);
        bide__free(entry);
        if (cleaned < 0 || bide_error_pending()) {
            bide__error_set_context(pending);
            status = BIDE_RAISED;
        } else if (!bide_is_none(pending)) {
            bide_error_restore(pending);
        }
    }
    return status;
}

int bide_defer(int (*cleanup)(bide_value arg), bide_value arg)
{
    bide__coro *self = bide__exec_now()->top;
    bide__deferred *entry = NULL;
    if (bide_failed(arg))
        return bide__propagate();
    if (!self || !cleanup) {
        bide_drop(arg);
        return self ? bide__raise_no_function()
                    : bide__raise(BIDE_RuntimeError, "defer outside a body");
    }
    entry = bide__alloc(sizeof *entry);
    if (!entry) {
        bide_value error = bide_error_take();
        if (cleanup(arg) < 0)
            bide_error_clear(); /* MemoryError is what the caller must hear of */
        bide_drop(arg);
        return bide_error_restore(error);
    }
    *entry = (bide__deferred){.next = self->deferred, .cleanup = cleanup, .arg = arg};
    self->deferred = entry;
    return 0;
}
