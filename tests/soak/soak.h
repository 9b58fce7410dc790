/* soak.h - what the parts of the soak program share: chance, the things that tasks share, counts.
 *
 * SPDX-License-Identifier: MIT */
#ifndef SOAK_H
#define SOAK_H

#include <bide.h>

enum { PERMITS = 3, ROOM = 4 };

/* What all tasks of a round share. */
typedef struct shared {
    bide_value lock, semaphore, condition, event, queue, barrier;
    int64_t holders, permits_out;    /* in the lock's blocks and the semaphore's */
    int64_t items_put, items_got;    /* of the queue */
    int64_t entered, left;           /* bodies */
    int64_t group_children, workers; /* alive */
} shared;
extern shared at;

/* Over all rounds. */
typedef struct counts {
    int64_t rounds, tasks, requests, cancelled, ended, seen_to_fail, reports;
} counts;
extern counts total;

/* A number below n (from 1); the same from the same seed on every target. */
void seed_chance(uint64_t seed);
int below(int n);

/* Ends the program if something is not as it must be. */
#define MUST(condition) must(condition, #condition, __FILE__, __LINE__)
void must(bool holds, const char *what, const char *file, int line);

/* A coroutine that does something at random, of which some does more things, at most `depth` deep.
 */
bide_value something(int depth);

#endif
