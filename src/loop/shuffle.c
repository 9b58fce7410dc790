/* shuffle.c - an iteration's batch in a random order that keeps what has a specified one.
 *
 * What must stay in order among itself is a lane: the callbacks of one future, those who wait in
 * one line, and all call_soon and call_later callbacks together. Everything else is a lane by
 * itself. The batch is shuffled as a whole, and then each lane put in order in the places it got.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/shuffle.h"

#include <stdlib.h>

#include "loop/park.h"
#include "object/exec.h"
#include "object/memory.h"

struct entry {
    bide__ready *ready;
    const void *lane;
    size_t place; /* in the batch; in a sorted array, at a lane's first: how many were taken */
};

void bide__shuffle_from(bide__loop *loop, uint64_t seed)
{
    loop->shuffled = true;
    loop->random = seed;
}

/* SplitMix64: every seed gives a good sequence, also 0 and neighbours. */
uint64_t bide__random(bide__loop *loop)
{
    uint64_t z = loop->random += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static const void *lane_of(bide__ready *ready)
{
    static const char handles;
    const bide__callback *callback = bide__callback_of(ready);
    const bide__task *task = bide__task_of_ready(ready);
    if (bide__ready_is_handle(ready))
        return &handles;
    if (callback)
        return bide__future_lane(callback->future);
    bool in_line = task && task->parking && task->parking->on;
    return in_line ? task->parking->on : (const void *)ready;
}

static int by_lane(const void *first, const void *second)
{
    const struct entry *a = first, *b = second;
    if (a->lane != b->lane)
        return (uintptr_t)a->lane < (uintptr_t)b->lane ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

/* The first entry of that lane. */
static struct entry *first_of(struct entry *sorted, size_t count, const void *lane)
{
    size_t low = 0;
    while (count > 1) {
        size_t half = count / 2;
        if ((uintptr_t)sorted[low + half - 1].lane < (uintptr_t)lane) {
            low += half;
            count -= half;
        } else {
            count = half;
        }
    }
    return &sorted[low];
}

static size_t fill(struct entry *entries, bide__ready *batch)
{
    size_t count = 0;
    for (bide__ready *at = batch; at; at = at->next, count++)
        entries[count] = (struct entry){at, lane_of(at), count};
    return count;
}

/* Links them in the order that `shuffled` gives to lanes and `sorted` within each. */
static bide__ready *link_up(const struct entry *shuffled, struct entry *sorted, size_t count)
{
    bide__ready *first = NULL, **end = &first;
    for (size_t i = 0; i < count; i++)
        sorted[i].place = 0;
    for (size_t i = 0; i < count; i++) {
        struct entry *lane = first_of(sorted, count, shuffled[i].lane);
        *end = lane[lane->place++].ready;
        end = &(*end)->next;
    }
    *end = NULL;
    return first;
}

bide__ready *bide__shuffle(bide__loop *loop, bide__ready *batch)
{
    size_t count = 0;
    for (const bide__ready *at = batch; at; at = at->next)
        count++;
    if (count < 2)
        return batch;
    struct entry *sorted = bide__alloc(2 * count * sizeof *sorted), *shuffled = sorted + count;
    if (!sorted) {
        bide_error_clear();
        return batch;
    }
    fill(sorted, batch);
    fill(shuffled, batch);
    qsort(sorted, count, sizeof *sorted, by_lane);
    for (size_t i = count; i > 1; i--) {
        size_t other = (size_t)(bide__random(loop) % i);
        struct entry moved = shuffled[other];
        shuffled[other] = shuffled[i - 1];
        shuffled[i - 1] = moved;
    }
    batch = link_up(shuffled, sorted, count);
    bide__free(sorted);
    return batch;
}
