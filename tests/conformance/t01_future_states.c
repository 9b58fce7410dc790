/* A future is set once, says what state it is in, and calls back in order, in the next iteration.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static int cb(bide_value future, bide_value n)
{
    log("callback", n, state(future));
    return 0;
}

static int callbacks(bide_value f)
{
    BIDE_TRY(bide_future_add_done_callback(f, cb, bide_str("a")));
    BIDE_TRY(bide_future_add_done_callback(f, cb, bide_str("b")));
    BIDE_TRY(bide_future_add_done_callback(f, cb, bide_str("c")));
    BIDE_TRY(bide_future_add_done_callback(f, cb, bide_str("b")));
    int first = bide_future_remove_done_callback(f, cb, bide_str("b"));
    int second = bide_future_remove_done_callback(f, cb, bide_str("b"));
    log("removed", first, second);
    BIDE_TRY(bide_future_set_result(f, bide_int(10)));
    log("set; callbacks run later");
    return bide_future_add_done_callback(f, cb, bide_str("late"));
}

static int set_twice(bide_value f)
{
    if (bide_future_set_result(f, bide_int(11)) < 0) {
        BIDE_EXCEPT(BIDE_InvalidStateError, NULL);
        log("set_result", "InvalidStateError");
    }
    if (bide_future_set_exception(f, bide_error_new(BIDE_ValueError, "v")) < 0) {
        BIDE_EXCEPT(BIDE_InvalidStateError, NULL);
        log("set_exception", "InvalidStateError");
    }
    log("cancel finished", bide_bool(bide_future_cancel(f, NULL)));
    return 0;
}

static int with_exception(void)
{
    BIDE_SCOPED bide_value g = bide_future(), e = BIDE_NONE;
    BIDE_TRY(bide_future_set_exception(g, bide_error_new(BIDE_ValueError, "stored")));
    if (bide_future_result(g, NULL) < 0)
        BIDE_TRY(log_except(BIDE_ValueError, "result raises"));
    BIDE_TRY(bide_future_exception(g, &e));
    log("exception()", ex(e));
    return 0;
}

static int with_cancel(void)
{
    BIDE_SCOPED bide_value h = bide_future();
    bide_value first = bide_bool(bide_future_cancel(h, "why"));
    bide_value second = bide_bool(bide_future_cancel(h, NULL));
    BIDE_TRY(0);
    log("cancel", first, second, bide_future_cancelled(h), bide_future_done(h));
    if (bide_future_result(h, NULL) < 0)
        BIDE_TRY(log_except(BIDE_CancelledError, "result"));
    if (bide_future_exception(h, NULL) < 0)
        BIDE_TRY(log_except(BIDE_CancelledError, "exception"));
    return 0;
}

static int with_stop_iteration(void)
{
    BIDE_SCOPED bide_value f = bide_future();
    return bide_future_set_exception(f, bide_error_new(BIDE_StopIteration, NULL));
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value f = bide_future(), v = BIDE_NONE, none = BIDE_NONE;
    log(bide_future_done(f), bide_future_cancelled(f));
    if (bide_future_result(f, NULL) < 0)
        BIDE_TRY(log_except(BIDE_InvalidStateError, "result"));
    if (bide_future_exception(f, NULL) < 0)
        BIDE_TRY(log_except(BIDE_InvalidStateError, "exception"));
    BIDE_TRY(callbacks(f));
    BIDE_TRY(set_twice(f));
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_future_result(f, &v));
    BIDE_TRY(bide_future_exception(f, &none));
    log("end", v, none);

    BIDE_TRY(with_exception());
    BIDE_TRY(with_cancel());
    BIDE_TRY(with_stop_iteration());
    BIDE_SCOPED bide_value k = bide_future(), e = BIDE_NONE;
    BIDE_TRY(bide_future_set_exception(k, bide_error_new(BIDE_OSError, NULL)));
    BIDE_TRY(bide_future_exception(k, &e));
    log(type_name(e));
    return 0;
}

int t01_future_states(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
