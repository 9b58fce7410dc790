/* timers.c - a heap of deadlines; equal ones leave it in order of creation.
 *
 * Every entry has four children, which lie side by side, so that a heap of many is shallow. A
 * timer is known to it by the number of a slot, where its place in the heap is noted.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/loop.h"
#include "loop/shuffle.h"

#include "object/memory.h"

enum { ARITY = 4, FIRST_ROOM = 16 };

static bool before(const bide__due *a, const bide__due *b)
{
    return a->when != b->when ? a->when < b->when : a->order < b->order;
}

static void put(bide__timers *timers, size_t place, const bide__due *due)
{
    timers->heap[place] = *due;
    timers->slots[due->slot].place = place;
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
    while ((child = place * ARITY + 1) < timers->count) {
        size_t end = child + ARITY < timers->count ? child + ARITY : timers->count;
        size_t first = child;
        while (++child < end)
            if (before(&timers->heap[child], &timers->heap[first]))
                first = child;
        put(timers, place, &timers->heap[first]);
        place = first;
    }
    return place;
}

static int grow(bide__timers *timers)
{
    size_t from = timers->room, room = from ? from * 2 : FIRST_ROOM;
    bide__due *heap = bide__array_grow(timers->heap, from * sizeof *heap, room * sizeof *heap);
    if (!heap)
        return BIDE_RAISED;
    timers->heap = heap;
    bide__timer_slot *slots = timers->slots;
    slots = bide__array_grow(slots, (from + 1) * sizeof *slots, (room + 1) * sizeof *slots);
    if (!slots)
        return BIDE_RAISED;
    timers->slots = slots;
    timers->room = room;
    return 0;
}

static size_t take_slot(bide__timers *timers)
{
    size_t slot = timers->free_slot;
    if (!slot)
        return ++timers->slots_used;
    timers->free_slot = timers->slots[slot].place;
    return slot;
}

int bide__timer_start(bide__loop *loop, bide__timer *timer, int64_t when)
{
    bide__timers *timers = &loop->timers;
    if (timers->count == timers->room && grow(timers) < 0)
        return BIDE_RAISED;
    timer->when = when;
    timer->slot = take_slot(timers);
    timers->slots[timer->slot].timer = timer;
    uint64_t order = loop->shuffled ? bide__random(loop) : loop->sequence++;
    rise(timers, timers->count++, &(bide__due){when, order, timer->slot});
    return 0;
}

/* Takes out what is at `place`: its timer, which no longer waits. */
static bide__timer *take(bide__timers *timers, size_t place)
{
    size_t slot = timers->heap[place].slot;
    bide__timer *timer = timers->slots[slot].timer;
    bide__due last = timers->heap[--timers->count];
    if (place < timers->count)
        rise(timers, sink(timers, place), &last);
    timers->slots[slot].place = timers->free_slot;
    timers->free_slot = slot;
    timer->slot = 0;
    return timer;
}

void bide__timer_stop(bide__loop *loop, bide__timer *timer)
{
    if (timer->slot)
        take(&loop->timers, loop->timers.slots[timer->slot].place);
}

int64_t bide__timers_next(const bide__loop *loop)
{
    return loop->timers.count ? loop->timers.heap[0].when : BIDE_NEVER;
}

const bide__timer *bide__timers_at(const bide__loop *loop, size_t index)
{
    const bide__timers *timers = &loop->timers;
    return index < timers->count ? timers->slots[timers->heap[index].slot].timer : NULL;
}

void bide__timers_expire(bide__loop *loop)
{
    while (bide__timers_next(loop) <= loop->now && loop->timers.count)
        bide__loop_soon(loop, &take(&loop->timers, 0)->ready);
}

void bide__timers_free(bide__loop *loop)
{
    bide__timers *timers = &loop->timers;
    bide__array_free(timers->heap, timers->room * sizeof *timers->heap);
    bide__array_free(timers->slots, (timers->room + 1) * sizeof *timers->slots);
    *timers = (bide__timers){0};
}
