/* Fibers: states, the order in which things run, nesting, refusals, freeing, counting.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

/* JavaScript runs main on a fiber; everywhere else main has the thread's own stack. */
static bool main_is_on_a_fiber(void)
{
    return bide_fiber_current() != NULL;
}

/* --- order and states ----------------------------------------------------------------------------
 */

/* Before the thread has made its first fiber. */
static void test_nothing_runs_yet(void)
{
    if (!main_is_on_a_fiber())
        CHECK_INT(bide_fiber_suspend(), BIDE_FIBER_EOUTSIDE);
}

static void three_parts(void *arg)
{
    note("%s 1", (const char *)arg);
    CHECK_INT(bide_fiber_suspend(), 0);
    note("%s 2", (const char *)arg);
    CHECK_INT(bide_fiber_suspend(), 0);
    note("%s 3", (const char *)arg);
}

static void test_everything_runs_once_and_in_order(void)
{
    bide_fiber *a = bide_fiber_new(three_parts, "a", 0, "a");
    bide_fiber *b = bide_fiber_new(three_parts, "b", 0, "b");
    CHECK_NOTES("");
    CHECK_INT(bide_fiber_resume(a), BIDE_FIBER_SUSPENDED);
    CHECK_INT(bide_fiber_resume(b), BIDE_FIBER_SUSPENDED);
    CHECK_INT(bide_fiber_resume(b), BIDE_FIBER_SUSPENDED);
    note("main");
    CHECK_INT(bide_fiber_resume(a), BIDE_FIBER_SUSPENDED);
    CHECK_INT(bide_fiber_resume(a), BIDE_FIBER_DONE);
    CHECK_INT(bide_fiber_resume(b), BIDE_FIBER_DONE);
    CHECK_NOTES("a 1, b 1, b 2, main, a 2, a 3, b 3");
    CHECK_INT(bide_fiber_free(a), 0);
    CHECK_INT(bide_fiber_free(b), 0);
}

static void end_at_once(void *arg)
{
    ++*(int *)arg;
}

static void test_a_fiber_need_not_suspend(void)
{
    int runs = 0;
    bide_fiber *fiber = bide_fiber_new(end_at_once, &runs, 0, NULL);
    CHECK_INT(bide_fiber_resume(fiber), BIDE_FIBER_DONE);
    CHECK_INT(runs, 1);
    CHECK_INT(bide_fiber_free(fiber), 0);
}

/* --- nesting -------------------------------------------------------------------------------------
 */

enum { LEVELS = 20 };

/* Each level resumes the next one until that has ended, and suspends itself in between. */
static void nest(void *arg)
{
    int level = *(int *)arg, below = level + 1;
    bide_fiber *inner = NULL, *self = bide_fiber_current();
    if (below < LEVELS)
        inner = bide_fiber_new(nest, &below, 0, "nest");
    for (int round = 0; round < 3; round++) {
        if (inner)
            CHECK_INT(bide_fiber_resume(inner), BIDE_FIBER_SUSPENDED);
        CHECK(bide_fiber_current() == self);
        CHECK_INT(bide_fiber_suspend(), 0);
        CHECK(bide_fiber_current() == self);
        CHECK_INT(level + 1, below);
    }
    if (inner) {
        CHECK_INT(bide_fiber_resume(inner), BIDE_FIBER_DONE);
        CHECK_INT(bide_fiber_free(inner), 0);
    }
}

static void test_resumes_nest(void)
{
    int level = 0;
    bide_fiber *self = bide_fiber_current();
    bide_fiber *fiber = bide_fiber_new(nest, &level, 0, "nest");
    for (int round = 0; round < 3; round++) {
        CHECK_INT(bide_fiber_resume(fiber), BIDE_FIBER_SUSPENDED);
        CHECK(bide_fiber_current() == self);
    }
    CHECK_INT(bide_fiber_resume(fiber), BIDE_FIBER_DONE);
    bide_fiber_free(fiber);
}

static void resume_given(void *arg)
{
    bide_fiber *other = arg;
    CHECK_INT(bide_fiber_resume(other), BIDE_FIBER_SUSPENDED);
}

/* Suspending goes to whoever resumed last, which need not be who resumed first. */
static void test_a_fiber_has_a_new_resumer_each_time(void)
{
    bide_fiber *worker = bide_fiber_new(three_parts, "w", 0, "worker");
    bide_fiber *first = bide_fiber_new(resume_given, worker, 0, "first");
    bide_fiber *second = bide_fiber_new(resume_given, worker, 0, "second");
    CHECK_INT(bide_fiber_resume(first), BIDE_FIBER_DONE);
    CHECK_INT(bide_fiber_resume(second), BIDE_FIBER_DONE);
    CHECK_INT(bide_fiber_resume(worker), BIDE_FIBER_DONE);
    CHECK_NOTES("w 1, w 2, w 3");
    bide_fiber_free(first);
    bide_fiber_free(second);
    bide_fiber_free(worker);
}

