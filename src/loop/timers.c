/* timers.c - starting, stopping and expiring timers, in groups of equal deadlines.
 *
 * As the clock stands still in an iteration, those that wait equally long from there on have the
 * same deadline, and then starting one and taking it out again costs no walk through the heap. A
 * deadline is looked for among groups that were begun lately; one that is not found there gets a
 * group of its own, which is later in the heap: the order is by creation all the same.
 *
 * Timers lie on the stacks of who sleeps, of which there may be many, all cold: they are not looked
 * at before they are due.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/loop.h"
#include "loop/shuffle.h"

#include "object/memory.h"

enum {
    FIRST_ROOM = 16,
    MOST_DEAD = 16, /* how many more of a group may have been stopped than wait in it */
    AHEAD = 3,      /* how many blocks before it is their turn their timers are fetched */
};

/* --- blocks ------------------------------------------------------------------------- */

/* `array`, for twice as many elements of `size` bytes as the `room` that there is; NULL with
 * MemoryError, and then it is as it was. */
static void *twice(void *array, uint32_t *room, size_t size)
{
    uint32_t more = *room ? *room * 2 : FIRST_ROOM;
    void *larger = bide__array_grow(array, *room * size, more * size);
    if (larger)
        *room = more;
    return larger;
}

static int grow_heap(bide__timers *timers)
{
    bide__due *heap = twice(timers->heap, &timers->heap_room, sizeof *heap);
    if (!heap)
        return BIDE_RAISED;
    timers->heap = heap;
    return 0;
}

static int grow_blocks(bide__timers *timers)
{
    bool first = timers->blocks_room == 0;
    bide__timer_block *blocks = twice(timers->blocks, &timers->blocks_room, sizeof *blocks);
    if (!blocks)
        return BIDE_RAISED;
    if (first)
        blocks[0] = (bide__timer_block){0};
    timers->blocks = blocks;
    return 0;
}

/* A free block, or 0 with MemoryError. The others may be elsewhere after that. */
static uint32_t take_block(bide__timers *timers)
{
    uint32_t block = timers->free_block;
    if (block) {
        timers->free_block = timers->blocks[block].next;
        return block;
    }
    if (timers->blocks_used + 1 >= timers->blocks_room && grow_blocks(timers) < 0)
        return 0;
    return ++timers->blocks_used;
}

static void give_block(bide__timers *timers, uint32_t number)
{
    bide__timer_block *block = &timers->blocks[number];
    block->used = block->group = 0;
    block->next = timers->free_block;
    timers->free_block = number;
}

/* --- groups ------------------------------------------------------------------------- */

static uint32_t hash_of(int64_t when)
{
    return (uint32_t)((uint64_t)when * 0x9e3779b97f4a7c15u >> 32);
}

/* The newest group of that deadline that is noted, or 0. A group of which most were stopped gets no
 * more, so that those who go on starting and stopping while the clock stands take no more memory
 * than a few times what waits. */
static uint32_t find_group(const bide__timers *timers, int64_t when)
{
    uint32_t hash = hash_of(when);
    const struct bide__known_group *known = timers->known[hash % BIDE__KNOWN_SETS];
    for (unsigned i = 0; i < BIDE__KNOWN_WAYS; i++) {
        uint32_t group = known[i].group;
        if (known[i].hash != hash || !group)
            continue;
        const bide__timer_block *first = &timers->blocks[group];
        if (first->group == group && timers->heap[first->place].when == when)
            return first->dead <= first->live + MOST_DEAD ? group : 0;
    }
    return 0;
}

static void note_group(bide__timers *timers, int64_t when, uint32_t group)
{
    uint32_t hash = hash_of(when);
    struct bide__known_group *known = timers->known[hash % BIDE__KNOWN_SETS];
    for (unsigned i = BIDE__KNOWN_WAYS - 1; i > 0; i--)
        known[i] = known[i - 1];
    known[0] = (struct bide__known_group){hash, group};
}

