/* sigint.h - SIGINT while a loop runs its main task.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_SIGINT_H
#define BIDE_LOOP_SIGINT_H

#include <stdatomic.h>

#include "loop/loop.h"

/* Around the run of a main task, which stays until the end. `status` is how the run ended; the
 * answer is how it is to end. */
void bide__interrupts_begin(bide__loop *loop, bide_value main_task);
int bide__interrupts_end(bide__loop *loop, int status);

/* Whether there was one that nothing was done about yet. */
static inline bool bide__is_interrupted(const bide__loop *loop)
{
    return atomic_load_explicit(&loop->host->interrupts, memory_order_relaxed) > loop->interrupts;
}

/* Does what is to be done about one: 0 or KeyboardInterrupt. */
int bide__loop_interrupted(bide__loop *loop);

#endif
