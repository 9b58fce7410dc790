/* Cancelling a task before it starts, while it sleeps, when it is done, twice; what is counted.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int w(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value e = BIDE_NONE;
    log("started");
    if (bide_sleep(BIDE_SECONDS(9)) < 0) {
        e = bide_error_take();
        log("caught", ex(e));
        return bide_error_restore(bide_ref(e));
    }
    return 0;
}

static BIDE_ASYNC int raiser(bide_value arg, bide_value *result)
{
    return bide_raise(BIDE_CancelledError, "by itself");
}

static BIDE_ASYNC int before_start(void)
{
    BIDE_SCOPED bide_value t = spawn(bide_coro(w, BIDE_NONE));
    log("cancel", bide_bool(bide_future_cancel(t, NULL)));
    attempt("before start", bide_ref(t));
    log(bide_future_cancelled(t), bide_future_done(t));
    return 0;
}

static BIDE_ASYNC int sleeping(void)
{
    BIDE_SCOPED bide_value t = spawn(bide_coro(w, BIDE_NONE));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bool cancelled = bide_future_cancel(t, "stop it");
    log("cancel", cancelled, "cancelled yet", bide_future_cancelled(t), bide_task_cancelling(t));
    attempt("sleeping", bide_ref(t));
    cancelled = bide_future_cancel(t, NULL);
    log("cancel finished", cancelled, bide_task_cancelling(t));
    return 0;
}

static BIDE_ASYNC int twice(void)
{
    BIDE_SCOPED bide_value t = spawn(bide_coro(w, BIDE_NONE));
    BIDE_TRY(bide_sleep(0));
    bide_future_cancel(t, "one");
    bide_future_cancel(t, "two");
    log(bide_task_cancelling(t));
    attempt("twice", bide_ref(t));
    int first = bide_task_uncancel(t), second = bide_task_uncancel(t);
    log("uncancel", first, second, bide_task_uncancel(t));
    if (bide_future_exception(t, NULL) < 0)
        BIDE_TRY(log_except(BIDE_CancelledError, "exception() raises"));
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_TRY(before_start());
    BIDE_TRY(sleeping());
    BIDE_TRY(twice());
    BIDE_SCOPED bide_value t = spawn(bide_coro(raiser, BIDE_NONE));
    attempt("raised itself", bide_ref(t));
    log(bide_future_cancelled(t), bide_task_cancelling(t));
    return 0;
}

int x01_cancel_basic(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
