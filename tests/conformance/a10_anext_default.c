/* anext with a default, which stands for the end only; and what Python's async comprehensions do.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC_GENERATOR int gen(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_yield(bide_int(1), NULL));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    return bide_yield(bide_int(2), NULL);
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value g = bide_agen(gen, BIDE_NONE), e = BIDE_NONE;
    for (int i = 0; i < 4; i++)
        attempt("anext", bide_anext_or(g, bide_str("default")));
    attempt("anext no default", bide_anext(g));

    BIDE_SCOPED bide_value tens = bide_list();
    BIDE_ASYNC_FOR_OPEN (x, bide_agen(gen, BIDE_NONE))
        if (x.as.i > 1)
            BIDE_TRY(bide_list_append(tens, bide_int(x.as.i * 10)));
    log(tens);

    BIDE_SCOPED bide_value slept = bide_list();
    for (int i = 0; i < 3; i++) {
        BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
        BIDE_TRY(bide_list_append(slept, bide_int(i)));
    }
    log(slept);

    if (bide_failed(bide_anext(bide_int(5)))) {
        BIDE_EXCEPT(BIDE_TypeError, &e);
        log(ex(e));
    }
    return 0;
}

int a10_anext_default(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
