/* bide/fiber_switch.h - the switch for x86-64 Windows (GCC and clang), inlined where it is called.
 *
 * As on System V, but for what Windows wants to know of the running stack: its bounds stand in the
 * thread's information block, where stack probes and exceptions look for them. This side's are
 * pushed (there is no red zone) before it is parked, and popped when it continues; start.S sets
 * those of a new fiber.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_SWITCH_H
#define BIDE_FIBER_SWITCH_H

#include <bide/fiber_x86_64.h>

/* StackBase, StackLimit, DeallocationStack */
#define BIDE__PUSH_BOUNDS                                                                          \
    "pushq %%gs:0x08\n\t"                                                                          \
    "pushq %%gs:0x10\n\t"                                                                          \
    "pushq %%gs:0x1478\n\t"
#define BIDE__POP_BOUNDS                                                                           \
    "popq %%gs:0x1478\n\t"                                                                         \
    "popq %%gs:0x10\n\t"                                                                           \
    "popq %%gs:0x08\n\t"

#define BIDE__FIBER_SWITCH(park_sp, side)                                                          \
    BIDE__X86_64_SWITCH(park_sp, side, BIDE__PUSH_BOUNDS, BIDE__POP_BOUNDS)

#define BIDE__FIBER_SMALLEST_STACK 8192 /* exceptions are delivered on the stack itself */
#define BIDE__FIBER_RESERVE 4096

#include <bide/fiber_native.h>

#endif
