/* timers.c - a binary heap of deadlines; equal ones leave it in order of creation.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/loop.h"
#include "loop/shuffle.h"

#include "object/memory.h"

static bool before(const bide__timer *a, const bide__timer *b)
{
    return a->when != b->when ? a->when < b->when : a->sequence < b->sequence;
}

static void put(bide__loop *loop, size_t place, bide__timer *timer)
{
    loop->timers[place] = timer;
    timer->place = place;
}

static void rise(bide__loop *loop, size_t place, bide__timer *timer)
{
    while (place > 1 && before(timer, loop->timers[place / 2])) {
        put(loop, place, loop->timers[place / 2]);
        place /= 2;
    }
    put(loop, place, timer);
}

static void sink(bide__loop *loop, size_t place, bide__timer *timer)
{
    size_t child;
    while ((child = place * 2) <= loop->timer_count) {
        if (child < loop->timer_count && before(loop->timers[child + 1], loop->timers[child]))
            child++;
        if (!before(loop->timers[child], timer))
            break;
        put(loop, place, loop->timers[child]);
        place = child;
    }
    put(loop, place, timer);
}

int bide__timer_start(bide__loop *loop, bide__timer *timer, int64_t when)
{
    if (loop->timer_count + 1 >= loop->timer_room) {
        size_t room = loop->timer_room ? loop->timer_room * 2 : 16;
        bide__timer **larger = bide__realloc(loop->timers, room * sizeof *larger);
        if (!larger)
            return BIDE_RAISED;
        loop->timers = larger;
        loop->timer_room = room;
    }
    timer->when = when;
    timer->sequence = loop->shuffled ? bide__random(loop) : loop->sequence++;
    loop->timer_count++;
    rise(loop, loop->timer_count, timer);
    return 0;
}

void bide__timer_stop(bide__loop *loop, bide__timer *timer)
{
    size_t place = timer->place;
    if (!place)
        return;
    timer->place = 0;
    bide__timer *last = loop->timers[loop->timer_count--];
    if (last == timer)
        return;
    if (place > 1 && before(last, loop->timers[place / 2]))
        rise(loop, place, last);
    else
        sink(loop, place, last);
}

int64_t bide__timers_next(const bide__loop *loop)
{
    return loop->timer_count ? loop->timers[1]->when : BIDE_NEVER;
}

void bide__timers_expire(bide__loop *loop)
{
    while (loop->timer_count && loop->timers[1]->when <= loop->now) {
        bide__timer *timer = loop->timers[1];
        bide__timer_stop(loop, timer);
        bide__loop_soon(loop, &timer->ready);
    }
}
