/* pool.h - threads that run functions, in the order in which they were submitted: a pool's own, or
 * its host's.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_POOL_H
#define BIDE_LOOP_POOL_H

#include <bide/thread.h>

#include "loop/concurrent.h"

typedef struct bide__pool bide__pool;

/* At most `limit` threads; 0: the default number. NULL with MemoryError, or RuntimeError where
 * there are no threads. */
bide__pool *bide__pool_new(unsigned limit);
/* What is submitted runs on threads that the host lends, if it has any, else on the pool's own. The
 * host must outlive the submitting. */
bide__pool *bide__pool_on(bide_host *host);
/* Queues fn(arg), to be run in a context (packed; NULL: an empty one). Both move in. What it will
 * come to, as an owned reference; NULL with an exception. */
bide__concurrent *bide__pool_submit(bide__pool *self, bide_function *fn, bide_value arg,
                                    bide_parcel *context);
/* Nothing can be submitted any more; with `cancel`, what has not begun is cancelled. */
void bide__pool_shut(bide__pool *self, bool cancel);
/* Waits for the threads of one that is shut. */
void bide__pool_join(bide__pool *self);
/* Shuts it and gives it up: its threads end by themselves, at the latest before the program does.
 * NULL is allowed. */
void bide__pool_abandon(bide__pool *self);

/* For loop->end_pool; while it waits the loop runs on. */
void bide__loop_end_pool(bide__loop *loop, bool wait);

#endif
