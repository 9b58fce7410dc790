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

BIDE__UNCOLORED int bide__waiters_receive(bide__waiters *line, const char *verb, void *on,
                                          bool *given, bide_value *item)
{
    bide__waiter self;
    self.given = false;
    self.item = BIDE_NONE;
    join(line, &self);
    int status = bide__park(&self.parking, verb, bide_object_value(on));
    leave(line, &self);
    *given = self.given;
    *item = self.item;
    return status;
}

/* Who is not chosen or cancelled yet. */
static bide__waiter *next_in(const bide__waiters *line)
{
    bide__waiter *at = line->first;
    while (at && bide__parking_state(&at->parking) != BIDE__PENDING)
        at = at->next;
    return at;
}

bool bide__waiters_wake_next(bide__waiters *line)
{
    bide__waiter *next = next_in(line);
    if (next)
        bide__unpark(&next->parking);
    return next != NULL;
}

bool bide__waiters_give(bide__waiters *line, bide_value item)
{
    bide__waiter *next = next_in(line);
    if (!next)
        return false;
    next->given = true;
    next->item = item;
    bide__unpark(&next->parking);
    return true;
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

static int give_true(void *self, bide_value *out)
{
    (void)self;
    *out = bide_bool(true);
    return 0;
}

bide_value bide__done(bool result)
{
    static const bide_type type = {.name = "done", .await_here = give_true};
    static BIDE__THREAD_LOCAL bide_object done = {.type = &type, .refs = 1};
    return result ? bide_object_ref(&done) : bide__nothing();
}

bide_value bide__nothing(void)
{
    static const bide_type type = {.name = "nothing", .await_here = give_none};
    static BIDE__THREAD_LOCAL bide_object nothing = {.type = &type, .refs = 1};
    return bide_object_ref(&nothing);
}
