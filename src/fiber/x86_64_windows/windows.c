/* windows.c - what start.S takes for granted, and what there is not: an overflow report, because a
 * fault on a full stack has no other to be handled on.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/fiber.h>

#include "fiber/overflow.h"

_Static_assert(offsetof(bide_fiber, stack) == 80, "start.S");
_Static_assert(offsetof(bide_fiber, stack_size) == 88, "start.S");

void bide__overflow_watch(void)
{
}
