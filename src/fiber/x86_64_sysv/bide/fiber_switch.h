/* bide/fiber_switch.h - the switch for x86-64 System V, inlined where it is called.
 *
 * It pushes nothing, so the red zone stays untouched. It knows nothing of shadow stacks
 * (-fcf-protection=return): start.S keeps a program from being marked as one that could run on
 * them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_SWITCH_H
#define BIDE_FIBER_SWITCH_H

#include <bide/fiber_x86_64.h>

#define BIDE__FIBER_SWITCH(park_sp, side) BIDE__X86_64_SWITCH(park_sp, side, "", "")

#define BIDE__FIBER_SMALLEST_STACK 4096

#include <bide/fiber_native.h>

#endif