/* A group without timers, or 0 with MemoryError. */
static uint32_t begin_group(bide__loop *loop, int64_t when)
{
    bide__timers *timers = &loop->timers;
    if (timers->groups == timers->heap_room && grow_heap(timers) < 0)
        return 0;
    uint32_t group = take_block(timers);
    if (!group)
        return 0;
    timers->blocks[group] = (bide__timer_block){.group = group, .last = group};
    uint64_t order = loop->shuffled ? bide__random(loop) : loop->sequence++;
    bide__timer_heap_add(timers, &(bide__due){when, order, group});
    note_group(timers, when, group);
    return group;
}

/* The group's last block, in which there is room; 0 with MemoryError. */
static uint32_t block_for_next(bide__timers *timers, uint32_t group)
{
    uint32_t last = timers->blocks[group].last;
    if (timers->blocks[last].used < BIDE__BLOCK_TIMERS)
        return last;
    uint32_t block = take_block(timers);
    if (!block)
        return 0;
    timers->blocks[block] = (bide__timer_block){.group = group};
    timers->blocks[last].next = block;
    return timers->blocks[group].last = block;
}

/* Its timers do not wait any more. */
static void end_group(bide__timers *timers, uint32_t group)
{
    bide__timer_heap_take(timers, timers->blocks[group].place);
    for (uint32_t block = group, next; block; block = next) {
        next = timers->blocks[block].next;
        give_block(timers, block);
    }
}

/* --- timers ------------------------------------------------------------------------- */

int bide__timer_start(bide__loop *loop, bide__timer *timer, int64_t when)
{
    bide__timers *timers = &loop->timers;
    timer->when = when;
    timer->block = 0;
    /* Shuffled, each has a random order of its own. */
    uint32_t group = loop->shuffled || !timers->count ? 0 : find_group(timers, when);
    if (!group && !(group = begin_group(loop, when)))
        return BIDE_RAISED;
    uint32_t number = block_for_next(timers, group);
    if (!number)
        return BIDE_RAISED;
    bide__timer_block *block = &timers->blocks[number];
    timer->block = number;
    timer->index = block->used++;
    block->timers[timer->index] = timer;
    timers->blocks[group].live++;
    timers->count++;
    return 0;
}

void bide__timer_stop(bide__loop *loop, bide__timer *timer)
{
    bide__timers *timers = &loop->timers;
    if (!timer->block)
        return;
    bide__timer_block *block = &timers->blocks[timer->block];
    bide__timer_block *first = &timers->blocks[block->group];
    block->timers[timer->index] = NULL;
    first->dead++;
    timer->block = 0;
    timers->count--;
    if (--first->live == 0)
        end_group(timers, block->group);
}

int64_t bide__timers_next(const bide__loop *loop)
{
    return loop->timers.count ? loop->timers.heap[0].when : BIDE_NEVER;
}

/* Makes a block's timers ready. */
static void expire_block(bide__loop *loop, const bide__timer_block *block)
{
    for (uint32_t i = 0; i < block->used; i++) {
        bide__timer *timer = block->timers[i];
        if (!timer)
            continue;
        timer->block = 0;
        bide__loop_soon(loop, &timer->ready);
    }
}

static void expire_group(bide__loop *loop, uint32_t group)
{
    const bide__timer_block *blocks = loop->timers.blocks;
    uint32_t ahead = group;
    for (unsigned i = 0; i < AHEAD; i++)
        ahead = blocks[ahead].next;
    for (uint32_t at = group; at; at = blocks[at].next, ahead = blocks[ahead].next) {
        for (uint32_t i = 0; i < blocks[ahead].used; i++)
            __builtin_prefetch(blocks[ahead].timers[i], 1);
        expire_block(loop, &blocks[at]);
    }
}

void bide__timers_expire(bide__loop *loop)
{
    bide__timers *timers = &loop->timers;
    while (timers->count && timers->heap[0].when <= loop->now) {
        uint32_t group = timers->heap[0].group;
        timers->count -= timers->blocks[group].live;
        expire_group(loop, group);
        end_group(timers, group);
    }
}

void bide__timers_free(bide__loop *loop)
{
    bide__timers *timers = &loop->timers;
    bide__array_free(timers->heap, timers->heap_room * sizeof *timers->heap);
    bide__array_free(timers->blocks, timers->blocks_room * sizeof *timers->blocks);
    *timers = (bide__timers){0};
}
