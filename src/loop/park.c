/* park.c - waiting without a future: what is out of the ordinary.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/park.h"

#include "object/exec.h"

const char bide__parked;

BIDE__UNCOLORED int bide__park_by_hand(bide__parking *self)
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

void bide__park_left(bide__parking *self, const bide__loop *loop)
{
    bide__task *task = self->task;
    if (!task)
        return;
    task->parking = NULL;
    if (self->state == BIDE__PENDING && loop->current != task)
        bide__task_ready(task);
}
