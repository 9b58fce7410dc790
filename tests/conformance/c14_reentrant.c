/* A coroutine that is running cannot be resumed or closed from inside.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value me;

static BIDE_ASYNC int g(bide_value arg, bide_value *result)
{
    step("inner send", bide_send, me, BIDE_NONE);
    step("inner close", bide_close, me);
    return bide_return(result, "done");
}

int c14_reentrant(void)
{
    me = bide_coro(g, BIDE_NONE);
    step("send", bide_send, me, BIDE_NONE);
    bide_drop(me);
    return 0;
}
