/* asend and athrow: suspended, unstarted, finished.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC_GENERATOR int gen(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value v = BIDE_NONE;
    for (;;)
        if (bide_yield(v, &v) < 0) {
            BIDE_SCOPED bide_value e = BIDE_NONE;
            BIDE_EXCEPT(BIDE_ValueError, &e);
            BIDE_TRY(bide_await(suspend("handling"), NULL));
            v = bide_strf("caught %s", bide_error_message(e));
        }
}

static BIDE_ASYNC_GENERATOR int ret(bide_value arg, bide_value *result)
{
    if (bide_yield(bide_int(1), NULL) < 0)
        BIDE_EXCEPT(BIDE_ValueError, NULL);
    return 0;
}

int a02_asend_athrow(void)
{
    BIDE_SCOPED bide_value g = bide_agen(gen, BIDE_NONE);
    drive("asend None", bide_asend(g, BIDE_NONE));
    drive("asend 5", bide_asend(g, bide_int(5)));
    drive("athrow VE", bide_athrow(g, bide_error_new(BIDE_ValueError, "v")));
    drive("athrow KE", bide_athrow(g, bide_error_new(BIDE_KeyError, "k")));
    drive("after", bide_asend(g, bide_int(1)));
    drive("athrow finished", bide_athrow(g, bide_error_new(BIDE_ValueError, "late")));

    BIDE_SCOPED bide_value h = bide_agen(gen, BIDE_NONE);
    drive("athrow unstarted", bide_athrow(h, bide_error_new(BIDE_ValueError, "early")));
    drive("after", bide_anext(h));

    BIDE_SCOPED bide_value i = bide_agen(ret, BIDE_NONE);
    drive("anext", bide_anext(i));
    drive("athrow then return", bide_athrow(i, bide_error_new(BIDE_ValueError, NULL)));
    return 0;
}
