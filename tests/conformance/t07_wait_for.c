/* wait_for cancels what is late and waits for it; what it returns or raises meanwhile wins.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int(w)(bide_value args, bide_value *result)
{
    bide_value n = item(args, 0), d = item(args, 1);
    if (sleep_for(d) < 0)
        return log_cancelled(n);
    log(n, "finished");
    return bide_return(result, bide_ref(n));
}
#define w(...) bide_coro(w, bide_tuple(__VA_ARGS__))

static BIDE_ASYNC int slowcancel(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value e = BIDE_NONE;
    if (bide_sleep(BIDE_SECONDS(9)) < 0) {
        BIDE_EXCEPT(BIDE_CancelledError, &e);
        log("cleaning");
        BIDE_TRY(bide_sleep(BIDE_SECONDS(3)));
        log("cleaned");
        return bide_error_restore(bide_ref(e));
    }
    return 0;
}

static BIDE_ASYNC int ret(bide_value arg, bide_value *result)
{
    if (bide_sleep(BIDE_SECONDS(9)) < 0) {
        BIDE_EXCEPT(BIDE_CancelledError, NULL);
        return bide_return(result, "saved");
    }
    return 0;
}

static BIDE_ASYNC int err(bide_value arg, bide_value *result)
{
    if (bide_sleep(BIDE_SECONDS(9)) < 0 && !bide_error_matches(BIDE_CancelledError))
        return BIDE_RAISED;
    return bide_raise(BIDE_OSError, "cleanup");
}

static BIDE_ASYNC void try_for(const char *label, bide_value awaitable, int64_t delay)
{
    bide_value v = BIDE_NONE;
    attempted(label, bide_wait_for(awaitable, delay, &v), &v);
}

static BIDE_ASYNC int outer(bide_value t, bide_value *result)
{
    try_for("outer", bide_ref(t), BIDE_SECONDS(5));
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    try_for("in time", w("a", 1), BIDE_SECONDS(5));
    try_for("None", w("b", 1), BIDE_NEVER);
    try_for("late", w("c", 9), BIDE_SECONDS(2));
    try_for("slow cleanup", bide_coro(slowcancel, BIDE_NONE), BIDE_SECONDS(1));
    try_for("returned while cancelled", bide_coro(ret, BIDE_NONE), BIDE_SECONDS(1));
    try_for("raised while cancelled", bide_coro(err, BIDE_NONE), BIDE_SECONDS(1));
    try_for("zero, not started", w("d", 0), 0);
    BIDE_SCOPED bide_value f = bide_future();
    BIDE_TRY(bide_future_set_result(f, bide_str("ready")));
    try_for("zero, ready", bide_ref(f), 0);

    BIDE_SCOPED bide_value t = spawn(w("e", 9));
    BIDE_SCOPED bide_value u = spawn(bide_coro(outer, bide_ref(t)));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(u, NULL);
    BIDE_TRY(bide_await(bide_ref(u), NULL));
    log("inner", state(t));
    return 0;
}

int t07_wait_for(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
