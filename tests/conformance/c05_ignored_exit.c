/* What a coroutine can answer to close: await again, return, raise.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int stubborn(bide_value arg, bide_value *result)
{
    if (bide_await(suspend(1), NULL) < 0) {
        BIDE_EXCEPT(BIDE_GeneratorExit, NULL);
        print("ignoring");
        BIDE_TRY(bide_await(suspend(2), NULL));
    }
    return bide_return(result, "x");
}

static BIDE_ASYNC int swallow(bide_value arg, bide_value *result)
{
    if (bide_await(suspend(1), NULL) < 0) {
        BIDE_EXCEPT(BIDE_GeneratorExit, NULL);
        return bide_return(result, "ok");
    }
    return 0;
}

static BIDE_ASYNC int replace(bide_value arg, bide_value *result)
{
    bide_await(suspend(1), NULL);
    return bide_raise(BIDE_ValueError, "from finally");
}

int c05_ignored_exit(void)
{
    BIDE_SCOPED bide_value c = bide_coro(stubborn, BIDE_NONE);
    step("send", bide_send, c, BIDE_NONE);
    step("close", bide_close, c);
    step("send", bide_send, c, BIDE_NONE);

    BIDE_SCOPED bide_value d = bide_coro(swallow, BIDE_NONE);
    BIDE_TRY(bide_send(d, BIDE_NONE, NULL));
    step("close swallowed", bide_close, d);

    BIDE_SCOPED bide_value e = bide_coro(replace, BIDE_NONE);
    BIDE_TRY(bide_send(e, BIDE_NONE, NULL));
    step("close raising", bide_close, e);
    step("close again", bide_close, e);
    return 0;
}
