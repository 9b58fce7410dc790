/* fixed_memory.c - what is asked of native stacks and cannot be had of the blocks that
 * WebAssembly's fibers live in: their memory never goes back, and they are not painted.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/fiber.h>

void bide_fiber_set_pool_limit(size_t stacks)
{
    (void)stacks;
}

void bide_fiber_measure_stacks(bool on)
{
    (void)on;
}

size_t bide_fiber_high_water(const bide_fiber *fiber)
{
    (void)fiber;
    return 0;
}
