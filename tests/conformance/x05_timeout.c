/* timeout: expiring, nested, moved and removed; errors and cancellations that are not its own.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int basic(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (cm, bide_timeout(BIDE_SECONDS(2))) {
        BIDE_WITH_TRY(cm, bide_sleep(BIDE_SECONDS(9)));
    }
    BIDE_END_WITH(cm);
    return 0;
}

/* async with cm: await sleep(seconds) */
static BIDE_ASYNC int sleep_within(bide_value cm, int seconds)
{
    BIDE_ASYNC_WITH (block, bide_ref(cm)) {
        BIDE_WITH_TRY(block, bide_sleep(BIDE_SECONDS(seconds)));
    }
    BIDE_END_WITH(block);
    return 0;
}

static int cancelling(void)
{
    BIDE_SCOPED bide_value current = bide_current_task();
    return bide_task_cancelling(current);
}

static BIDE_ASYNC int state_(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value five = bide_timeout(BIDE_SECONDS(5));
    BIDE_TRY(sleep_within(five, 1));
    BIDE_SCOPED bide_value when = bide_strf("%.1f", (double)bide_timeout_when(five) / 1e9);
    log("expired", bide_timeout_expired(five), "when", when);

    BIDE_SCOPED bide_value one = bide_timeout(BIDE_SECONDS(1));
    if (sleep_within(one, 9) < 0) {
        BIDE_EXCEPT(BIDE_TimeoutError, NULL);
        log("expired", bide_timeout_expired(one), cancelling());
    }

    BIDE_SCOPED bide_value none = bide_timeout(BIDE_NEVER);
    BIDE_TRY(sleep_within(none, 1));
    const char *never = bide_timeout_when(none) == BIDE_NEVER ? "None" : "a deadline";
    log("none", bide_timeout_expired(none), never);
    return 0;
}

static BIDE_ASYNC int nested(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (outer, bide_timeout(BIDE_SECONDS(2))) {
        BIDE_SCOPED bide_value inner = bide_timeout(BIDE_SECONDS(5));
        if (sleep_within(inner, 9) < 0) {
            if (bide_error_matches(BIDE_CancelledError)) {
                log("inner sees cancel");
                BIDE_LEAVE(outer);
            }
            BIDE_EXCEPT(BIDE_TimeoutError, NULL, BIDE_LEAVE(outer));
            log("inner timeout (wrong)");
        }
    }
    BIDE_END_WITH(outer);
    return 0;
}

static BIDE_ASYNC int nested2(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (outer, bide_timeout(BIDE_SECONDS(5))) {
        BIDE_SCOPED bide_value inner = bide_timeout(BIDE_SECONDS(2));
        if (sleep_within(inner, 9) < 0) {
            BIDE_EXCEPT(BIDE_TimeoutError, NULL, BIDE_LEAVE(outer));
            log("inner timeout");
        }
        BIDE_WITH_TRY(outer, bide_sleep(BIDE_SECONDS(1)));
        log("outer continues");
    }
    BIDE_END_WITH(outer);
    return 0;
}

static BIDE_ASYNC int both(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (outer, bide_timeout(BIDE_SECONDS(2))) {
        BIDE_ASYNC_WITH (inner, bide_timeout(BIDE_SECONDS(2)), BIDE_LEAVE(outer)) {
            BIDE_WITH_TRY(inner, bide_sleep(BIDE_SECONDS(9)));
        }
        BIDE_END_WITH(inner, BIDE_LEAVE(outer));
    }
    BIDE_END_WITH(outer);
    return 0;
}

static BIDE_ASYNC int foreign(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (cm, bide_timeout(BIDE_SECONDS(2))) {
        if (bide_sleep(BIDE_SECONDS(9)) == 0 || bide_error_matches(BIDE_CancelledError))
            BIDE_WITH_TRY(cm, bide_raise(BIDE_OSError, "other"));
        BIDE_LEAVE(cm);
    }
    BIDE_END_WITH(cm);
    return 0;
}

static BIDE_ASYNC int resched(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (cm, bide_timeout(BIDE_SECONDS(2))) {
        BIDE_WITH_TRY(cm, bide_sleep(BIDE_SECONDS(1)));
        BIDE_WITH_TRY(cm, bide_timeout_reschedule(cm, bide_now() + BIDE_SECONDS(5)));
        BIDE_WITH_TRY(cm, bide_sleep(BIDE_SECONDS(4)));
        log("extended");
        BIDE_WITH_TRY(cm, bide_timeout_reschedule(cm, BIDE_NEVER));
        BIDE_WITH_TRY(cm, bide_sleep(BIDE_SECONDS(9)));
        log("disabled");
    }
    BIDE_END_WITH(cm);
    return 0;
}

static BIDE_ASYNC int zero(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (cm, bide_timeout(0)) {
        log("body runs");
        BIDE_WITH_TRY(cm, bide_sleep(0));
        log("not reached");
    }
    BIDE_END_WITH(cm);
    return 0;
}

static BIDE_ASYNC int noawait(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value cm = bide_timeout(0);
    BIDE_ASYNC_WITH (block, bide_ref(cm)) {
        log("no await");
    }
    BIDE_END_WITH(block);
    log("expired", bide_timeout_expired(cm));
    return 0;
}

static BIDE_ASYNC int outercancel(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (cm, bide_timeout(BIDE_SECONDS(5))) {
        BIDE_WITH_TRY(cm, bide_sleep(BIDE_SECONDS(9)));
    }
    BIDE_END_WITH(cm);
    return 0;
}

static BIDE_ASYNC int pass(bide_value cm)
{
    BIDE_ASYNC_WITH (block, bide_ref(cm)) {
    }
    BIDE_END_WITH(block);
    return 0;
}

static BIDE_ASYNC int misuse(void)
{
    BIDE_SCOPED bide_value cm = bide_timeout(BIDE_SECONDS(1));
    if (bide_timeout_reschedule(cm, BIDE_SECONDS(3)) < 0)
        BIDE_TRY(log_except(BIDE_RuntimeError, NULL));
    BIDE_TRY(pass(cm));
    if (bide_timeout_reschedule(cm, BIDE_SECONDS(3)) < 0)
        BIDE_TRY(log_except(BIDE_RuntimeError, NULL));
    if (pass(cm) < 0)
        BIDE_TRY(log_except(BIDE_RuntimeError, NULL));
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    attempt("basic", bide_coro(basic, BIDE_NONE));
    attempt("state", bide_coro(state_, BIDE_NONE));
    attempt("nested outer first", bide_coro(nested, BIDE_NONE));
    attempt("nested inner first", bide_coro(nested2, BIDE_NONE));
    attempt("same deadline", bide_coro(both, BIDE_NONE));
    attempt("foreign", bide_coro(foreign, BIDE_NONE));
    attempt("reschedule", bide_coro(resched, BIDE_NONE));
    attempt("zero", bide_coro(zero, BIDE_NONE));
    attempt("noawait", bide_coro(noawait, BIDE_NONE));
    BIDE_SCOPED bide_value k = spawn(bide_coro(outercancel, BIDE_NONE));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(k, NULL);
    attempt("outer cancel", bide_ref(k));
    return misuse();
}

int x05_timeout(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