/* --- refusals ------------------------------------------------------------------------------------
 */

static bide_fiber *refused;

static void refuse_from_inside(void *arg)
{
    CHECK_INT(bide_fiber_resume(refused), BIDE_FIBER_EBUSY);
    CHECK_INT(bide_fiber_free(refused), BIDE_FIBER_EBUSY);
    if (arg) {
        bide_fiber *inner = bide_fiber_new(refuse_from_inside, NULL, 0, NULL);
        CHECK_INT(bide_fiber_resume(inner), BIDE_FIBER_DONE);
        bide_fiber_free(inner);
    }
}

static void test_a_running_fiber_refuses(void)
{
    refused = bide_fiber_new(refuse_from_inside, &refused, 0, "refused");
    CHECK_INT(bide_fiber_resume(refused), BIDE_FIBER_DONE);
    CHECK_INT(bide_fiber_resume(refused), BIDE_FIBER_EDONE);
    CHECK_INT(bide_fiber_resume(refused), BIDE_FIBER_EDONE);
    CHECK_INT(bide_fiber_free(refused), 0);
}

static bide_fiber *pair[2];

static void resume_first_twice(void *arg)
{
    CHECK_INT(bide_fiber_resume(pair[0]), BIDE_FIBER_SUSPENDED);
    bide_fiber_suspend();
    note("%d", bide_fiber_resume(pair[0]));
}

static void suspend_and_resume_second(void *arg)
{
    bide_fiber_suspend();
    CHECK_INT(bide_fiber_resume(pair[1]), BIDE_FIBER_DONE);
}

/* The second has resumed the first once; when it does again, the first waits for it. */
static void test_a_running_fiber_refuses_who_resumed_it_before(void)
{
    pair[0] = bide_fiber_new(suspend_and_resume_second, NULL, 0, "first");
    pair[1] = bide_fiber_new(resume_first_twice, NULL, 0, "second");
    CHECK_INT(bide_fiber_resume(pair[1]), BIDE_FIBER_SUSPENDED);
    CHECK_INT(bide_fiber_resume(pair[0]), BIDE_FIBER_DONE);
    CHECK_NOTES("-1"); /* BIDE_FIBER_EBUSY */
    bide_fiber_free(pair[0]);
    bide_fiber_free(pair[1]);
}

/* Whoever resumed it is gone; the one that resumes it next has the same memory. */
static void test_a_resumer_may_go(void)
{
    bide_fiber *worker = bide_fiber_new(three_parts, "w", 0, "worker");
    for (int i = 0; i < 2; i++) {
        bide_fiber *resumer = bide_fiber_new(resume_given, worker, 0, "resumer");
        CHECK_INT(bide_fiber_resume(resumer), BIDE_FIBER_DONE);
        bide_fiber_free(resumer);
    }
    CHECK_INT(bide_fiber_resume(worker), BIDE_FIBER_DONE);
    CHECK_INT(bide_fiber_resume(worker), BIDE_FIBER_EDONE);
    CHECK_NOTES("w 1, w 2, w 3");
    bide_fiber_free(worker);
}

static void test_suspend_outside_is_refused(void)
{
    if (main_is_on_a_fiber())
        return;
    bide_fiber *fiber = bide_fiber_new(three_parts, "a", 0, NULL);
    CHECK_INT(bide_fiber_suspend(), BIDE_FIBER_EOUTSIDE);
    bide_fiber_resume(fiber);
    CHECK_INT(bide_fiber_suspend(), BIDE_FIBER_EOUTSIDE);
    CHECK(bide_fiber_current() == NULL);
    CHECK_NOTES("a 1");
    bide_fiber_free(fiber);
}

/* --- stacks: sizes, room, reuse, counting ----------------------------------------- */

static size_t room_seen, room_below;

__attribute__((noinline)) static void use_stack(void)
{
    char block[2000];
    memset(block, 1, sizeof block);
    __asm__ volatile("" : : "r"(block) : "memory");
    room_below = bide_fiber_room();
}

static void look_at_room(void *arg)
{
    room_seen = bide_fiber_room();
    use_stack();
}

static void test_room(void)
{
    if (!main_is_on_a_fiber())
        CHECK(bide_fiber_room() == SIZE_MAX);
    bide_fiber *fiber = bide_fiber_new(look_at_room, NULL, 16 * 1024, NULL);
    bide_fiber_resume(fiber);
    bide_fiber_free(fiber);
    CHECK(room_seen > 8 * 1024 && room_seen <= 16 * 1024);
    CHECK(room_below <= room_seen);
}

