/* stack_pool.h - native stacks with their control blocks, reused last in, first out.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_STACK_POOL_H
#define BIDE_FIBER_STACK_POOL_H

#include <bide/fiber.h>

#include "fiber/limit.h"

enum {
    BIDE__STACK_MIN_SHIFT = 12, /* 4 KiB */
    BIDE__STACK_CLASSES = 20,   /* up to 2 GiB, doubling */
};

/* What a fiber's life touches of the calling thread's pool. */
struct bide__stack_pool {
    bide_fiber *free[BIDE__STACK_CLASSES]; /* by size, linked by resumer; were used before */
    size_t warm;                           /* how many are in those lists */
};

#if defined(__ELF__)
__attribute__((tls_model("initial-exec"), visibility("hidden")))
#endif
extern BIDE__THREAD_LOCAL struct bide__stack_pool bide__stack_pool;
extern size_t bide__stack_pool_limit;       /* the most that may be in `free` lists */
extern _Atomic size_t bide__stack_smallest; /* bytes, a power of two; right once there is a slab */

/* A control block with a stack of at least `size` bytes; only thread, stack, stack_size and color
 * are set. NULL if there is no memory. Belongs to the calling thread. */
__attribute__((cold)) bide_fiber *bide__stack_take(size_t size);
/* Gives all of it back to the system but its address space. */
__attribute__((cold)) void bide__stack_release(bide_fiber *fiber);
/* Whether an address lies in the guard page below the fiber's stack, or would if it had one. */
bool bide__stack_is_guard(const bide_fiber *fiber, const void *address);

/* The smallest class that holds `size`, which is at least 1; BIDE__STACK_CLASSES or more if there
 * is none. */
static inline unsigned bide__stack_class(size_t size)
{
    size_t bits = (size - 1) | (bide__stack_smallest - 1);
    return 64 - BIDE__STACK_MIN_SHIFT - (unsigned)__builtin_clzll(bits);
}

/* The same from those that were used before; NULL if it takes more than that. */
static inline bide_fiber *bide__stack_reuse(size_t size)
{
    struct bide__stack_pool *pool = &bide__stack_pool;
    unsigned class = bide__stack_class(size);
    if (class >= BIDE__STACK_CLASSES || bide__fiber_most != BIDE__FIBER_LIMIT)
        return NULL;
    bide_fiber *fiber = pool->free[class];
    if (fiber) {
        pool->free[class] = fiber->resumer;
        pool->warm--;
    }
    return fiber;
}

/* Gives it back to the pool of the calling thread, which must be the one that took it. */
static inline void bide__stack_give(bide_fiber *fiber)
{
    struct bide__stack_pool *pool = &bide__stack_pool;
    unsigned class = (unsigned)__builtin_ctzll(fiber->stack_size) - BIDE__STACK_MIN_SHIFT;
    fiber->here.ip = NULL;
    fiber->state = BIDE_FIBER_DONE;
    if (__builtin_expect(pool->warm >= bide__stack_pool_limit, 0)) {
        bide__stack_release(fiber);
        return;
    }
    fiber->resumer = pool->free[class];
    pool->free[class] = fiber;
    pool->warm++;
}

#endif
