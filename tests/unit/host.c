/* The target's own host, on which time is real: timers fire in order and never early, and the clock
 * never goes back.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

static int64_t due[64];

/* (index): notes it, if its time has come. */
static int on_time(bide_value arg)
{
    CHECK(bide_now() >= due[arg.as.i]);
    note("%d", (int)arg.as.i);
    return 0;
}

static void at(int index, int64_t delay)
{
    due[index] = bide_now() + delay;
    bide_drop(bide_call_at(due[index], on_time, bide_int(index)));
}

static BIDE_ASYNC int real_timers(bide_value arg, bide_value *result)
{
    int64_t began = bide_now();
    at(5, BIDE_MS(30));
    at(2, BIDE_MS(10));
    at(1, BIDE_US(100));
    at(3, BIDE_MS(20));
    at(4, BIDE_MS(20));
    at(0, 0);
    BIDE_TRY(bide_sleep(BIDE_MS(30)));
    CHECK(bide_now() >= began + BIDE_MS(30));
    BIDE_TRY(bide_sleep_until(due[5]));
    BIDE_TRY(bide_sleep(0));
    CHECK_NOTES("0, 1, 2, 3, 4, 5");
    return 0;
}

static void test_real_timers_in_order(void)
{
    CHECK_STEP("=> None", bide_run, bide_coro(real_timers, BIDE_NONE));
}

static BIDE_ASYNC int watch_the_clock(bide_value arg, bide_value *result)
{
    int64_t last = bide_now();
    for (int i = 0; i < 200; i++) {
        BIDE_TRY(bide_sleep(i % 10 ? 0 : BIDE_US(50)));
        CHECK(bide_now() >= last);
        last = bide_now();
    }
    return 0;
}

static void test_the_clock_never_goes_back(void)
{
    CHECK_STEP("=> None", bide_run, bide_coro(watch_the_clock, BIDE_NONE));
}

static BIDE_ASYNC int hang(bide_value arg, bide_value *result)
{
    return bide_await(bide_future(), result);
}

/* Also where time is real, nothing waits for what cannot come. */
static void test_deadlock(void)
{
    CHECK_INT(bide_run(bide_coro(hang, BIDE_NONE), NULL), BIDE_RAISED);
    CHECK(bide_catch(BIDE_RuntimeError, NULL));
}

static BIDE_ASYNC int note_start(bide_value arg, bide_value *result)
{
    return bide_return(result, bide_now());
}

/* The virtual clock can be had by name too. */
static void test_hosts_by_name(void)
{
    bide_value v = BIDE_NONE;
    bide_use_host(BIDE_HOST_VIRTUAL);
    CHECK_STEP("=> 0", bide_run, bide_coro(note_start, BIDE_NONE));
    bide_use_host(BIDE_HOST_DEFAULT);
    CHECK_INT(bide_run(bide_coro(note_start, BIDE_NONE), &v), 0);
    CHECK(v.as.i > 0);
#if !defined(__wasm__)
    setenv("BIDE_HOST", "virtual", 1);
    CHECK_STEP("=> 0", bide_run, bide_coro(note_start, BIDE_NONE));
    unsetenv("BIDE_HOST");
#endif
}

int main(void)
{
    RUN(test_real_timers_in_order);
    RUN(test_the_clock_never_goes_back);
    RUN(test_deadlock);
    RUN(test_hosts_by_name);
    return check_end();
}
