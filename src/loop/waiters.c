/* waiters.c - waiting in line.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/waiters.h"

#include "object/exec.h"

static void join(bide__waiters *line, bide__waiter *self)
{
    self->next = NULL;
    self->previous = line->last;
    if (line->last)
        line->last->next = self;
    else
        line->first = self;
    line->last = self;
}

static void leave(bide__waiters *line, const bide__waiter *self)
{
    if (self->next)
        self->next->previous = self->previous;
    else
        line->last = self->previous;
    if (self->previous)
        self->previous->next = self->next;
    else
        line->first = self->next;
}

BIDE__UNCOLORED int bide__waiters_wait(bide__waiters *line, const char *verb, void *on,
                                       bool *chosen)
{
    bide__waiter self;
    join(line, &self);
    int status = bide__park(&self.parking, verb, bide_object_value(on));
    leave(line, &self);
    if (chosen)
        *chosen = self.parking.state == BIDE__FINISHED;
    return status;
}

bool bide__waiters_wake_next(bide__waiters *line)
{
    for (bide__waiter *at = line->first; at; at = at->next) {
        if (bide__parking_state(&at->parking) != BIDE__PENDING)
            continue;
        bide__unpark(&at->parking);
        return true;
    }
    return false;
}

void bide__waiters_wake_first(bide__waiters *line)
{
    if (line->first && bide__parking_state(&line->first->parking) == BIDE__PENDING)
        bide__unpark(&line->first->parking);
}

bool bide__waiters_any(const bide__waiters *line)
{
    for (const bide__waiter *at = line->first; at; at = at->next)
        if (bide__parking_state(&at->parking) != BIDE__CANCELLED)
            return true;
    return false;
}

static int give_none(void *self, bide_value *out)
{
    (void)self;
    *out = BIDE_NONE;
    return 0;
}

bide_value bide__nothing(void)
{
    static const bide_type type = {.name = "nothing", .await_here = give_none};
    static BIDE__THREAD_LOCAL bide_object nothing = {.type = &type, .refs = 1};
    return bide_object_ref(&nothing);
}
