/* Exceptions that nobody retrieves, and callbacks that raise, reach the loop's handler.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int boom(bide_value n, bide_value *result)
{
    return bide_raise(BIDE_ValueError, "%s", bide_cstr(n));
}

static int divide(bide_value arg)
{
    return bide_raise(BIDE_ZeroDivisionError, "division by zero");
}

static int divide_when_done(bide_value future, bide_value arg)
{
    return divide(arg);
}

static int next_callback(bide_value future, bide_value arg)
{
    log("next callback");
    return 0;
}

static BIDE_ASYNC int tasks(void)
{
    BIDE_SCOPED bide_value t = spawn(bide_coro(boom, bide_str("lost")));
    BIDE_TRY(bide_sleep(0));
    bide_clear(&t);
    log("dropped");
    t = spawn(bide_coro(boom, bide_str("retrieved")));
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_future_exception(t, NULL));
    bide_clear(&t);
    log("no report");
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_TRY(tasks());
    BIDE_SCOPED bide_value f = bide_future();
    BIDE_TRY(bide_future_set_exception(f, bide_error_new(BIDE_OSError, "future")));
    bide_clear(&f);
    bide_drop(bide_call_soon(divide, BIDE_NONE));
    BIDE_TRY(bide_sleep(0));
    f = bide_future();
    BIDE_TRY(bide_future_add_done_callback(f, divide_when_done, BIDE_NONE));
    BIDE_TRY(bide_future_add_done_callback(f, next_callback, BIDE_NONE));
    BIDE_TRY(bide_future_set_result(f, bide_int(1)));
    return bide_sleep(0);
}

int l03_unhandled(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
