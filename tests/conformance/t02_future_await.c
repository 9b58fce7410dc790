/* Several waiters wake in the order in which they came; a future that is done does not suspend.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int w(bide_value args, bide_value *result)
{
    bide_value f = bide_item(args, 0), n = bide_item(args, 1);
    BIDE_SCOPED bide_value got = BIDE_NONE;
    log(n, "waits");
    BIDE_TRY(bide_await(bide_ref(f), &got));
    log(n, "got", got);
    return 0;
}

static int by_hand(bide_value f)
{
    BIDE_SCOPED bide_value g = bide_future(), r = BIDE_NONE;
    BIDE_SCOPED bide_value done = bide_await_iter(bide_ref(f)), it = bide_await_iter(bide_ref(g));
    step("await done future", bide_next, done);
    BIDE_TRY(bide_next(it, &r));
    log("yields itself", bide_is(r, g));
    step("resumed while pending", bide_next, it);
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value f = bide_future(), ts = bide_list(), v = BIDE_NONE;
    for (int i = 0; i < 3; i++)
        BIDE_TRY(bide_list_append(ts, spawn(bide_coro(w, bide_tuple(bide_ref(f), i)))));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    BIDE_TRY(bide_future_set_result(f, bide_str("v")));
    log("set");
    BIDE_TRY(bide_await(bide_ref(f), &v));
    log("main await", v);
    bide_clear(&v);
    BIDE_TRY(bide_await(bide_ref(f), &v));
    log("main await again", v);
    BIDE_TRY(bide_await(bide_gather(bide_ref(ts), false), NULL));
    return by_hand(f);
}

int t02_future_await(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
