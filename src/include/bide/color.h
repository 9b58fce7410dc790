/* bide/color.h - function colour, checked at compile time: which functions may await or yield.
 *
 * Under clang with -Wthread-safety, calling bide_await from a function that is not marked
 * BIDE_ASYNC, or bide_yield from one not marked BIDE_GENERATOR, is diagnosed: Python's
 * SyntaxError, kept. Elsewhere the marks are empty and the run-time check raises RuntimeError.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_COLOR_H
#define BIDE_COLOR_H

#if defined(__clang__)
struct __attribute__((capability("coroutine"))) bide__coroutine_color {
    char unused;
};
struct __attribute__((capability("generator"))) bide__generator_color {
    char unused;
};
/* Never defined: they exist for the analysis only. */
extern struct bide__coroutine_color bide__coroutine;
extern struct bide__generator_color bide__generator;

/* async def: the function may await. */
#define BIDE_ASYNC __attribute__((requires_capability(bide__coroutine)))
/* A generator function: it may yield. */
#define BIDE_GENERATOR __attribute__((requires_capability(bide__generator)))
/* An async generator function: it may do both. */
#define BIDE_ASYNC_GENERATOR BIDE_ASYNC BIDE_GENERATOR
#define BIDE__NOT_ASYNC __attribute__((locks_excluded(bide__coroutine)))
#define BIDE__UNCOLORED __attribute__((no_thread_safety_analysis))
#else
#define BIDE_ASYNC
#define BIDE_GENERATOR
#define BIDE_ASYNC_GENERATOR
#define BIDE__NOT_ASYNC
#define BIDE__UNCOLORED
#endif

#endif
