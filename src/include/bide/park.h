/* bide/park.h - what is noted about a wait, on the stack that waits; and the suspension, here so
 * that it can be inlined where a verb is called.
 *
 * Such a verb is two functions that suspend nothing, and between them the suspension: the first
 * does what can be done at once and notes the rest, the second does it when it is woken. So a call
 * that is made before a switch has returned before it, and on WebAssembly only the caller's frame
 * is rolled up, in which nothing else is done: see bide/step.h. All names and fields here are
 * Bide's own.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_PARK_H
#define BIDE_PARK_H

#include <bide/coroutine.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bide__task;
struct bide__future;

typedef struct bide__parking {
    struct bide__task *task; /* borrowed; NULL if driven by hand, or if the task was abandoned */
    struct bide__future *future; /* owned; only when it is driven by hand: what is awaited then */
    const char *verb;            /* what it does, for those who look: "Queue.get" */
    bide_object *on;             /* borrowed; what it waits for, or NULL */
    /* enum bide__future_state: pending until woken or cancelled; or, if driven by hand,
     * BIDE__BY_HAND */
    uint8_t state;
} bide__parking;

/* One who waits in a line (loop/waiters.h). */
typedef struct bide__waiter {
    bide__parking parking;                /* woken when it is chosen */
    struct bide__waiter *next, *previous; /* in a circle */
    bide_value item;                      /* owned; what it puts, or was given */
    bool given; /* of one that waits to be given something: whether it was */
} bide__waiter;

/* The answer of a verb's functions, besides 0 and BIDE_RAISED: suspend, then call the second. */
enum { BIDE__PARK = 1 };

/* Suspends what was noted. The answer is for the second function alone. */
BIDE_ASYNC BIDE__INLINE int bide__park_here(void);
BIDE__UNCOLORED BIDE__INLINE int bide__park_here(void)
{
    return bide_fiber_suspend();
}

#ifdef __cplusplus
}
#endif
#endif
