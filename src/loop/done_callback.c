/* done_callback.c - add_done_callback: functions that are called when a future is done.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/context.h"
#include "loop/exit.h"
#include "loop/future.h"

#include "object/exec.h"
#include "object/memory.h"

struct done_callback {
    bide__callback base;
    bide_done_callback *fn;
    bide_value arg;           /* owned */
    bide__bindings *bindings; /* owned; the context it was registered in */
};

static void release(struct done_callback *self)
{
    bide_drop(self->arg);
    bide__context_leave(&self->bindings);
    bide__free(self);
}

BIDE__BARRIER static int bide__barrier_call_done(struct done_callback *self, bide__future *future)
{
    bide__bindings **before = bide__context_enter(&self->bindings);
    int status = self->fn(bide_object_value(future), self->arg);
    bide__context_enter(before);
    return status;
}

static void call(bide__callback *base, bide__future *future, bide__loop *loop)
{
    struct done_callback *self = (struct done_callback *)base;
    if (loop && bide__barrier_call_done(self, future) < 0)
        bide__callback_failed(loop);
    release(self);
}

int bide_future_add_done_callback(bide_value future, bide_done_callback *fn, bide_value arg)
{
    bide__future *self = bide_failed(arg) ? NULL : bide__future_checked(future);
    struct done_callback *callback = NULL;
    if (self && !fn)
        bide__raise_no_function();
    else if (self)
        callback = bide__alloc(sizeof *callback);
    if (!callback) {
        bide_drop(arg);
        return bide__propagate();
    }
    callback->base.done = call;
    callback->base.weak = true;
    callback->fn = fn;
    callback->arg = arg;
    callback->bindings = bide__context_capture();
    bide__future_watch(self, &callback->base);
    return 0;
}

int bide_future_remove_done_callback(bide_value future, bide_done_callback *fn, bide_value arg)
{
    bide__future *self = bide__future_checked(future);
    int removed = 0;
    bide__callback *next = NULL;
    for (bide__callback *at = self ? self->first : NULL; at; at = next) {
        struct done_callback *callback = (struct done_callback *)at;
        next = at->next;
        if (at->done != call || callback->fn != fn || !bide_equal(callback->arg, arg))
            continue;
        bide__future_unwatch(at);
        release(callback);
        removed++;
    }
    bide_drop(arg);
    return self ? removed : BIDE_RAISED;
}
