/* A cancelled task may swallow the cancellation, clean up at length, or raise something else; a
 * second one interrupts its cleanup.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int swallow(bide_value arg, bide_value *result)
{
    if (bide_sleep(BIDE_SECONDS(9)) < 0) {
        BIDE_EXCEPT(BIDE_CancelledError, NULL);
        log("swallowed");
    }
    BIDE_TRY(bide_sleep(BIDE_SECONDS(2)));
    return bide_return(result, "survived");
}

static BIDE_ASYNC int cleanup(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value e = BIDE_NONE;
    if (bide_sleep(BIDE_SECONDS(9)) < 0) {
        BIDE_EXCEPT(BIDE_CancelledError, &e);
        log("cleanup");
        BIDE_TRY(bide_sleep(BIDE_SECONDS(2)));
        log("cleaned");
        return bide_error_restore(bide_ref(e));
    }
    return 0;
}

static BIDE_ASYNC int convert(bide_value arg, bide_value *result)
{
    if (bide_sleep(BIDE_SECONDS(9)) < 0) {
        BIDE_EXCEPT(BIDE_CancelledError, NULL);
        return bide_raise(BIDE_ValueError, "converted");
    }
    return 0;
}

/* Cancels the task of body after a second, and again after another one. */
static BIDE_ASYNC bide_value cancelled_after(bide_value coro, int times)
{
    bide_value t = spawn(coro);
    for (int i = 0; i < times; i++) {
        if (bide_sleep(BIDE_SECONDS(1)) < 0 || bide_future_cancel(t, NULL) < 0) {
            bide_drop(t);
            return BIDE_FAILED;
        }
    }
    return t;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value t = cancelled_after(bide_coro(swallow, BIDE_NONE), 1);
    attempt("swallow", bide_ref(t));
    log(state(t), bide_task_cancelling(t));
    attempt("cleanup", cancelled_after(bide_coro(cleanup, BIDE_NONE), 1));
    attempt("second cancel interrupts cleanup", cancelled_after(bide_coro(cleanup, BIDE_NONE), 2));
    BIDE_SCOPED bide_value c = cancelled_after(bide_coro(convert, BIDE_NONE), 1);
    attempt("convert", bide_ref(c));
    log(bide_future_cancelled(c));
    attempt("swallow then cancel", cancelled_after(bide_coro(swallow, BIDE_NONE), 2));
    return 0;
}

int x02_cancel_catch(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
