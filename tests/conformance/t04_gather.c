/* gather: results in the order of the arguments, the first exception, exceptions as results, the
 * same task twice, nothing at all.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int(w)(bide_value args, bide_value *result)
{
    bide_value n = item(args, 0), d = item(args, 1), e = item(args, 2);
    if (sleep_for(d) < 0)
        return log_cancelled(n);
    log(n, "done");
    if (!bide_is_none(e))
        return bide_raise_error(bide_ref(e));
    return bide_return(result, bide_ref(n));
}
#define w(...) bide_coro(w, bide_tuple(__VA_ARGS__))

static bide_value ValueError(const char *message)
{
    return bide_error_new(BIDE_ValueError, "%s", message);
}

static int cancel(bide_value t)
{
    return bide_future_cancel(t, NULL);
}

static int cancel_with_msg(bide_value t)
{
    return bide_future_cancel(t, "msg");
}

static BIDE_ASYNC int in_order(void)
{
    BIDE_SCOPED bide_value r = BIDE_NONE, none = BIDE_NONE;
    BIDE_TRY(bide_await(bide_gather(bide_list(w("a", 3), w("b", 1), w("c", 2)), false), &r));
    log(r);
    BIDE_TRY(bide_await(bide_gather(bide_list(), false), &none));
    log(none);
    return 0;
}

static BIDE_ASYNC int with_exceptions(void)
{
    BIDE_SCOPED bide_value r = BIDE_NONE;
    bide_value os_error = bide_error_new(BIDE_OSError, "c");
    bide_value three = bide_list(w("a", 1, ValueError("a")), w("b", 2), w("c", 1, os_error));
    if (bide_await(bide_gather(three, false), NULL) < 0)
        BIDE_TRY(log_except(BIDE_ValueError, "first exception"));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(2)));
    log("siblings were not cancelled");
    bide_value two = bide_list(w("a", 1, ValueError("a")), w("b", 2));
    BIDE_TRY(bide_await(bide_gather(two, true), &r));
    log(each(outcome, r));
    return 0;
}

static BIDE_ASYNC int twice(void)
{
    BIDE_SCOPED bide_value r = BIDE_NONE, t = spawn(w("dup", 1));
    BIDE_TRY(bide_await(bide_gather(bide_list(bide_ref(t), bide_ref(t)), false), &r));
    log(r);
    return 0;
}

static BIDE_ASYNC int child_cancelled(void)
{
    BIDE_SCOPED bide_value r = BIDE_NONE, x = spawn(w("x", 5));
    bide_drop(bide_call_later(BIDE_SECONDS(1), cancel, bide_ref(x)));
    attempt("child cancelled", bide_gather(bide_list(bide_ref(x), w("y", 2)), false));
    BIDE_SCOPED bide_value x2 = spawn(w("x", 5));
    bide_drop(bide_call_later(BIDE_SECONDS(1), cancel_with_msg, bide_ref(x2)));
    BIDE_TRY(bide_await(bide_gather(bide_list(bide_ref(x2), w("y", 2)), true), &r));
    log(each(outcome, r));
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_TRY(in_order());
    BIDE_TRY(with_exceptions());
    BIDE_TRY(twice());
    return child_cancelled();
}

int t04_gather(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
