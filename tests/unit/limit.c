/* How many fibers may be live: the limit, what is raised beyond it, and that it is not used up.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

static void suspend_once(void *arg)
{
    bide_fiber_suspend();
    if (arg)
        ++*(int *)arg;
}

static size_t live(void)
{
    return bide_fiber_get_stats().live;
}

static void test_no_fiber_beyond_the_limit(void)
{
    bide_fiber *fibers[3];
    bide_fiber_set_limit(live() + 3);
    CHECK_INT(bide_fiber_limit(), live() + 3);
    for (int i = 0; i < 3; i++)
        CHECK((fibers[i] = bide_fiber_new(suspend_once, NULL, 0, NULL)) != NULL);
    CHECK(bide_fiber_new(suspend_once, NULL, 0, NULL) == NULL);
    bide_fiber_free(fibers[2]); /* makes room for one */
    CHECK((fibers[2] = bide_fiber_new(suspend_once, NULL, 0, NULL)) != NULL);
    CHECK(bide_fiber_new(suspend_once, NULL, 0, NULL) == NULL);
    for (int i = 0; i < 3; i++)
        bide_fiber_free(fibers[i]);
    bide_fiber_set_limit(0);
    CHECK(bide_fiber_limit() >= 8192);
}

static BIDE_GENERATOR int one(bide_value arg, bide_value *result)
{
    return bide_yield(bide_int(1), result);
}

static void test_generators_raise_memory_error(void)
{
    bide_value a = bide_gen(one, BIDE_NONE), b = bide_gen(one, BIDE_NONE);
    char message[200];
    bide_fiber_set_limit(live() + 1);
    snprintf(message, sizeof message,
             "!! MemoryError: no stack for 'one': %zu are live already, as many as may be; let "
             "some end first, or raise the limit with bide_fiber_set_limit",
             bide_fiber_limit());
    CHECK_STEP("-> 1", bide_next, a);
    CHECK_STEP(message, bide_next, b);
    bide_drop(a); /* it is closed, and its stack is free */
    CHECK_STEP("-> 1", bide_next, b);
    bide_drop(b);
    bide_fiber_set_limit(0);
}

/* More than any engine has stacks for: those of fibers that were freed midway must come back. */
#if defined(CHECK_TSAN)
enum { ROUNDS = 2 * CHECK_TSAN_MOST + 1000 };
#else
enum { ROUNDS = 50000 };
#endif

static void test_stacks_come_back(void)
{
    size_t before = live();
    int ended = 0, started = 0;
    for (int i = 0; i < ROUNDS; i++) {
        bide_fiber *fiber = bide_fiber_new(suspend_once, &ended, 1024, NULL);
        if (fiber && bide_fiber_resume(fiber) == BIDE_FIBER_SUSPENDED)
            started++;
        if (fiber && i % 2)
            CHECK_INT(bide_fiber_resume(fiber), BIDE_FIBER_DONE);
        if (fiber)
            bide_fiber_free(fiber);
    }
    CHECK_INT(started, ROUNDS);
    CHECK_INT(ended, ROUNDS / 2);
    CHECK_INT(live(), before);
}

#if defined(__wasm__)
/* As many as the default allows, twice, all suspended; where there is no limit, as many as others
 * have. */
enum { ALL = 8192 };

static void test_the_default_limit_can_be_reached(void)
{
    static bide_fiber *fibers[ALL];
    int room = ALL - (int)live(), ended = 0;
    for (int round = 0; round < 2; round++) {
        ended = 0;
        for (int i = 0; i < room; i++) {
            fibers[i] = bide_fiber_new(suspend_once, &ended, 1024, NULL);
            if (!fibers[i] || bide_fiber_resume(fibers[i]) != BIDE_FIBER_SUSPENDED) {
                check__fail(__FILE__, __LINE__, "no fiber %d", i);
                return;
            }
        }
        if (bide_fiber_limit() == ALL)
            CHECK(bide_fiber_new(suspend_once, NULL, 1024, NULL) == NULL);
        for (int i = 0; i < room; i++) {
            bide_fiber_resume(fibers[i]);
            bide_fiber_free(fibers[i]);
        }
        CHECK_INT(ended, room);
    }
}
#else
static void test_the_default_limit_can_be_reached(void)
{
    CHECK(bide_fiber_limit() == SIZE_MAX);
}
#endif

int main(void)
{
    RUN(test_no_fiber_beyond_the_limit);
    RUN(test_generators_raise_memory_error);
    RUN(test_stacks_come_back);
    RUN(test_the_default_limit_can_be_reached);
    return check_end();
}
