/* inline.h - coroutines that run on the stack of the one that awaits them (inline.c).
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_OBJECT_INLINE_H
#define BIDE_OBJECT_INLINE_H

#include "object/exec.h"

/* Awaits a fresh coroutine (moves in) as bide_await_at does, on the stack that runs. */
int bide__await_inline(bide__exec *exec, bide__coro *self, const bide_site *site, bide_value *out);

/* The end of a body that is more than a result (resume.c). */
int bide__cold_end(bide__coro *self, int status, bide_value *result);

/* Whether there is nothing more to the end of a body, on the stack of `exec`, that has returned
 * `status` and *result. */
BIDE__INLINE bool bide__ends_plainly(const bide__coro *self, const bide__exec *exec, int status,
                                     const bide_value *result)
{
    bool plain = !BIDE__SMALL && status >= 0 && !bide_failed(*result) && !exec->pending &&
                 !self->deferred && self->kind != BIDE__ASYNC_GENERATOR;
    return __builtin_expect(plain, 1);
}

/* Runs a body on the stack of `exec`, which runs: 0 with its result or BIDE_RAISED, after its
 * deferred calls and with StopIteration converted. Inlined, because on WebAssembly every frame
 * between a resume and a suspend costs. */
BIDE__INLINE int bide__run(bide__coro *self, const bide__exec *exec, bide_value *result)
{
    *result = BIDE_NONE;
    int status = self->body(self->arg, result);
    return bide__ends_plainly(self, exec, status, result) ? BIDE_RETURNED
                                                          : bide__cold_end(self, status, result);
}

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
enum { BIDE__LEAST_RESERVE = BIDE__MOST_RESERVE < 640 ? BIDE__MOST_RESERVE : 640 };

/* How much of a fiber's stack must be left where it suspends. */
static inline size_t bide__reserve(const bide_fiber *fiber)
{
    size_t quarter = fiber->stack_size / 4;
    if (__builtin_expect(quarter > BIDE__MOST_RESERVE, 1))
        return BIDE__MOST_RESERVE;
    return quarter < BIDE__LEAST_RESERVE ? BIDE__LEAST_RESERVE : quarter;
}

/* Whether awaiting `self` may run it on the stack that runs, which is that of `exec`: fresh,
 * reachable by nobody else, and room enough. */
static inline bool bide__can_inline(const bide__exec *exec, const bide__coro *self)
{
    if (self->state != BIDE_CREATED || self->base.refs != 1 || self->kind != BIDE__COROUTINE)
        return false;
    const bide_fiber *fiber = exec->fiber;
    if (fiber != bide__fiber_running)
        return false; /* a fiber of the user's own, in a coroutine */
#if defined(BIDE__FIBER_INLINED)
    return bide__fiber_sp() > exec->floor + fiber->stack_size / 4;
#else
    return bide_fiber_room() > bide__reserve(fiber) + fiber->stack_size / 4;
#endif
}

#endif
