/* interrupt.c - how a task that waits hears of a cancelled scope, and which cancellations a shield
 * holds back.
 *
 * A cancelled scope posts nothing: a task looks at its scopes each time it begins to wait, and what
 * it waits for is then cancelled on the spot. The error that comes of that is marked with the
 * scope. A cancellation as an event, which asyncio has alone, comes first where both meet: the
 * scope's is not lost by that.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/scope.h"

#include "loop/park.h"
#include "object/error.h"

bide__scope *bide__scope_of(bide_value error)
{
    const bide__exception *e = bide__exception_of(error);
    if (!e || e->value.kind != BIDE_KIND_OBJECT || e->value.as.object->type != &bide__scope_type)
        return NULL;
    return (bide__scope *)e->value.as.object;
}

bide__scope *bide__scope_in_force(bide__scope *innermost)
{
    bide__scope *found = NULL;
    for (bide__scope *at = innermost; at && !at->barrier; at = at->outer) {
        if (at->cancelled)
            found = at;
        if (at->shield)
            break;
    }
    return found;
}

static const char *text_of(bide_value message)
{
    return bide_is_none(message) ? NULL : bide_cstr(message);
}

bide_value bide__scope_error(bide__scope *self)
{
    const char *reason = text_of(self->reason);
    bide_value error = bide_error_new(BIDE_CancelledError, reason ? "%s" : NULL, reason);
    if (bide_failed(error))
        return bide_error_take();
    bide__exception_of(error)->value = bide_object_ref(self);
    return error;
}

static void interrupt(bide__task *task, bide__scope *in_force, bide__future *waited)
{
    if (waited->state == BIDE__PENDING &&
        bide_future_cancel(bide_object_value(waited), text_of(in_force->reason)) > 0)
        task->scope->interrupting = in_force;
}

static void interrupt_parked(bide__task *task, bide__scope *in_force)
{
    if (task->parking->state != BIDE__PENDING)
        return;
    task->parking->state = BIDE__CANCELLED;
    bide__task_throw(task, bide__scope_error(in_force));
    bide__task_ready(task);
}

void bide__scopes_interrupt(bide__task *task)
{
    bide__scope *in_force = bide__scope_in_force(task->scope);
    if (!in_force)
        return;
    if (task->parking)
        interrupt_parked(task, in_force);
    else if (task->wakeup.future)
        interrupt(task, in_force, task->wakeup.future);
    else if (bide_state_of(task->coro) == BIDE_SUSPENDED && bide_is_none(task->thrown))
        bide__task_throw(task, bide__scope_error(in_force));
}

void bide__scopes_wait(bide__task *task, bide__future *waited, bool event)
{
    task->scope->interrupting = NULL;
    task->scope->event = event;
    bide__scope *in_force = bide__scope_in_force(task->scope);
    if (in_force)
        interrupt(task, in_force, waited);
}

bide_value bide__scopes_pause(bide__task *task)
{
    bide__scope *in_force = task->must_cancel ? NULL : bide__scope_in_force(task->scope);
    return in_force ? bide__scope_error(in_force) : BIDE_NONE;
}

bide_value bide__scopes_wake(bide__task *task, bide_value error)
{
    bide__scope *self = task->scope->interrupting;
    if (!self || task->scope->event || task->must_cancel ||
        !bide_is_error(error, BIDE_CancelledError))
        return error;
    bide__exception *e = bide__exception_of(error);
    if (e->base.refs == 1 && bide_is_none(e->value)) {
        e->value = bide_object_ref(self);
        return error;
    }
    /* Others see it too, a gather's other waiters, say: it is not theirs to be marked. */
    bide_value own = bide__scope_error(self);
    if (bide__scope_of(own))
        bide__exception_of(own)->context = error;
    else
        bide_drop(error);
    return own;
}

bool bide__scopes_hold(bide__task *task, const bide__scope *inside, const char *message)
{
    bide__scope *shield = NULL;
    for (bide__scope *at = task->scope; at && at != inside; at = at->outer)
        if (at->shield)
            shield = at;
    if (!shield) {
        task->scope->event = true;
        return false;
    }
    if (shield->held++ == 0) { /* the first message is the one that is delivered */
        bide_clear(&shield->held_message);
        shield->held_message = bide__cancel_message(message);
    }
    return true;
}

int bide__scopes_held(const bide__task *task)
{
    int held = 0;
    for (const bide__scope *at = task->scope; at; at = at->outer)
        held += at->held;
    return held;
}

void bide__scopes_release(bide__task *task)
{
    bide__scope *at = task->scope;
    while (at && !at->held)
        at = at->outer;
    if (at)
        at->held--;
}

void bide__hold_begin(bide__scope *hold)
{
    const bide__loop *loop = bide__loop_current();
    bide__task *task = loop ? loop->current : NULL;
    *hold = (bide__scope){.barrier = true};
    if (!task || !task->scope)
        return;
    bide__block_enter(&hold->block, task);
    hold->outer = task->scope;
    task->scope = hold;
}

void bide__hold_end(bide__scope *hold)
{
    if (hold->block.task)
        bide__scope_forget(hold);
}
