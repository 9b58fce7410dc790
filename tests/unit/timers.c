/* Timers beside a list that is searched: random ones with few deadlines and with many are started,
 * stopped and expired, and leave by deadline, then creation. What is stopped takes no memory for
 * long, and what cannot be started without memory is not started.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "loop/loop.h"

enum { MOST = 2000 };

/* What is known of a timer besides: when it was started, the clock being a count; 0: it waits not.
 */
static struct entry {
    bide__timer timer;
    unsigned long started;
} entries[MOST];

static unsigned long starts;
static uint32_t random_state;

static uint32_t random_below(uint32_t end)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % end;
}

static void nothing(bide__ready *ready, bide__loop *loop)
{
    (void)ready;
    (void)loop;
}

static void start(bide__loop *loop, size_t i, int64_t when)
{
    entries[i].timer.ready.run = nothing;
    CHECK_INT(bide__timer_start(loop, &entries[i].timer, when), 0);
    CHECK(entries[i].timer.block != 0);
    entries[i].started = ++starts;
}

static void stop(bide__loop *loop, size_t i)
{
    bide__timer_stop(loop, &entries[i].timer);
    CHECK_INT(entries[i].timer.block, 0);
    entries[i].started = 0;
}

/* The one that is due first, or NULL. */
static struct entry *first_of(size_t count)
{
    struct entry *first = NULL;
    for (size_t i = 0; i < count; i++) {
        struct entry *at = &entries[i];
        if (!at->started)
            continue;
        if (!first || at->timer.when < first->timer.when ||
            (at->timer.when == first->timer.when && at->started < first->started))
            first = at;
    }
    return first;
}

static void check_next(bide__loop *loop, size_t count)
{
    const struct entry *first = first_of(count);
    CHECK_INT(bide__timers_next(loop), first ? first->timer.when : BIDE_NEVER);
}

/* Each that waits is counted. */
static void check_count(const bide__loop *loop, size_t count)
{
    size_t waiting = 0;
    for (size_t i = 0; i < count; i++)
        waiting += entries[i].started != 0;
    CHECK_INT((int64_t)loop->timers.count, (int64_t)waiting);
}

static void expire(bide__loop *loop, size_t count, int64_t now)
{
    loop->now = now;
    bide__timers_expire(loop);
    for (bide__ready *ready = loop->ready; ready; ready = ready->next) {
        struct entry *first = first_of(count);
        CHECK(first && ready == &first->timer.ready && first->timer.when <= now);
        if (!first)
            break;
        CHECK_INT(first->timer.block, 0);
        first->started = 0;
    }
    loop->ready = NULL;
    loop->ready_end = &loop->ready;
    const struct entry *left = first_of(count);
    CHECK(!left || left->timer.when > now);
}

static bide__loop *open_loop(void)
{
    memset(entries, 0, sizeof entries);
    bide__loop *loop = bide__loop_of(bide_loop());
    CHECK(loop != NULL);
    return loop;
}

/* `count` timers with one of `deadlines` deadlines ahead of the clock, or behind it. */
static void play(size_t count, uint32_t deadlines, int steps)
{
    bide__loop *loop = open_loop();
    int64_t now = 0;
    for (int i = 0; i < steps; i++) {
        size_t at = random_below((uint32_t)count);
        uint32_t what = random_below(16);
        if (what == 0)
            expire(loop, count, now += random_below(deadlines / 4 + 2));
        else if (entries[at].started)
            stop(loop, at);
        else
            start(loop, at, now - 2 + random_below(deadlines));
        check_next(loop, count);
        if (i % 16 == 0)
            check_count(loop, count);
    }
    expire(loop, count, INT64_MAX);
    check_count(loop, count);
    bide_drop(bide_object_value(loop));
}

static void test_random_timers(void)
{
    random_state = 1;
    play(8, 3, 3000);
    play(60, 4, 4000);
    play(200, 12, 4000);
    play(200, 5000, 4000);
}

/* As many deadlines at once as are not noted any more, in turn. */
static void test_many_deadlines_in_turn(void)
{
    bide__loop *loop = open_loop();
    for (size_t i = 0; i < MOST; i++)
        start(loop, i, (int64_t)(i % 900));
    check_count(loop, MOST);
    for (size_t i = 0; i < MOST; i += 3)
        stop(loop, i);
    for (size_t i = 0; i < MOST; i += 6)
        start(loop, i, (int64_t)(i % 900));
    expire(loop, MOST, 400);
    expire(loop, MOST, 900);
    check_count(loop, MOST);
    bide_drop(bide_object_value(loop));
}

/* Equal deadlines share a group. */
static void test_groups(void)
{
    bide__loop *loop = open_loop();
    for (size_t i = 0; i < 1000; i++)
        start(loop, i, (int64_t)(i % 100));
    CHECK(loop->timers.groups <= 110);
    expire(loop, 1000, 100);
    CHECK_INT((int64_t)loop->timers.groups, 0);
    bide_drop(bide_object_value(loop));
}

/* One waits, and beside it others start and stop with the same deadline, one or several at a time.
 */
static void test_what_is_stopped_takes_no_memory(void)
{
    for (size_t several = 1; several <= 40; several += 13) {
        bide__loop *loop = open_loop();
        start(loop, MOST - 1, 7);
        for (size_t i = 0; i < 20000; i++) {
            size_t at = i % (several + 1), oldest = (i + 1) % (several + 1);
            start(loop, at, 7);
            if (entries[oldest].started)
                stop(loop, oldest);
        }
        CHECK(loop->timers.blocks_used < 200);
        check_count(loop, MOST);
        expire(loop, MOST, 7);
        bide_drop(bide_object_value(loop));
    }
}

static void test_without_memory(void)
{
    bide__loop *loop = open_loop();
    size_t failures = 0;
    for (size_t i = 0; i < 200; i++) {
        bide_debug_fail_allocation(1);
        int status = bide__timer_start(loop, &entries[i].timer, (int64_t)(i % 3 * i));
        bide_debug_fail_allocation(0);
        if (status == 0) {
            entries[i].started = ++starts;
            continue;
        }
        failures++;
        CHECK_RAISES("!! MemoryError", status);
        CHECK_INT(entries[i].timer.block, 0);
        check_count(loop, 200);
        check_next(loop, 200);
        start(loop, i, (int64_t)(i % 3 * i));
    }
    CHECK(failures >= 4);
    expire(loop, 200, 300);
    check_count(loop, 200);
    expire(loop, 200, 1000);
    bide_drop(bide_object_value(loop));
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_random_timers);
    RUN(test_many_deadlines_in_turn);
    RUN(test_groups);
    RUN(test_what_is_stopped_takes_no_memory);
    RUN(test_without_memory);
    return check_end();
}
