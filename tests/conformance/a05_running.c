/* While one task is suspended inside an async generator, no other can use it; the first is
 * unharmed.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC_GENERATOR int gen(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_SECONDS(2)));
    BIDE_TRY(bide_yield(bide_int(1), NULL));
    return bide_yield(bide_int(2), NULL);
}

static BIDE_ASYNC int first(bide_value g, bide_value *result)
{
    attempt("first", bide_anext(g));
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value g = bide_agen(gen, BIDE_NONE);
    BIDE_SCOPED bide_value t = bide_task(bide_coro(first, bide_ref(g)), NULL);
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    attempt("second anext", bide_anext(g));
    attempt("asend", bide_asend(g, BIDE_NONE));
    attempt("athrow", bide_athrow(g, bide_error_new(BIDE_ValueError, "v")));
    attempt("aclose", bide_aclose(g));
    BIDE_TRY(bide_await(bide_ref(t), NULL));
    attempt("after", bide_anext(g));
    return 0;
}

int a05_running(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
