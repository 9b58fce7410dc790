/* native.h - the first function on a fiber's stack, which start.S or its like reaches.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_NATIVE_MAIN_H
#define BIDE_FIBER_NATIVE_MAIN_H

/* Entered by the first resume, with sp at the top of the fresh stack. Each backend has one. */
void bide__fiber_start(void);
/* Where it leads. */
__attribute__((noreturn)) void bide__fiber_main(bide_fiber *self);

#endif
