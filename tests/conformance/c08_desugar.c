/* x = await foo(), and the same by hand: step the await-iterator, yield what it yields, until it
 * ends with the value.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int foo(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value a = BIDE_NONE, b = BIDE_NONE;
    BIDE_TRY(bide_await(suspend("s1"), &a));
    BIDE_TRY(bide_await(suspend("s2"), &b));
    return bide_return(result, bide_tuple(bide_ref(a), bide_ref(b)));
}

static BIDE_GENERATOR int manual(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value it = bide_await_iter(bide_coro(foo, BIDE_NONE));
    bide_value x;
    int status;
    while ((status = bide_next(it, &x)) == BIDE_YIELDED)
        BIDE_TRY(bide_yield(x, NULL));
    *result = x;
    return status;
}

static BIDE_ASYNC int automatic(bide_value arg, bide_value *result)
{
    return bide_await(bide_coro(foo, BIDE_NONE), result);
}

static BIDE_ASYNC int via(bide_value arg, bide_value *result)
{
    return bide_await(bide_awaitable_gen(manual, BIDE_NONE), result);
}

static BIDE_ASYNC int bar(bide_value arg, bide_value *result)
{
    return bide_return(result, 3);
}

int c08_desugar(void)
{
    BIDE_SCOPED bide_value c = bide_coro(automatic, BIDE_NONE);
    for (int i = 0; i < 3; i++)
        step("auto", bide_send, c, BIDE_NONE);

    BIDE_SCOPED bide_value d = bide_coro(via, BIDE_NONE);
    for (int i = 0; i < 3; i++)
        step("manual", bide_send, d, BIDE_NONE);

    BIDE_SCOPED bide_value it = bide_await_iter(bide_coro(bar, BIDE_NONE));
    step("bar", bide_next, it);
    return 0;
}
