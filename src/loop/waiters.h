/* waiters.h - a line of coroutines that wait for the same thing: the heart of locks and queues.
 *
 * A waiter's node lies on its own stack and stays in line until it has run again, so that it can be
 * seen to have been chosen; who leaves the line for any reason takes its node along.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_WAITERS_H
#define BIDE_LOOP_WAITERS_H

#include "loop/park.h"

typedef struct bide__waiter {
    bide__parking parking; /* woken when it is chosen */
    struct bide__waiter *next, *previous;
} bide__waiter;

typedef struct bide__waiters {
    bide__waiter *first, *last;
} bide__waiters;

/* Waits in line: 0 when chosen, or BIDE_RAISED. *chosen (may be NULL) tells whether it had been
 * chosen, which it may have been although an exception, a cancellation, came first. `verb`
 * and `on` are those of bide__park: what is called, and the object whose line it is. */
BIDE_ASYNC int bide__waiters_wait(bide__waiters *line, const char *verb, void *on, bool *chosen);
/* Chooses the first who is not chosen or cancelled yet: whether there was one. */
bool bide__waiters_wake_next(bide__waiters *line);
/* Chooses the very first, unless it is chosen already. */
void bide__waiters_wake_first(bide__waiters *line);
/* Whether anyone waits who is not cancelled; chosen ones count until they have run. */
bool bide__waiters_any(const bide__waiters *line);

/* An awaitable that gives None at once, and that exists without memory: for exits, which must not
 * fail. */
bide_value bide__nothing(void);

#endif
