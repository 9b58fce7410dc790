/* A task that cancels itself; and cancelling one that is woken but has not run yet.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static int cancel_current(void)
{
    BIDE_SCOPED bide_value current = bide_current_task();
    return bide_future_cancel(current, NULL);
}

static BIDE_ASYNC int selfcancel(bide_value arg, bide_value *result)
{
    cancel_current();
    log("still running");
    if (bide_sleep(BIDE_SECONDS(1)) < 0) {
        if (bide_error_matches(BIDE_CancelledError))
            log("at next await");
        return BIDE_RAISED;
    }
    log("not reached");
    return 0;
}

static BIDE_ASYNC int atend(bide_value arg, bide_value *result)
{
    cancel_current();
    return bide_return(result, "result is lost");
}

static BIDE_ASYNC int caught_at_end(bide_value arg, bide_value *result)
{
    cancel_current();
    if (bide_sleep(0) < 0) {
        BIDE_EXCEPT(BIDE_CancelledError, NULL);
        log("eaten");
    }
    return bide_return(result, "kept");
}

static BIDE_ASYNC int waiter(bide_value f, bide_value *result)
{
    BIDE_SCOPED bide_value v = BIDE_NONE;
    if (bide_await(bide_ref(f), &v) < 0) {
        if (bide_error_matches(BIDE_CancelledError))
            log("cancelled although result ready");
        return BIDE_RAISED;
    }
    log("got", v);
    return 0;
}

static BIDE_ASYNC int cancel_after_set(void)
{
    BIDE_SCOPED bide_value f = bide_future();
    BIDE_SCOPED bide_value t = spawn(bide_coro(waiter, bide_ref(f)));
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_future_set_result(f, bide_str("v")));
    bide_future_cancel(t, NULL);
    attempt("cancel after set_result", bide_ref(t));
    log(state(f));
    return 0;
}

static BIDE_ASYNC int cancel_waiter(void)
{
    BIDE_SCOPED bide_value f = bide_future();
    BIDE_SCOPED bide_value t = spawn(bide_coro(waiter, bide_ref(f)));
    BIDE_TRY(bide_sleep(0));
    bide_future_cancel(t, NULL);
    log(state(f));
    attempt("cancel waiter cancels future", bide_ref(t));
    log(state(f));
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    attempt("self", spawn(bide_coro(selfcancel, BIDE_NONE)));
    BIDE_SCOPED bide_value t = spawn(bide_coro(atend, BIDE_NONE));
    attempt("at end", bide_ref(t));
    log(bide_future_cancelled(t));
    attempt("eaten", spawn(bide_coro(caught_at_end, BIDE_NONE)));
    BIDE_TRY(cancel_after_set());
    return cancel_waiter();
}

int x03_cancel_edges(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
