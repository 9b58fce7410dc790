/* A generator that is running cannot be resumed, thrown into or closed from inside.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value me;

static BIDE_GENERATOR int gen(bide_value arg, bide_value *result)
{
    step("inner next", bide_next, me);
    step("inner throw", bide_throw, me, bide_error_new(BIDE_KeyError, "z"));
    step("inner close", bide_close, me);
    return bide_yield(bide_int(1), NULL);
}

int g08_reentrancy(void)
{
    me = bide_gen(gen, BIDE_NONE);
    step("next", bide_next, me);
    step("next", bide_next, me);
    bide_drop(me);
    return 0;
}
