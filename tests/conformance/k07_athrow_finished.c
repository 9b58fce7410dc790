/* An exception thrown into a finished async generator is dropped in silence by athrow, as in
 * Python; athrow_strict raises it, as a generator's throw does.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC_GENERATOR int gen(bide_value arg, bide_value *result)
{
    return bide_yield(bide_int(1), NULL);
}

static BIDE_GENERATOR int sg(bide_value arg, bide_value *result)
{
    return bide_yield(bide_int(1), NULL);
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value g = bide_agen(gen, BIDE_NONE), s = bide_gen(sg, BIDE_NONE);
    BIDE_ASYNC_FOR (x, bide_ref(g))
        (void)x;
    BIDE_TRY(0);
    attempt("athrow(ValueError) on finished",
            bide_athrow(g, bide_error_new(BIDE_ValueError, "dropped")));
    attempt("athrow_strict(ValueError) on finished",
            bide_athrow_strict(g, bide_error_new(BIDE_ValueError, "raised")));
    BIDE_FOR (x, bide_ref(s))
        (void)x;
    step("generator.throw on finished", bide_throw, s, bide_error_new(BIDE_ValueError, "raised"));
    return 0;
}

int k07_athrow_finished(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
