/* A coroutine can be awaited once: neither again when it has ended nor by two at a time.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int value(bide_value arg, bide_value *result)
{
    return bide_return(result, "spam");
}

static BIDE_ASYNC int reader(bide_value c, bide_value *result)
{
    return bide_await(bide_ref(c), result);
}

static BIDE_ASYNC int slow(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_await(suspend(), NULL));
    return bide_return(result, "slow");
}

int c03_await_twice(void)
{
    BIDE_SCOPED bide_value v = bide_coro(value, BIDE_NONE);
    once("first", bide_coro(reader, bide_ref(v)));
    once("second", bide_coro(reader, bide_ref(v)));
    once("third", bide_coro(reader, bide_ref(v)));

    BIDE_SCOPED bide_value s = bide_coro(slow, BIDE_NONE);
    BIDE_SCOPED bide_value r1 = bide_coro(reader, bide_ref(s));
    BIDE_SCOPED bide_value r2 = bide_coro(reader, bide_ref(s));
    step("r1", bide_send, r1, BIDE_NONE);
    step("r2 while r1 awaits", bide_send, r2, BIDE_NONE);
    step("r1", bide_send, r1, BIDE_NONE);

    BIDE_SCOPED bide_value it = bide_await_iter(bide_ref(v));
    step("next on await-iterator", bide_next, it);
    step("close finished", bide_close, v);
    return 0;
}
