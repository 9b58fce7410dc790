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

static inline bide_fiber *bide_fiber_current(void)
{
    return bide__fiber_running;
}

#endif
