/* StopIteration does not leave a coroutine; StopAsyncIteration does. What is returned arrives as it
 * is, also if it is an exception or a tuple.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int f(bide_value arg, bide_value *result)
{
    return bide_raise_error(bide_error_with(BIDE_StopIteration, bide_int(5)));
}

static BIDE_ASYNC int g(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value e = BIDE_NONE;
    if (bide_await(bide_coro(f, BIDE_NONE), NULL) < 0) {
        BIDE_EXCEPT(BIDE_RuntimeError, &e);
        print("cause", ex(bide_error_cause(e)));
        return bide_error_restore(bide_ref(e));
    }
    return 0;
}

static BIDE_ASYNC int h(bide_value arg, bide_value *result)
{
    return bide_raise(BIDE_StopAsyncIteration, "x");
}

static BIDE_ASYNC int k(bide_value arg, bide_value *result)
{
    return bide_return(result, bide_error_with(BIDE_StopIteration, bide_int(10)));
}

static BIDE_ASYNC int t(bide_value arg, bide_value *result)
{
    return bide_return(result, bide_tuple(1, 2));
}

int c06_stopiteration_leak(void)
{
    once("send", bide_coro(f, BIDE_NONE));
    once("send", bide_coro(g, BIDE_NONE));
    once("StopAsyncIteration passes", bide_coro(h, BIDE_NONE));

    BIDE_SCOPED bide_value c = bide_coro(k, BIDE_NONE), value = BIDE_NONE;
    BIDE_TRY(bide_send(c, BIDE_NONE, &value));
    print("returned exception object", bide_type_name(value), bide_error_value(value));

    once("tuple return", bide_coro(t, BIDE_NONE));
    return 0;
}
