/* A generator's return value comes with its end, once; after that every step ends with None.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_GENERATOR int func(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_yield(bide_int(37), NULL));
    return bide_return(result, 42);
}

static BIDE_GENERATOR int noret(bide_value arg, bide_value *result)
{
    return bide_yield(bide_int(1), NULL);
}

int g02_return_value(void)
{
    BIDE_SCOPED bide_value f = bide_gen(func, BIDE_NONE);
    step("next", bide_next, f);
    step("next", bide_next, f);
    step("next", bide_next, f);
    step("send(5) finished", bide_send, f, bide_int(5));

    BIDE_SCOPED bide_value g = bide_gen(noret, BIDE_NONE);
    step("next", bide_next, g);
    step("next", bide_next, g);
    return 0;
}
