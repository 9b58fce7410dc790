/* inline.h - coroutines that run on the stack of the one that awaits them (inline.c).
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_OBJECT_INLINE_H
#define BIDE_OBJECT_INLINE_H

#include "object/exec.h"

/* Whether awaiting `self` may run it here: fresh, reachable by nobody else, and room enough. */
bool bide__can_inline(const bide__coro *self);
/* Runs it: `self` moves in. */
int bide__await_inline(bide__exec *exec, bide__coro *self, bide_value *out);

extern _Atomic unsigned bide__recursion_limit;
/* RecursionError: `self` runs too many awaits deep. */
int bide__refuse_level(const bide__coro *self);

/* Raises it, if so. */
static inline int bide__check_level(const bide__coro *self)
{
    return __builtin_expect(self->level > bide__recursion_limit, 0) ? bide__refuse_level(self) : 0;
}

/* The stack that is kept for raising RecursionError: C libraries take 2.5 to 3 KB to format its
 * message, the sanitizers' stand-ins for them much more. Small stacks cannot spare as much. */
#if defined(BIDE__FIBER_SANITIZED)
enum { BIDE__MOST_RESERVE = 16 * 1024 };
#elif defined(BIDE__FIBER_RESERVE)
enum { BIDE__MOST_RESERVE = BIDE__FIBER_RESERVE };
#else
enum { BIDE__MOST_RESERVE = 3072 };
#endif
enum { BIDE__LEAST_RESERVE = 640 };

/* How much of a fiber's stack must be left where it suspends. */
static inline size_t bide__reserve(const bide_fiber *fiber)
{
    size_t quarter = fiber->stack_size / 4;
    if (__builtin_expect(quarter > BIDE__MOST_RESERVE, 1))
        return BIDE__MOST_RESERVE;
    return quarter < BIDE__LEAST_RESERVE ? BIDE__LEAST_RESERVE : quarter;
}

#endif
