/* park.c - waiting without a future: what is out of the ordinary.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/park.h"

#include "object/exec.h"

/* It is driven by hand: hands out a future. */
static int begin_by_hand(bide__parking *self, bide__exec *exec)
{
    bide_value future = bide__future_of_parking(self);
    if (bide_failed(future))
        return BIDE_RAISED;
    if (bide__barrier_check_await(exec) < 0) {
        bide_drop(future);
        return BIDE_RAISED;
    }
    self->task = NULL;
    self->state = BIDE__BY_HAND;
    self->future = bide__future_of(future);
    self->future->blocking = true;
    exec->top->awaiting = future;
    exec->signal = BIDE_YIELDED;
    exec->mail = bide_ref(future);
    exec->owner->state = BIDE_SUSPENDED;
    return 0;
}

int bide__cold_park_begin(bide__parking *self, bide__exec *exec, const bide__loop *loop)
{
    self->state = BIDE__PENDING; /* also if it does not begin: nobody woke it */
    if (!loop) {
        bide__loop_required();
        return BIDE_RAISED;
    }
    if (!bide__drives(loop->current, exec))
        return begin_by_hand(self, exec);
    return bide__barrier_check_suspend(exec) < 0 ? BIDE_RAISED : BIDE__PARK;
}

/* It was sent something, by hand: also one that a task drives, if nothing had woken it. */
static int sent(const bide__parking *self, const bide__exec *exec)
{
    bide_drop(exec->mail);
    if (bide__parking_state(self) == BIDE__PENDING)
        return bide_raise(BIDE_RuntimeError, "await wasn't used with future");
    if (self->state != BIDE__BY_HAND)
        return 0;
    bide_value none;
    return bide__future_take(self->future, &none);
}

/* Something was sent or thrown in. If that was done by hand, the task still waits for its turn. */
static void left(const bide__parking *self, bide__task *task)
{
    if (self->state == BIDE__PENDING && task->future.loop->current != task)
        bide__task_ready(task);
}

int bide__cold_park_end(bide__parking *self, int answer)
{
    bide__exec *exec = bide__exec_now();
    bool thrown = answer < 0 || exec->signal != BIDE__SEND;
    if (exec->signal == BIDE__PARKED)
        exec->mail = BIDE_NONE; /* which is to be dropped */
    int status = thrown ? bide__cold_suspend_ended(exec, answer) : sent(self, exec);
    if (self->task) {
        self->task->parking = NULL;
        left(self, self->task);
    }
    if (self->state == BIDE__BY_HAND) {
        exec->top->awaiting = BIDE_NONE;
        self->state = self->future->state;
        bide_drop(bide_object_value(self->future));
    }
    return status;
}

void bide__cold_unpark(const bide__parking *self)
{
    bide__future_finish(self->future, BIDE_NONE);
}
