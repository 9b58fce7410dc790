/* shared.c - awaiting a future that is others' too: a cancellation ends the waiting, not the
 * future.
 *
 * The task waits for a future of its own, which is finished when the shared one is done.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/task.h"

#include "object/exec.h"

struct waiting {
    bide__future future;
    bide__callback
        callback; /* of the shared one; owns a reference to this while it is registered */
};

static const bide__future_kind waiting_kind = {.never_retrieved = ""};

static const bide_type waiting_type = {
    .name = "Future",
    .finalize = bide__future_fini,
    .await_here = bide__future_await,
};

static void shared_done(bide__callback *callback, bide__future *shared, bide__loop *loop)
{
    struct waiting *self =
        (struct waiting *)((char *)callback - offsetof(struct waiting, callback));
    (void)shared;
    if (loop && self->future.state == BIDE__PENDING)
        bide__future_finish(&self->future, BIDE_NONE);
    bide_drop(bide_object_value(self));
}

/* Waits until it is done: 0, or BIDE_RAISED with what was thrown in. */
BIDE__UNCOLORED static int wait_until_done(bide__future *shared)
{
    struct waiting *self = bide_object_new(&waiting_type, sizeof *self);
    if (!self)
        return BIDE_RAISED;
    bide__future_init(&self->future, &waiting_kind, shared->loop);
    self->callback.done = shared_done;
    bide_object_ref(self);
    bide__future_watch(shared, &self->callback);
    int status = bide_await_at(NULL, bide_object_ref(self), NULL);
    if (self->callback.future && shared->state == BIDE__PENDING) {
        bide__future_unwatch(&self->callback);
        bide_drop(bide_object_value(self));
    }
    bide_drop(bide_object_value(self));
    return status;
}

static int check(const bide__future *shared)
{
    const bide__loop *loop = bide__loop_required();
    if (!loop)
        return BIDE_RAISED;
    if (shared->loop != loop)
        return bide_raise(BIDE_RuntimeError, "<%s> is attached to a different loop",
                          shared->base.type->name);
    if (loop->current && shared == &loop->current->future)
        return bide_raise(BIDE_RuntimeError, "Task cannot await on itself: '%s'",
                          bide__task_name(loop->current));
    return 0;
}

BIDE__UNCOLORED int bide_await_shared_at(const bide_site *site, bide_value future, bide_value *out)
{
    bide__future *self = bide__future_checked(future);
    bide_value v = BIDE_NONE;
    int status = self ? 0 : BIDE_RAISED;
    if (out)
        *out = BIDE_NONE;
    if (self && self->state == BIDE__PENDING) {
        status = check(self);
        if (status == 0)
            status = wait_until_done(self);
    }
    if (status == 0)
        status = bide__future_take(self, &v);
    if (status < 0)
        bide__error_passed(site);
    if (out)
        *out = v;
    else
        bide_drop(v);
    bide_drop(future);
    return status;
}
