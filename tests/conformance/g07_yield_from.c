/* yield from: values, sends and throws go through to the inner generator, its return value comes
 * back, and close reaches the inner one first.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_GENERATOR int sub(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value a = BIDE_NONE, b = BIDE_NONE, e = BIDE_NONE;

    print("sub start");
    BIDE_TRY(bide_yield(bide_str("a"), &a), goto except);
    print("sub got", a);
    BIDE_TRY(bide_yield(bide_str("b"), &b), goto except);
    print("sub got", b);
    return bide_return(result, "subret");
except:
    BIDE_EXCEPT(BIDE_ValueError, &e);
    print("sub caught", e);
    BIDE_TRY(bide_yield(bide_str("c"), NULL));
    return bide_return(result, "subret");
}

static BIDE_GENERATOR int outer(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value r = BIDE_NONE;
    BIDE_TRY(bide_yield_from(bide_gen(sub, BIDE_NONE), &r));
    print("outer got", r);
    return bide_yield_from(bide_gen(sub, BIDE_NONE), result);
}

static BIDE_GENERATOR int sub2(bide_value arg, bide_value *result)
{
    int status = bide_yield(bide_int(1), NULL);
    print("sub2 closed");
    return status;
}

static BIDE_GENERATOR int outer2(bide_value arg, bide_value *result)
{
    int status = bide_yield_from(bide_gen(sub2, BIDE_NONE), NULL);
    print("outer2 closed");
    return status;
}

int g07_yield_from(void)
{
    BIDE_SCOPED bide_value g = bide_gen(outer, BIDE_NONE);
    step("next", bide_next, g);
    step("send(1)", bide_send, g, bide_int(1));
    step("send(2)", bide_send, g, bide_int(2));
    step("throw", bide_throw, g, bide_error_new(BIDE_ValueError, "v"));
    step("next", bide_next, g);

    BIDE_SCOPED bide_value h = bide_gen(outer2, BIDE_NONE);
    BIDE_TRY(bide_next(h, NULL));
    step("close", bide_close, h);
    return 0;
}
