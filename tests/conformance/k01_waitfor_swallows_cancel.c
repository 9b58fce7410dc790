/* Cancelling a wait_for whose inner coroutine has just finished is not lost, as it was up to
 * Python 3.11.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int inner(bide_value arg, bide_value *result)
{
    return bide_return(result, "x");
}

static BIDE_ASYNC int co(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value r = BIDE_NONE;
    BIDE_TRY(bide_wait_for(bide_coro(inner, BIDE_NONE), BIDE_SECONDS(100), &r));
    log("cancellation was swallowed, got", r);
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    return bide_return(result, "ran on");
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value t = spawn(bide_coro(co, BIDE_NONE));
    BIDE_TRY(bide_sleep(0));
    log("cancel", bide_bool(bide_future_cancel(t, NULL)));
    attempt("t", bide_ref(t));
    log(bide_task_cancelling(t));
    return 0;
}

int k01_waitfor_swallows_cancel(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
