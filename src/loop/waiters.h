/* waiters.h - a line of coroutines that wait for the same thing: the heart of locks and queues.
 *
 * A waiter's node lies on its own stack and stays in line until it has run again, so that it can be
 * seen to have been chosen; who leaves the line for any reason takes its node along.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_WAITERS_H
#define BIDE_LOOP_WAITERS_H

#include "loop/park.h"

/* In a circle: the last is followed by the first. So one that waits alone, as most do, is added and
 * taken away with little. */
typedef struct bide__waiters {
    bide__waiter *first;     /* or NULL */
    bide__waiter *undecided; /* before it all are chosen or cancelled, which stays so; or NULL */
} bide__waiters;

static inline void bide__waiters_join(bide__waiters *line, bide__waiter *self)
{
    bide__waiter *first = line->first;
    if (__builtin_expect(!first, 1)) {
        line->first = line->undecided = self->next = self->previous = self;
        return;
    }
    self->next = first;
    self->previous = first->previous;
    first->previous->next = self;
    first->previous = self;
    if (!line->undecided)
        line->undecided = self;
}

/* Who follows in line, or NULL. */
static inline bide__waiter *bide__waiters_after(const bide__waiters *line, const bide__waiter *at)
{
    return at->next == line->first ? NULL : at->next;
}

static inline void bide__waiters_leave(bide__waiters *line, const bide__waiter *self)
{
    bide__waiter *next = self->next;
    if (__builtin_expect(next == self, 1)) {
        line->first = line->undecided = NULL;
        return;
    }
    if (line->undecided == self)
        line->undecided = bide__waiters_after(line, self);
    next->previous = self->previous;
    self->previous->next = next;
    if (line->first == self)
        line->first = next;
}

/* Waits in line: 0 when chosen, or BIDE_RAISED. *chosen (may be NULL) tells whether it had been
 * chosen, which it may have been although an exception, a cancellation, came first. `verb`
 * and `on` are those of bide__park: what is called, and the object whose line it is. */
BIDE__UNCOLORED BIDE__INLINE int bide__waiters_wait(bide__waiters *line, const char *verb, void *on,
                                                    bool *chosen)
{
    bide__waiter self;
    bide__waiters_join(line, &self);
    int status = bide__park(&self.parking, verb, on);
    bide__waiters_leave(line, &self);
    if (chosen)
        *chosen = self.parking.state == BIDE__FINISHED;
    return status;
}

/* bide_event_wait on an event, which those who look take for something else (event.c). */
BIDE_ASYNC int bide__event_wait(bide_value event, const char *verb, void *on);
/* Chooses the first who is not chosen or cancelled yet and gives it `item`, which moves in if there
 * was one: whether there was. */
bool bide__waiters_give(bide__waiters *line, bide_value item);
/* The first who is not chosen or cancelled yet, or NULL. */
bide__waiter *bide__waiters_next(bide__waiters *line);
/* Chooses the first of them: whether there was one. */
bool bide__cold_wake_next(bide__waiters *line);
static inline bool bide__waiters_wake_next(bide__waiters *line)
{
    bide__waiter *next = line->undecided;
    if (!next)
        return false;
    if (__builtin_expect(next->parking.state != BIDE__PENDING, 0))
        return bide__cold_wake_next(line);
    bide__unpark_plainly(&next->parking);
    return true;
}
/* Chooses the very first, unless it is chosen already. */
void bide__waiters_wake_first(bide__waiters *line);
/* Whether anyone waits who is not cancelled; chosen ones count until they have run. */
bool bide__waiters_any(const bide__waiters *line);

/* An awaitable that gives None at once, or a bool, and that exists without memory: for exits, which
 * must not fail. */
bide_value bide__nothing(void);
bide_value bide__done(bool result);

#endif
