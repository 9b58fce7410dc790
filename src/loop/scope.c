/* scope.c - cancel scopes: entering, cancelling and leaving them.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/scope.h"

#include "loop/checked.h"
#include "loop/waiters.h"
#include "object/error.h"

static void finalize(void *object)
{
    bide__scope *self = object;
    bide_drop(self->handle);
    bide_drop(self->reason);
    bide_drop(self->held_message);
}

static bide_value scope_aenter(void *self);
static bide_value scope_aexit(void *self, bide_value error);

const bide_type bide__scope_type = {
    .name = "CancelScope",
    .finalize = finalize,
    .aenter = scope_aenter,
    .aexit = scope_aexit,
};

static bide_value make(int64_t deadline, bool shield)
{
    bide__scope *self = bide_object_new(&bide__scope_type, sizeof *self);
    if (!self)
        return BIDE_FAILED;
    self->deadline = deadline;
    self->shield = shield;
    return bide_object_value(self);
}

static int64_t after(int64_t delay)
{
    int64_t now = bide_now();
    return delay > BIDE_NEVER - now ? BIDE_NEVER : now + delay;
}

bide_value bide_scope(int64_t delay)
{
    return make(after(delay), false);
}

bide_value bide_scope_at(int64_t deadline)
{
    return make(deadline, false);
}

bide_value bide_shielded_scope(int64_t delay)
{
    return make(after(delay), true);
}

bide_value bide_shielded_scope_at(int64_t deadline)
{
    return make(deadline, true);
}

/* --- cancelling --------------------------------------------------------------------- */

static void unschedule(bide__scope *self)
{
    bide_handle_cancel(self->handle);
    bide_clear(&self->handle);
}

static int cancel(bide__scope *self, const char *reason)
{
    if (self->cancelled || (self->used && !self->block.task))
        return 0;
    self->cancelled = true;
    self->reason = bide__cancel_message(reason);
    unschedule(self);
    if (self->block.task)
        bide__scopes_interrupt(self->block.task);
    return 1;
}

int bide_scope_cancel(bide_value v, const char *reason)
{
    bide__scope *self = bide__checked(v, &bide__scope_type);
    return self ? cancel(self, reason) : BIDE_RAISED;
}

static int on_deadline(bide_value arg)
{
    cancel((bide__scope *)arg.as.object, NULL);
    return 0;
}

/* For a scope that is entered. */
static int schedule(bide__scope *self)
{
    if (self->deadline == BIDE_NEVER || self->cancelled)
        return 0;
    if (self->deadline <= bide_now()) {
        cancel(self, NULL);
        return 0;
    }
    bide_value handle = bide_call_at(self->deadline, on_deadline, bide_object_ref(self));
    if (bide_failed(handle))
        return BIDE_RAISED;
    self->handle = handle;
    return 0;
}

int bide_scope_reschedule(bide_value v, int64_t deadline)
{
    bide__scope *self = bide__checked(v, &bide__scope_type);
    if (!self)
        return BIDE_RAISED;
    bool left = self->used && !self->block.task;
    if (self->cancelled || left)
        return bide_raise(BIDE_RuntimeError, "Cannot change the deadline of a scope that %s",
                          left ? "was left" : "is cancelled");
    unschedule(self);
    self->deadline = deadline;
    return self->block.task ? schedule(self) : 0;
}

/* --- entering and leaving ----------------------------------------------------------- */

static int enter(bide__scope *self)
{
    bide__loop *loop = bide__loop_current();
    bide__task *task = loop ? loop->current : NULL;
    if (self->used)
        return bide_raise(BIDE_RuntimeError, "CancelScope has already been entered");
    if (!task)
        return bide_raise(BIDE_RuntimeError, "CancelScope should be used inside a task");
    if (self->block.body && self->block.body->kind == BIDE__GENERATOR)
        return bide_raise(BIDE_RuntimeError, "CancelScope inside a generator, '%s'",
                          self->block.body->origin->name);
    self->used = true;
    bide__block_enter(&self->block, task);
    bide_object_ref(self);
    self->outer = task->scope;
    task->scope = self;
    if (schedule(self) < 0) {
        bide__scope_forget(self);
        return BIDE_RAISED;
    }
    if (self->shield && task->must_cancel) {
        /* It was cancelled, and has not heard of it yet. */
        task->must_cancel = false;
        task->cancelling--;
        self->held = 1;
        self->held_message = bide_ref(task->future.cancel_message);
    }
    return 0;
}

void bide__scope_forget(bide__scope *self)
{
    bide__scope **at = &self->block.task->scope;
    while (*at != self)
        at = &(*at)->outer;
    *at = self->outer;
    bide__block_leave(&self->block);
    if (self->barrier)
        return;
    unschedule(self);
    bide_drop(bide_object_value(self));
}

