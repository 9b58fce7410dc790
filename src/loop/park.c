/* park.c - waiting without a future: what is out of the ordinary.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/park.h"

#include "object/exec.h"

const char bide__parked;

/* It is driven by hand: hands out a future. */
BIDE__UNCOLORED static int park_by_hand(bide__parking *self)
{
    bide_value future = bide__future_of_parking(self);
    if (bide_failed(future))
        return BIDE_RAISED;
    self->future = bide__future_of(future);
    int status = bide_await_at(NULL, bide_ref(future), NULL);
    self->state = self->future->state;
    self->future = NULL;
    bide_drop(future);
    return status;
}

BIDE__UNCOLORED int bide__park_otherwise(bide__parking *self)
{
    if (!self->task)
        return park_by_hand(self);
    return bide_suspend(bide_ptr((void *)(uintptr_t)&bide__parked), NULL);
}

void bide__park_left(bide__parking *self)
{
    bide__task *task = self->task;
    bide__coro *top = bide__exec_now()->top;
    if (top)
        top->awaiting = BIDE_NONE;
    if (!task)
        return;
    task->parking = NULL;
    if (self->state == BIDE__PENDING && task->future.loop->current != task)
        bide__task_ready(task);
}
