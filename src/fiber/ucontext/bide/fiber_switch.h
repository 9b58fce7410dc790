/* bide/fiber_switch.h - the switch where nothing better is known: swapcontext, an ordinary call.
 *
 * Unlike the others it switches the signal mask, at the cost of two system calls.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_SWITCH_H
#define BIDE_FIBER_SWITCH_H

/* Parks this side in fiber->here and continues the other, which was parked there: the fiber's, or
 * the resumer's. */
bide_fiber *bide__fiber_enter(bide_fiber *fiber, void *sp, const void *ip);
void bide__fiber_leave(bide_fiber *fiber, void *sp, const void *ip);
/* Continues the one who resumed the fiber, and leaves nothing behind. */
__attribute__((noreturn)) void bide__fiber_quit(const bide_fiber *fiber);

/* The context of either side is kept on its stack, and is as large as 4.5 KiB. */
#define BIDE__FIBER_SMALLEST_STACK 16384
#define BIDE__FIBER_RESERVE 6144

#include <bide/fiber_native.h>

#endif
