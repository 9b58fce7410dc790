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

_Static_assert(BIDE__STACK_MIN_SHIFT + BIDE__STACK_CLASSES <= 32, "bide_fiber's stack_size");

/* What a fiber's life touches of the calling thread's pool. */
struct bide__stack_pool {
    /* By size, linked by resumer; were used before. The last one, of impossible sizes, is empty. */
    bide_fiber *free[BIDE__STACK_CLASSES + 1];
    size_t warm; /* how many are in those lists */
};

#if defined(__ELF__) /* with its address in a register a life takes 0.9 of the time */
__attribute__((tls_model("initial-exec"), visibility("hidden")))
#endif
extern BIDE__THREAD_LOCAL struct bide__stack_pool bide__stack_pool;
extern size_t bide__stack_pool_limit; /* the most that may be in `free` lists */

/* A control block with a stack of that class; only thread, stack, stack_size and color are set.
 * NULL if there is no memory. Belongs to the calling thread. */
__attribute__((cold)) bide_fiber *bide__stack_take(unsigned class);
/* Fetches the first bytes of the stack that is taken after the next one, and the control block of
 * the one after that. */
void bide__stack_expect(unsigned class);
/* Gives all of it back to the system but its address space. */
__attribute__((cold)) void bide__stack_release(bide_fiber *fiber);
/* Whether an address that faults lies in the guard below the fiber's stack, or so far beyond that a
 * large frame has stepped over it. */
bool bide__stack_is_guard(const bide_fiber *fiber, const void *address);

/* The smallest class that holds `size`, which is at least 1; BIDE__STACK_CLASSES if there is none.
 */
unsigned bide__stack_class(size_t size);

/* The same for a class, from those that were used before; NULL if it takes more than that. */
static inline bide_fiber *bide__stack_reuse(unsigned class)
{
    struct bide__stack_pool *pool = &bide__stack_pool;
    bide_fiber *fiber = pool->free[class];
    if (__builtin_expect(!fiber || bide__fiber_most != BIDE__FIBER_LIMIT, 0))
        return NULL;
    pool->free[class] = fiber->resumer;
    pool->warm--;
    return fiber;
}

/* The class of its stack. */
static inline unsigned bide__stack_class_of(const bide_fiber *fiber)
{
    return (unsigned)__builtin_ctz(fiber->stack_size) - BIDE__STACK_MIN_SHIFT;
}

static inline bool bide__stack_is_of(const bide_fiber *fiber, unsigned class)
{
    return fiber->stack_size == (uint32_t)1 << (class + BIDE__STACK_MIN_SHIFT);
}

/* Gives it back, its fiber being done, to the pool of the calling thread, which must be the one
 * that took it. `class` is its own. */
static inline void bide__stack_give(bide_fiber *fiber, unsigned class)
{
    struct bide__stack_pool *pool = &bide__stack_pool;
    if (__builtin_expect(pool->warm >= bide__stack_pool_limit, 0)) {
        bide__stack_release(fiber);
        return;
    }
    fiber->resumer = pool->free[class];
    pool->free[class] = fiber;
    pool->warm++;
}

#endif
