/* What follows a future that nobody finishes, and was let go: nothing is left of it when the loop
 * ends, and debug mode says what it was.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

static void note_report(const char *message, bide_value error)
{
    const char *place = strstr(message, " made at ");
    note("%.*s", place ? (int)(place - message) : (int)strlen(message), message);
}

static void run(bide_body *body)
{
    bide_set_exception_handler(note_report);
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
    CHECK_INT(bide_debug_live(), 0);
    CHECK_NOTES("");
    bide_use_debug(true);
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
    bide_use_debug(false);
    bide_set_exception_handler(NULL);
}

static BIDE_ASYNC int drop_a_gather(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value done = bide_future();
    bide_drop(bide_gather(bide_list(bide_future(), bide_ref(done), bide_future()), true));
    BIDE_TRY(bide_future_set_result(done, BIDE_NONE));
    return bide_sleep(0);
}

static void test_a_gather(void)
{
    run(drop_a_gather);
    CHECK_NOTES("Future was destroyed but it is pending!\ngather\n  Future");
}

/* It has failed already, and one of its futures is left. */
static BIDE_ASYNC int drop_a_failed_gather(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value bad = bide_future();
    BIDE_SCOPED bide_value all = bide_gather(bide_list(bide_ref(bad), bide_future()), false);
    BIDE_TRY(bide_future_set_exception(bad, bide_error_new(BIDE_ValueError, NULL)));
    if (bide_await(bide_ref(all), NULL) < 0)
        BIDE_EXCEPT(BIDE_ValueError, NULL);
    return 0;
}

static void test_a_gather_that_failed(void)
{
    run(drop_a_failed_gather);
    CHECK_NOTES("");
}

static BIDE_ASYNC int drop_a_shield(bide_value arg, bide_value *result)
{
    bide_drop(bide_shield(bide_future()));
    bide_drop(bide_shield(bide_shield(bide_future())));
    return 0;
}

static void test_a_shield(void)
{
    run(drop_a_shield);
    CHECK_NOTES("Future was destroyed but it is pending!\nshield\n  shield\n    Future, "
                "Future was destroyed but it is pending!\nshield\n  Future, "
                "Future was destroyed but it is pending!\nshield\n  Future");
}

/* One that is cancelled lets go of what it shields at once. */
static BIDE_ASYNC int cancel_a_shield(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value inner = bide_future(), outer = bide_shield(bide_ref(inner));
    bide_future_cancel(outer, NULL);
    BIDE_TRY(bide_sleep(0));
    bide_clear(&inner);
    return bide_sleep(0);
}

static void test_a_shield_that_was_cancelled(void)
{
    run(cancel_a_shield);
    CHECK_NOTES("");
}

static BIDE_ASYNC int drop_as_completed(bide_value arg, bide_value *result)
{
    bide_drop(bide_as_completed(bide_list(bide_future(), bide_future()), BIDE_NEVER));
    bide_drop(bide_as_completed(bide_list(bide_future()), BIDE_SECONDS(100)));
    return 0;
}

static BIDE_ASYNC int keep_a_future(bide_value arg, bide_value *result)
{
    *result = bide_future();
    return 0;
}

/* As in a coroutine that is closed when its loop has ended, and asks for it in a finally. */
static void test_as_completed_without_a_loop(void)
{
    bide_value future = BIDE_NONE;
    CHECK_INT(bide_run(bide_coro(keep_a_future, BIDE_NONE), &future), 0);
    bide_value v = bide_as_completed(bide_list(future), BIDE_NEVER);
    CHECK(bide_failed(v) && bide_catch(BIDE_RuntimeError, NULL));
}

static void test_as_completed(void)
{
    run(drop_as_completed);
    CHECK_NOTES("");
}

/* A follower may outlive its loop. */
static BIDE_ASYNC int keep_a_gather(bide_value arg, bide_value *result)
{
    *(bide_value *)arg.as.ptr = bide_gather(bide_list(bide_future()), false);
    return 0;
}

static void test_one_that_outlives_the_loop(void)
{
    bide_value kept = BIDE_NONE;
    CHECK_STEP("=> None", bide_run, bide_coro(keep_a_gather, bide_ptr(&kept)));
    CHECK(!bide_future_done(kept));
    bide_drop(kept);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_a_gather);
    RUN(test_a_gather_that_failed);
    RUN(test_a_shield);
    RUN(test_a_shield_that_was_cancelled);
    RUN(test_as_completed);
    RUN(test_as_completed_without_a_loop);
    RUN(test_one_that_outlives_the_loop);
    return check_end();
}
