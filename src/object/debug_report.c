/* debug_report.c - a warning of every coroutine object that has not ended.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/debug.h>
#include <bide/protocol.h>

#include "object/exec.h"

BIDE__PART(report);

static void warn_not_ended(const bide__coro *self)
{
    bide__warn("ResourceWarning", self->origin,
               "%s '%s' has not ended: something still refers to it, perhaps itself",
               self->base.type->name, self->origin->name);
}

size_t bide_debug_report(void)
{
    size_t count = 0;
    if (bide__coro_last) {
        warn_not_ended(bide__coro_last);
        count++;
    }
    for (const bide__coro *at = bide__coro_newest; at; at = at->older, count++)
        warn_not_ended(at);
    return count;
}
