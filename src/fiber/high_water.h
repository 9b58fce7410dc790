/* high_water.h - painting stacks, to see later how much of them was used.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_HIGH_WATER_H
#define BIDE_FIBER_HIGH_WATER_H

#include <bide/fiber.h>

/* Whether new fibers are to be painted. */
extern bool bide__stacks_measured;
/* Before the fiber's first resume. */
void bide__stack_paint(bide_fiber *fiber);

#endif
