/* bide/fiber_switch.h - resume and suspend for WebAssembly through the stack-switching proposal.
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

extern char __global_base; /* the linker's: the program's own stack ends here */

/* For a backend that cannot suspend through every function. */
#define BIDE__BARRIER

static inline void bide__fiber_bar(void)
{
}

static inline void bide__fiber_unbar(void)
{
}

#if defined(__OPTIMIZE__)
#define BIDE__FIBER_RESERVE 512 /* of a fiber's stack for what suspends it; messages need none */
#endif
#define BIDE__FIBER_ONE_THREAD 1 /* there can be no other */
#define BIDE__FIBER_LIMIT 8192   /* the default; see bide_fiber_set_limit */

#endif