/* What goes on of `error` (moves in), which leaves the scope: an exception, or BIDE_NONE. */
static bide_value stopped(bide__scope *self, bide__task *task, bide_value error)
{
    if (bide__scope_of(error) == self) {
        self->caught = true;
        bide_clear(&error);
    }
    bool event = bide_is_error(error, BIDE_CancelledError) && !bide__scope_of(error);
    task->cancelling += self->held;
    if (!self->held || event)
        return error;
    self->held = 0;
    if (!bide_is_none(error))
        bide_error_restore(error); /* the context of the cancellation */
    const char *message = bide_is_none(self->held_message) ? NULL : bide_cstr(self->held_message);
    bide_raise_at(NULL, BIDE_CancelledError, message ? "%s" : NULL, message);
    return bide_error_take();
}

/* Leaves with `error` (moves in): 0, or BIDE_RAISED with what goes on. */
static int leave(bide__scope *self, bide_value error)
{
    if (!self->block.task) {
        bide_drop(error);
        return bide_raise(BIDE_RuntimeError, "CancelScope %s",
                          self->used ? "was left already" : "has not been entered");
    }
    bide__task *task = self->block.task;
    bool innermost = task->scope == self;
    bide_object_ref(self);
    bide__scope_forget(self);
    error = stopped(self, task, error);
    bide_drop(bide_object_value(self));
    if (innermost)
        return bide_is_none(error) ? 0 : bide_error_restore(error);
    if (!bide_is_none(error))
        bide_error_restore(error);
    return bide_raise(BIDE_RuntimeError,
                      "CancelScope was left while a scope inside it is entered: leave that first");
}

int bide_scope_enter(bide_value v)
{
    bide__scope *self = bide__checked(v, &bide__scope_type);
    if (!self)
        return BIDE_RAISED;
    if (!self->used)
        bide__block_prepare(&self->block, "cancel scope");
    return enter(self);
}

int bide_scope_leave(bide_value v)
{
    bide_value error = bide_error_take();
    bide__scope *self = bide__checked(v, &bide__scope_type);
    if (self)
        return leave(self, error);
    bide_drop(error);
    return BIDE_RAISED;
}

static BIDE_ASYNC int enter_block(bide_value arg, bide_value *result)
{
    BIDE_TRY(enter((bide__scope *)arg.as.object));
    *result = bide_ref(arg);
    return 0;
}

static bide_value scope_aenter(void *object)
{
    static const bide_origin origin = {"__aenter__", __FILE__, __LINE__};
    bide__scope *self = object;
    if (!self->used)
        bide__block_prepare(&self->block, "cancel scope");
    return bide_coro_at(&origin, enter_block, bide_object_ref(self));
}

/* Leaves at once, so that nothing can come between; what is awaited only tells how it went. */
static bide_value scope_aexit(void *self, bide_value error)
{
    bool raised = !bide_is_none(error);
    bide__exception *same = bide__exception_of(error);
    if (leave(self, bide_ref(error)) == 0)
        return bide__done(raised);
    bide_value out = bide_error_take();
    if (bide__exception_of(out) == same) {
        bide_drop(out);
        return bide__done(false);
    }
    bide_error_restore(out);
    return BIDE_FAILED;
}

/* --- looking ------------------------------------------------------------------------ */

bool bide_scope_cancelled(bide_value v)
{
    const bide__scope *self = bide__peek(v, &bide__scope_type);
    return self && self->cancelled;
}

bool bide_scope_caught(bide_value v)
{
    const bide__scope *self = bide__peek(v, &bide__scope_type);
    return self && self->caught;
}

int64_t bide_scope_deadline(bide_value v)
{
    const bide__scope *self = bide__peek(v, &bide__scope_type);
    return self ? self->deadline : BIDE_NEVER;
}

static bide__scope *innermost(void)
{
    const bide__loop *loop = bide__loop_current();
    return loop && loop->current ? loop->current->scope : NULL;
}

int64_t bide_current_deadline(void)
{
    int64_t earliest = BIDE_NEVER;
    for (const bide__scope *at = innermost(); at && !at->barrier; at = at->outer) {
        if (at->cancelled)
            return 0;
        if (at->deadline < earliest)
            earliest = at->deadline;
        if (at->shield)
            break;
    }
    return earliest;
}

int bide_scope_check(void)
{
    bide__scope *in_force = bide__scope_in_force(innermost());
    return in_force ? bide_error_restore(bide__scope_error(in_force)) : 0;
}
