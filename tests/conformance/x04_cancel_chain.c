/* Cancelling a task that awaits another cancels that one first; what it makes of it decides.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <string.h>

static BIDE_ASYNC int inner(bide_value mode, bide_value *result)
{
    BIDE_SCOPED bide_value e = BIDE_NONE;
    if (bide_sleep(BIDE_SECONDS(9)) < 0) {
        BIDE_EXCEPT(BIDE_CancelledError, &e);
        log("inner cancelled");
        if (strcmp(bide_cstr(mode), "swallow") == 0)
            return bide_return(result, "inner value");
        if (strcmp(bide_cstr(mode), "error") == 0)
            return bide_raise(BIDE_ValueError, "inner error");
        return bide_error_restore(bide_ref(e));
    }
    return 0;
}

static BIDE_ASYNC int outer(bide_value t, bide_value *result)
{
    if (bide_await(bide_ref(t), result) < 0) {
        if (bide_error_matches(BIDE_CancelledError))
            log("outer cancelled");
        return BIDE_RAISED;
    }
    log("outer got", *result);
    return 0;
}

static BIDE_ASYNC int three(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value coro = bide_coro(inner, bide_str("raise"));
    return outer(coro, result);
}

static BIDE_ASYNC int with_mode(const char *mode)
{
    BIDE_SCOPED bide_value i = spawn(bide_coro(inner, bide_str(mode)));
    BIDE_SCOPED bide_value o = spawn(bide_coro(outer, bide_ref(i)));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(o, NULL);
    log("fut", bide_task_cancelling(o), bide_task_cancelling(i));
    attempt(mode, bide_ref(o));
    log("inner", state(i));
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_TRY(with_mode("raise"));
    BIDE_TRY(with_mode("swallow"));
    BIDE_TRY(with_mode("error"));

    BIDE_SCOPED bide_value i = spawn(bide_coro(inner, bide_str("raise")));
    BIDE_SCOPED bide_value o = spawn(bide_coro(outer, bide_ref(i)));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(i, NULL);
    attempt("inner cancelled directly", bide_ref(o));
    BIDE_SCOPED bide_value t = spawn(bide_coro(three, BIDE_NONE));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(t, NULL);
    attempt("coroutine stack", bide_ref(t));
    return 0;
}

int x04_cancel_chain(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
