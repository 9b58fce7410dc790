/* A yield at the leaf passes through any number of awaits to the driver, and what the driver sends
 * or throws arrives at the leaf.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int async_1(bide_value arg, bide_value *result)
{
    return bide_await(suspend("from magic_sleep"), result);
}

static BIDE_ASYNC int async_2(bide_value arg, bide_value *result)
{
    bide_value r;
    BIDE_TRY(bide_await(bide_coro(async_1, BIDE_NONE), &r));
    print("async_2 got", r);
    return bide_return(result, r.as.i + 1);
}

static BIDE_ASYNC int async_3(bide_value arg, bide_value *result)
{
    bide_value r;
    BIDE_TRY(bide_await(bide_coro(async_2, BIDE_NONE), &r));
    print("async_3 got", r);
    return bide_return(result, r.as.i + 1);
}

static BIDE_ASYNC int deep(bide_value n, bide_value *result)
{
    bide_value r;
    if (n.as.i == 0)
        return bide_await(suspend(n), result);
    BIDE_TRY(bide_await(bide_coro(deep, bide_int(n.as.i - 1)), &r));
    return bide_return(result, 1 + r.as.i);
}

int c07_passthrough(void)
{
    BIDE_SCOPED bide_value c = bide_coro(async_3, BIDE_NONE);
    step("send", bide_send, c, BIDE_NONE);
    step("send(40)", bide_send, c, bide_int(40));

    BIDE_SCOPED bide_value d = bide_coro(async_3, BIDE_NONE);
    BIDE_TRY(bide_send(d, BIDE_NONE, NULL));
    step("throw", bide_throw, d, bide_error_new(BIDE_ValueError, "through"));

    BIDE_SCOPED bide_value e = bide_coro(deep, bide_int(400));
    step("deep", bide_send, e, BIDE_NONE);
    step("deep send(0)", bide_send, e, bide_int(0));
    return 0;
}
