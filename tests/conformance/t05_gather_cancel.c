/* Cancelling gather cancels every child, also with exceptions as results; and it is not lost when
 * a child ignores it.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int(w)(bide_value args, bide_value *result)
{
    bide_value n = item(args, 0), d = item(args, 1);
    if (sleep_for(d) < 0)
        return log_cancelled(n);
    return bide_return(result, bide_ref(n));
}
#define w(...) bide_coro(w, bide_tuple(__VA_ARGS__))

static BIDE_ASYNC int ign(bide_value n, bide_value *result)
{
    if (bide_sleep(BIDE_SECONDS(9)) < 0) {
        BIDE_EXCEPT(BIDE_CancelledError, NULL);
        log(n, "ignored");
        return bide_return(result, bide_ref(n));
    }
    return 0;
}

static BIDE_ASYNC int parent(bide_value re, bide_value *result)
{
    return bide_await(bide_gather(bide_list(w("a", 9), w("b", 9)), re.as.b), result);
}

static BIDE_ASYNC int parent2(bide_value arg, bide_value *result)
{
    return bide_await(bide_gather(bide_list(w("fast", 1), bide_coro(ign, bide_str("i"))), false),
                      result);
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    for (int re = 0; re < 2; re++) {
        BIDE_SCOPED bide_value t = spawn(bide_coro(parent, bide_bool(re)));
        BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
        log("cancel", bide_bool(bide_future_cancel(t, NULL)));
        attempt("parent", bide_ref(t));
        log(state(t));
    }
    BIDE_SCOPED bide_value t = spawn(bide_coro(parent2, BIDE_NONE));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(2)));
    bide_future_cancel(t, NULL);
    attempt("parent2", bide_ref(t));

    BIDE_SCOPED bide_value g = bide_gather(bide_list(w("a", 9)), false);
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bool cancelled = bide_future_cancel(g, NULL);
    log("direct cancel", cancelled, bide_future_done(g));
    attempt("g", bide_ref(g));
    BIDE_SCOPED bide_value done = bide_gather(bide_list(w("z", 0)), false);
    BIDE_TRY(bide_await(bide_ref(done), NULL));
    log("cancel done gather", bide_bool(bide_future_cancel(done, NULL)));
    return 0;
}

int t05_gather_cancel(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
