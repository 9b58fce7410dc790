/* Limits in time: until a deadline or for a delay, none at all, none left, and what cannot be
 * awaited.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

static void run(bide_body *body)
{
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
}

static BIDE_ASYNC int nap(bide_value ms, bide_value *result)
{
    int status = bide_sleep(BIDE_MS(ms.as.i));
    note("%s at %d", status < 0 ? "cancelled" : "slept", (int)(bide_now() / BIDE_MS(1)));
    return status < 0 ? BIDE_RAISED : bide_return(result, ms);
}

static bide_value napping(int ms)
{
    return bide_coro(nap, bide_int(ms));
}

/* A deadline is a point on the loop's clock, whenever the wait begins. */
static BIDE_ASYNC int until_deadlines(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_MS(100)));
    CHECK_STEP("=> 5", bide_wait_until, napping(5), BIDE_MS(110));
    CHECK_STEP("!! TimeoutError", bide_wait_until, napping(50), BIDE_MS(110));
    CHECK_STEP("=> 50", bide_wait_until, napping(50), BIDE_NEVER);
    CHECK_STEP("!! TimeoutError", bide_wait_until, napping(5),
               BIDE_MS(110)); /* is past: not begun */
    CHECK_STEP("!! TimeoutError", bide_wait_until, napping(5), INT64_MIN);
    CHECK_INT(bide_now(), BIDE_MS(160));
    return 0;
}

static void test_until_a_deadline(void)
{
    run(until_deadlines);
    CHECK_NOTES("slept at 105, cancelled at 110, slept at 160");
}

static BIDE_ASYNC int for_delays(bide_value arg, bide_value *result)
{
    CHECK_STEP("=> 5", bide_wait_for, napping(5), BIDE_MS(6));
    CHECK_STEP("!! TimeoutError", bide_wait_for, napping(5), BIDE_MS(4));
    CHECK_STEP("=> 5", bide_wait_for, napping(5), BIDE_NEVER - 1);
    CHECK_STEP("!! TimeoutError", bide_wait_for, napping(5), INT64_MIN);
    bide_value future = bide_future();
    CHECK_INT(bide_future_set_result(future, bide_int(7)), 0);
    CHECK_STEP("=> 7", bide_wait_for, future, 0); /* no time is needed */
    return 0;
}

static void test_for_a_delay(void)
{
    run(for_delays);
    CHECK_NOTES("slept at 5, cancelled at 9, slept at 14");
}

/* What was to be awaited is not there, or is nothing to await. */
static BIDE_ASYNC int await_nothing(bide_value arg, bide_value *result)
{
    bide_raise(BIDE_ValueError, "not made");
    CHECK_STEP("!! ValueError: not made", bide_wait_for, BIDE_FAILED, BIDE_MS(1));
    bide_raise(BIDE_ValueError, "not made");
    CHECK_STEP("!! ValueError: not made", bide_wait_until, BIDE_FAILED, 0);
    CHECK_STEP("!! TypeError: object int can't be used in 'await' expression", bide_wait_for,
               bide_int(5), BIDE_MS(1));
    CHECK_INT(bide_now(), 0);
    return 0;
}

static void test_what_cannot_be_awaited(void)
{
    run(await_nothing);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_until_a_deadline);
    RUN(test_for_a_delay);
    RUN(test_what_cannot_be_awaited);
    return check_end();
}
