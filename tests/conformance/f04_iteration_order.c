/* One iteration: timers that expired join the queue behind the callbacks that are there already.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static int log_it(bide_value text)
{
    log(text);
    return 0;
}

static int a(bide_value arg)
{
    log("timer a");
    bide_drop(bide_call_soon(log_it, bide_str("soon from a")));
    bide_drop(bide_call_later(0, log_it, bide_str("later(0) from a")));
    bide_drop(bide_call_later(BIDE_SECONDS(1), log_it, bide_str("later(1) from a")));
    return bide_error_pending() ? BIDE_RAISED : 0;
}

static BIDE_ASYNC int s(bide_value n, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    log("sleeper", n);
    BIDE_TRY(bide_sleep(0));
    log("sleeper", n, "again");
    return 0;
}

static BIDE_ASYNC int w(bide_value f, bide_value *result)
{
    BIDE_TRY(bide_await(bide_ref(f), NULL));
    log("woken");
    return 0;
}

static BIDE_ASYNC int timers(void)
{
    bide_drop(bide_call_later(BIDE_SECONDS(1), a, BIDE_NONE));
    bide_drop(bide_call_later(BIDE_SECONDS(1), log_it, bide_str("timer b")));
    BIDE_SCOPED bide_value t =
        bide_list(spawn(bide_coro(s, bide_int(1))), spawn(bide_coro(s, bide_int(2))));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(2)));
    return bide_await(bide_gather(bide_ref(t), false), NULL);
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_TRY(timers());
    BIDE_SCOPED bide_value f = bide_future(), x = spawn(bide_coro(w, bide_ref(f)));
    BIDE_TRY(bide_sleep(0));
    bide_drop(bide_call_soon(log_it, bide_str("before")));
    BIDE_TRY(bide_future_set_result(f, bide_int(0)));
    bide_drop(bide_call_soon(log_it, bide_str("after")));
    BIDE_TRY(bide_sleep(0));
    log("main tick");
    return bide_await(bide_ref(x), NULL);
}

int f04_iteration_order(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
