/* bide/fiber_switch.h - resume and suspend for WebAssembly through Asyncify.
 *
 * Both are ordinary calls: Asyncify decides by function what it rewrites, so the two functions
 * that start and stop an unwind must stay functions of their own (asyncify.c).
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_SWITCH_H
#define BIDE_FIBER_SWITCH_H

extern bide_fiber *bide__fiber_running;
int bide__fiber_resume(bide_fiber *fiber);
int bide__fiber_suspend(void);

static inline int bide_fiber_resume(bide_fiber *fiber)
{
    return bide__fiber_resume(fiber);
}

static inline int bide_fiber_suspend(void)
{
    return bide__fiber_suspend();
}

static inline bide_fiber_state bide_fiber_state_of(const bide_fiber *fiber)
{
    return (bide_fiber_state)fiber->state;
}

static inline bide_fiber *bide_fiber_current(void)
{
    return bide__fiber_running;
}

/* Every frame between a resume and a suspend is rolled up and out again, so what leads to them is
 * worth inlining, unless size counts. */
#if !defined(__OPTIMIZE_SIZE__)
#define BIDE__FIBER_INLINED 1
#endif

extern char __global_base; /* the linker's: the program's own stack ends here */

/* The stack pointer of the running fiber: plain C, which cannot be suspended, runs elsewhere. */
static inline char *bide__fiber_sp(void)
{
    char *sp;
    __asm__("global.get __stack_pointer\n\tlocal.set %0" : "=r"(sp));
    return sp <= &__global_base && bide__fiber_running ? (char *)bide__fiber_running->here.sp : sp;
}

/* A function through which no suspend passes. Its name begins with bide__barrier, by which the
 * analysis that says what can suspend (wasm/suspending.mjs) knows it: without such functions, one
 * callback that shares its type with a coroutine's body would make all its callers suspendable.
 * What it calls between bar and unbar is held to it: bide_fiber_suspend answers BIDE_FIBER_EBARRED.
 */
#define BIDE__BARRIER __attribute__((noinline))

static inline void bide__fiber_bar(void)
{
    if (bide__fiber_running)
        bide__fiber_running->barred++;
}

static inline void bide__fiber_unbar(void)
{
    if (bide__fiber_running)
        bide__fiber_running->barred--;
}

#define BIDE__FIBER_ASYNCIFY 1 /* locals are rolled up */
#if defined(__OPTIMIZE__)
#define BIDE__FIBER_RESERVE 512 /* of a fiber's stack for what suspends it; messages need none */
#endif
#define BIDE__FIBER_ONE_THREAD 1   /* there can be no other */
#define BIDE__FIBER_LIMIT SIZE_MAX /* the default; see bide_fiber_set_limit */

#endif
