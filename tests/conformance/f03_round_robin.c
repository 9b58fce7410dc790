/* sleep(0) lets the others run in turn; a task that never awaits lets nobody.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int(w)(bide_value args, bide_value *result)
{
    bide_value n = item(args, 0), k = item(args, 1);
    for (int64_t i = 0; i < k.as.i; i++) {
        log(n, i);
        BIDE_TRY(bide_sleep(0));
    }
    log(n, "end");
    return 0;
}
#define w(...) bide_coro(w, bide_tuple(__VA_ARGS__))

static BIDE_ASYNC int hog(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 3; i++)
        log("hog", i);
    return 0;
}

static BIDE_ASYNC int deep(bide_value n, bide_value *result)
{
    if (n.as.i == 0)
        return bide_sleep(0);
    return bide_await(bide_coro(deep, bide_int(n.as.i - 1)), result);
}

static BIDE_ASYNC int d(bide_value n, bide_value *result)
{
    log(n, "start");
    BIDE_TRY(bide_await(bide_coro(deep, bide_int(5)), NULL));
    log(n, "end");
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    bide_value four = bide_list(w("a", 3), w("b", 2), bide_coro(hog, BIDE_NONE), w("c", 1));
    BIDE_TRY(bide_await(bide_gather(four, false), NULL));
    bide_value two = bide_list(bide_coro(d, bide_str("x")), bide_coro(d, bide_str("y")));
    return bide_await(bide_gather(two, false), NULL);
}

int f03_round_robin(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
