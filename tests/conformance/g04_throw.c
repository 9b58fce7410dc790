/* throw: caught inside, passed through, before the start, after the end.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_GENERATOR int gen(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value x = BIDE_NONE, e = BIDE_NONE;
    if (bide_yield(bide_int(1), &x) < 0) {
        BIDE_EXCEPT(BIDE_ValueError, &e);
        print("caught", e);
        x = bide_str("recovered");
    }
    return bide_yield(bide_ref(x), result);
}

int g04_throw(void)
{
    BIDE_SCOPED bide_value g = bide_gen(gen, BIDE_NONE);
    step("next", bide_next, g);
    step("throw VE", bide_throw, g, bide_error_new(BIDE_ValueError, "boom"));
    step("send(3)", bide_send, g, bide_int(3));
    step("throw on finished", bide_throw, g, bide_error_new(BIDE_ValueError, "late"));

    BIDE_SCOPED bide_value h = bide_gen(gen, BIDE_NONE);
    step("throw unstarted", bide_throw, h, bide_error_new(BIDE_KeyError, "k"));
    step("next after", bide_next, h);

    BIDE_SCOPED bide_value i = bide_gen(gen, BIDE_NONE);
    step("next", bide_next, i);
    step("throw KE", bide_throw, i, bide_error_new(BIDE_RuntimeError, "other"));
    step("next after", bide_next, i);
    return 0;
}
