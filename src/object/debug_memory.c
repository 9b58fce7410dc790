/* debug_memory.c - what is counted of memory, and breaking it on purpose.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/debug.h>

#include "object/memory.h"

BIDE__PART(counts);

size_t bide_debug_live(void)
{
    return bide__memory.live;
}

void bide_debug_fail_allocation(size_t n)
{
    bide__memory.failing = n;
    bide__memory.allocations = 0;
}

size_t bide_debug_allocations(void)
{
    return bide__memory.allocations;
}
