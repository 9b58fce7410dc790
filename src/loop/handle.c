/* handle.c - call_soon, call_later, call_at: plain callbacks, and the handles that cancel them.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/context.h"
#include "loop/exit.h"
#include "loop/dump.h"

#include <bide/protocol.h>

#include "object/exec.h"

typedef struct handle {
    bide_object base; /* one reference is the loop's while the callback is due */
    bide__timer timer;
    bide__loop *loop; /* borrowed; NULL once it has run or was cancelled */
    bide_callback *fn;
    bide_value arg;           /* owned */
    bide__bindings *bindings; /* owned; the context it was registered in */
    bool cancelled;
} handle;

static void finalize(void *object)
{
    handle *self = object;
    bide_drop(self->arg);
    bide__context_leave(&self->bindings);
}

static const bide_type handle_type = {.name = "Handle", .finalize = finalize};

BIDE__BARRIER static int bide__barrier_call(handle *self)
{
    bide__bindings **before = bide__context_enter(&self->bindings);
    int status = self->fn(self->arg);
    bide__context_enter(before);
    return status;
}

static void run(bide__ready *ready, bide__loop *loop)
{
    handle *self = (handle *)((char *)ready - offsetof(handle, timer.ready));
    self->loop = NULL;
    if (loop && !self->cancelled && bide__barrier_call(self) < 0)
        bide__callback_failed(loop);
    bide_clear(&self->arg);
    bide_drop(bide_object_value(self));
}

bool bide__ready_is_handle(const bide__ready *ready)
{
    return ready->run == run;
}

static handle *make(bide__loop *loop, bide_callback *fn, bide_value arg)
{
    handle *self = NULL;
    if (bide_failed(arg))
        bide__propagate();
    else if (!fn)
        bide__raise_no_function();
    else if (loop)
        self = bide_object_new(&handle_type, sizeof *self);
    if (!self) {
        bide_drop(arg);
        return NULL;
    }
    self->loop = loop;
    self->timer.ready.run = run;
    self->fn = fn;
    self->arg = arg;
    self->bindings = bide__context_capture();
    return self;
}

bide_value bide_call_soon(bide_callback *fn, bide_value arg)
{
    return bide__call_soon_on(bide__loop_required(), fn, arg);
}

bide_value bide__call_soon_on(bide__loop *loop, bide_callback *fn, bide_value arg)
{
    handle *self = make(loop, fn, arg);
    if (!self)
        return BIDE_FAILED;
    self->timer.when = bide__loop_now(self->loop);
    bide__loop_soon(self->loop, &self->timer.ready);
    return bide_object_ref(self);
}

bide_value bide_call_at(int64_t deadline, bide_callback *fn, bide_value arg)
{
    return bide__call_at_on(bide__loop_required(), deadline, fn, arg);
}

bide_value bide__call_at_on(bide__loop *loop, int64_t deadline, bide_callback *fn, bide_value arg)
{
    handle *self = make(loop, fn, arg);
    if (!self)
        return BIDE_FAILED;
    if (bide__timer_start(self->loop, &self->timer, deadline) < 0) {
        bide_drop(bide_object_value(self));
        return BIDE_FAILED;
    }
    return bide_object_ref(self);
}

bide_value bide_call_later(int64_t delay, bide_callback *fn, bide_value arg)
{
    int64_t now = bide_now();
    int64_t deadline = delay > BIDE_NEVER - now ? BIDE_NEVER : now + delay;
    return bide_call_at(deadline, fn, arg);
}

static handle *handle_of(bide_value v)
{
    bool is = v.kind == BIDE_KIND_OBJECT && v.as.object->type == &handle_type;
    return is ? (handle *)v.as.object : NULL;
}

void bide_handle_cancel(bide_value v)
{
    handle *self = handle_of(v);
    if (!self || self->cancelled)
        return;
    self->cancelled = true;
    if (!self->loop) /* it has run, or does */
        return;
    bide_clear(&self->arg);
    if (self->timer.block) {
        bide__timer_stop(self->loop, &self->timer);
        self->loop = NULL;
        bide_drop(
            v); /* the loop's reference; one in the ready queue is dropped when its turn comes */
    }
}

bool bide_handle_cancelled(bide_value v)
{
    const handle *self = handle_of(v);
    return self && self->cancelled;
}

int64_t bide_handle_when(bide_value v)
{
    const handle *self = handle_of(v);
    return self ? self->timer.when : 0;
}
