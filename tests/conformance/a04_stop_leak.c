/* StopAsyncIteration and StopIteration do not leave an async generator.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC_GENERATOR int a(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_yield(bide_int(1), NULL));
    return bide_raise(BIDE_StopAsyncIteration, "x");
}

static BIDE_ASYNC_GENERATOR int b(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_yield(bide_int(1), NULL));
    return bide_raise(BIDE_StopIteration, "y");
}

static BIDE_ASYNC void attempt_three(bide_value agen)
{
    BIDE_SCOPED bide_value g = agen;
    attempt("first", bide_anext(g));
    attempt("second", bide_anext(g));
    attempt("third", bide_anext(g));
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    attempt_three(bide_agen(a, BIDE_NONE));
    attempt_three(bide_agen(b, BIDE_NONE));
    return 0;
}

int a04_stop_leak(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
