/* waiters.c - waiting in line.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/waiters.h"

bide__waiter *bide__waiters_next(bide__waiters *line)
{
    bide__waiter *at = line->undecided;
    while (at && bide__parking_state(&at->parking) != BIDE__PENDING)
        at = bide__waiters_after(line, at);
    line->undecided = at;
    return at;
}

bool bide__cold_wake_next(bide__waiters *line)
{
    bide__waiter *next = bide__waiters_next(line);
    if (next)
        bide__unpark(&next->parking);
    return next != NULL;
}

bool bide__waiters_give(bide__waiters *line, bide_value item)
{
    bide__waiter *next = bide__waiters_next(line);
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
    for (const bide__waiter *at = line->first; at; at = bide__waiters_after(line, at))
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
