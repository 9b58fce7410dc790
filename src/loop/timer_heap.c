/* timer_heap.c - a heap of deadlines; equal ones leave it in order of creation.
 *
 * Every entry has four children, which lie side by side, so that a heap of many is shallow. It
 * holds all that its order depends on, and notes in each group's first block where that stands.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/loop.h"

enum { ARITY = 4 };

static bool before(const bide__due *a, const bide__due *b)
{
    return a->when != b->when ? a->when < b->when : a->order < b->order;
}

static void put(bide__timers *timers, size_t place, const bide__due *due)
{
    timers->heap[place] = *due;
    timers->blocks[due->group].place = (uint32_t)place;
}

/* Puts `due` at `place`, which is empty, or above it. */
static void rise(bide__timers *timers, size_t place, const bide__due *due)
{
    while (place > 0) {
        size_t parent = (place - 1) / ARITY;
        if (!before(due, &timers->heap[parent]))
            break;
        put(timers, place, &timers->heap[parent]);
        place = parent;
    }
    put(timers, place, due);
}

/* Moves the empty place down to the last level: where it is then. */
static size_t sink(bide__timers *timers, size_t place)
{
    size_t child;
    while ((child = place * ARITY + 1) < timers->groups) {
        size_t end = child + ARITY < timers->groups ? child + ARITY : timers->groups;
        size_t first = child;
        while (++child < end)
            if (before(&timers->heap[child], &timers->heap[first]))
                first = child;
        put(timers, place, &timers->heap[first]);
        place = first;
    }
    return place;
}

void bide__timer_heap_add(bide__timers *timers, const bide__due *due)
{
    rise(timers, timers->groups++, due);
}

void bide__timer_heap_take(bide__timers *timers, size_t place)
{
    bide__due last = timers->heap[--timers->groups];
    if (place < timers->groups)
        rise(timers, sink(timers, place), &last);
}
