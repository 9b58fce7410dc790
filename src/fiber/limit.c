/* limit.c - how many fibers may be live; the pools look at it before they give a stack.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/limit.h"

#include <bide/fiber.h>

size_t bide__fiber_most = BIDE__FIBER_LIMIT;

void bide_fiber_set_limit(size_t fibers)
{
    bide__fiber_most = fibers ? fibers : BIDE__FIBER_LIMIT;
}

size_t bide_fiber_limit(void)
{
    return bide__fiber_most;
}