static void test_default_stack(void)
{
    size_t before = bide_fiber_default_stack();
    bide_fiber_set_default_stack(256 * 1024);
    CHECK_INT(bide_fiber_default_stack(), 256 * 1024);
    bide_fiber *fiber = bide_fiber_new(look_at_room, NULL, 0, NULL);
    bide_fiber_resume(fiber);
    bide_fiber_free(fiber);
    CHECK(room_seen > 200 * 1024);
    bide_fiber_set_default_stack(0);
    CHECK_INT(bide_fiber_default_stack(), before);
}

static void test_an_impossible_stack_is_no_memory(void)
{
    size_t live = bide_fiber_get_stats().live;
    CHECK(bide_fiber_new(three_parts, "", SIZE_MAX / 2, NULL) == NULL);
    bide_fiber_set_default_stack(SIZE_MAX / 2);
    CHECK(bide_fiber_new(three_parts, "", 0, NULL) == NULL);
    bide_fiber_set_default_stack(0);
    CHECK_INT(bide_fiber_get_stats().live, live);
}

static void test_a_suspended_fiber_can_be_freed(void)
{
    bide_fiber_stats before = bide_fiber_get_stats();
    bide_fiber *fiber = bide_fiber_new(three_parts, "x", 0, NULL);
    CHECK_INT(bide_fiber_get_stats().live, before.live + 1);
    bide_fiber_resume(fiber);
    CHECK_INT(bide_fiber_free(fiber), 0);
    CHECK_INT(bide_fiber_free(bide_fiber_new(three_parts, "y", 0, NULL)), 0); /* not even started */
    CHECK_INT(bide_fiber_get_stats().live, before.live);
    CHECK(bide_fiber_get_stats().pooled > 0);
    /* Its stack serves the next one, from the top. */
    size_t reserved = bide_fiber_get_stats().reserved;
    for (int i = 0; i < 100; i++) {
        fiber = bide_fiber_new(three_parts, "z", 0, NULL);
        CHECK_INT(bide_fiber_resume(fiber), BIDE_FIBER_SUSPENDED);
        bide_fiber_free(fiber);
        check__notes[0] = '\0';
    }
    CHECK_INT(bide_fiber_get_stats().reserved, reserved);
}

/* --- many ----------------------------------------------------------------------------------------
 */

enum { MANY = CHECK_FIBERS(10000) };
static bide_fiber *many[MANY];
static int counts[MANY];

static void count_twice(void *arg)
{
    int *count = arg;
    ++*count;
    bide_fiber_suspend();
    ++*count;
}

static void test_ten_thousand_live(void)
{
    size_t live = bide_fiber_get_stats().live;
    bide_fiber_set_limit(live + MANY); /* an engine's own stacks are fewer by default */
    for (int i = 0; i < MANY; i++) {
        many[i] = bide_fiber_new(count_twice, &counts[i], 4096, "one of many");
        if (!many[i]) {
            check__fail(__FILE__, __LINE__, "no memory for fiber %d", i);
            return;
        }
        bide_fiber_resume(many[i]);
    }
    bide_fiber_stats stats = bide_fiber_get_stats();
    CHECK_INT(stats.live, live + MANY);
    CHECK(stats.guarded + stats.unguarded >= MANY);
    CHECK(stats.reserved >= (size_t)MANY * 4096);
    int total = 0;
    for (int i = MANY - 1; i >= 0; i--) {
        bide_fiber_resume(many[i]);
        total += counts[i];
    }
    CHECK_INT(total, 2 * MANY);
    for (int i = 0; i < MANY; i++)
        bide_fiber_free(many[i]);
    CHECK_INT(bide_fiber_get_stats().live, live);
    bide_fiber_set_limit(0);
}

int main(void)
{
    RUN(test_nothing_runs_yet);
    RUN(test_everything_runs_once_and_in_order);
    RUN(test_a_fiber_need_not_suspend);
    RUN(test_resumes_nest);
    RUN(test_a_fiber_has_a_new_resumer_each_time);
    RUN(test_a_running_fiber_refuses);
    RUN(test_a_running_fiber_refuses_who_resumed_it_before);
    RUN(test_a_resumer_may_go);
    RUN(test_suspend_outside_is_refused);
    RUN(test_room);
    RUN(test_default_stack);
    RUN(test_an_impossible_stack_is_no_memory);
    RUN(test_a_suspended_fiber_can_be_freed);
    RUN(test_ten_thousand_live);
    return check_end();
}
