/* stack_pool.h - native stacks with their control blocks, reused last in, first out.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_STACK_POOL_H
#define BIDE_FIBER_STACK_POOL_H

#include <bide/fiber.h>

/* A control block with a stack of at least `size` bytes; only stack, stack_size and color are set.
 * NULL if there is no memory. Belongs to the calling thread. */
bide_fiber *bide__stack_take(size_t size);
/* Gives it back to the pool of the calling thread, which must be the one that took it. */
void bide__stack_give(bide_fiber *fiber);
/* Whether an address lies in the guard page below the fiber's stack, or would if it had one. */
bool bide__stack_is_guard(const bide_fiber *fiber, const void *address);

#endif
