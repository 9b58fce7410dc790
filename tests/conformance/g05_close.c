/* close: unstarted, suspended, again, ignored, answered with a value, failing.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_GENERATOR int g1(bide_value arg, bide_value *result)
{
    print("body ran");
    int status = bide_yield(bide_int(1), NULL);
    print("cleanup");
    return status;
}

static BIDE_GENERATOR int ignoring(bide_value arg, bide_value *result)
{
    if (bide_yield(bide_int(1), NULL) < 0) {
        BIDE_EXCEPT(BIDE_GeneratorExit, NULL);
        return bide_yield(bide_int(2), NULL);
    }
    return 0;
}

static BIDE_GENERATOR int returning(bide_value arg, bide_value *result)
{
    if (bide_yield(bide_int(1), NULL) < 0) {
        BIDE_EXCEPT(BIDE_GeneratorExit, NULL);
        return bide_return(result, 99);
    }
    return 0;
}

static BIDE_GENERATOR int raising(bide_value arg, bide_value *result)
{
    bide_yield(bide_int(1), NULL);
    return bide_raise(BIDE_ValueError, "in finally");
}

int g05_close(void)
{
    BIDE_SCOPED bide_value a = bide_gen(g1, BIDE_NONE);
    step("close unstarted", bide_close, a);
    step("next", bide_next, a);

    BIDE_SCOPED bide_value b = bide_gen(g1, BIDE_NONE);
    BIDE_TRY(bide_next(b, NULL));
    step("close suspended", bide_close, b);
    step("close again", bide_close, b);
    step("next", bide_next, b);

    BIDE_SCOPED bide_value c = bide_gen(ignoring, BIDE_NONE);
    BIDE_TRY(bide_next(c, NULL));
    step("close ignoring", bide_close, c);
    step("next", bide_next, c);

    BIDE_SCOPED bide_value d = bide_gen(returning, BIDE_NONE);
    BIDE_TRY(bide_next(d, NULL));
    step("close returning", bide_close, d);
    step("next", bide_next, d);

    BIDE_SCOPED bide_value e = bide_gen(raising, BIDE_NONE);
    BIDE_TRY(bide_next(e, NULL));
    step("close raising", bide_close, e);
    step("next", bide_next, e);
    return 0;
}
