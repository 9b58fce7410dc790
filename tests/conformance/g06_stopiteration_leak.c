/* StopIteration that escapes from a generator would look like its end: it becomes RuntimeError.
 * In C the end is a status, so that only an explicit raise can leak one.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_GENERATOR int leaks(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_yield(bide_int(1), NULL));
    return bide_raise_error(bide_error_with(BIDE_StopIteration, bide_int(7)));
}

static bide_value inner(void)
{
    bide_raise(BIDE_StopIteration, NULL);
    return BIDE_FAILED;
}

static BIDE_GENERATOR int leaks2(bide_value arg, bide_value *result)
{
    return bide_yield(inner(), NULL);
}

static BIDE_GENERATOR int thrown(bide_value arg, bide_value *result)
{
    return bide_yield(bide_int(1), NULL);
}

int g06_stopiteration_leak(void)
{
    BIDE_SCOPED bide_value g = bide_gen(leaks, BIDE_NONE);
    step("next", bide_next, g);
    step("next", bide_next, g);
    step("next", bide_next, g);

    BIDE_SCOPED bide_value h = bide_gen(leaks2, BIDE_NONE);
    step("next", bide_next, h);

    BIDE_SCOPED bide_value t = bide_gen(thrown, BIDE_NONE);
    BIDE_TRY(bide_next(t, NULL));
    step("throw StopIteration", bide_throw, t, bide_error_new(BIDE_StopIteration, "x"));
    return 0;
}
