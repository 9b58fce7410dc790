/* high_water.c - how much of its stack a fiber has used: the stack is painted when the fiber is
 * made, and what is no longer as it was painted has been used.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/high_water.h"

#include "fiber/sanitizer.h"

#if defined(__SANITIZE_ADDRESS__) || defined(BIDE__ASAN)
#define UNCHECKED __attribute__((no_sanitize_address))
#else
#define UNCHECKED
#endif

bool bide__stacks_measured;

static const uint64_t PAINT = 0x5bd1e995a7c4f03b;

void bide_fiber_measure_stacks(bool on)
{
    bide__stacks_measured = on;
}

static char *top_of(const bide_fiber *fiber)
{
    return fiber->stack + fiber->stack_size - fiber->color;
}

UNCHECKED void bide__stack_paint(bide_fiber *fiber)
{
    char *top = top_of(fiber);
    bide__valgrind_open(fiber->stack, top);
    for (uint64_t *word = (uint64_t *)(void *)fiber->stack; (char *)word < top; word++)
        *(volatile uint64_t *)word = PAINT;
    fiber->painted = true;
}

UNCHECKED size_t bide_fiber_high_water(const bide_fiber *fiber)
{
    if (!fiber->painted)
        return 0;
    const uint64_t *word = (const uint64_t *)(const void *)fiber->stack;
    const char *top = top_of(fiber);
    bide__valgrind_open(fiber->stack, top);
    while ((const char *)word < top && *(const volatile uint64_t *)word == PAINT)
        word++;
    return (size_t)(top - (const char *)word);
}
