/* run cancels the tasks that are left, waits for them, then closes the async generators.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value keep;

static BIDE_ASYNC int clean(bide_value args)
{
    BIDE_TRY(sleep_for(item(args, 1)));
    log(item(args, 0), "cleaned");
    return 0;
}

static BIDE_ASYNC int(w)(bide_value args, bide_value *result)
{
    BIDE_TRY(bide_defer(clean, bide_ref(args)));
    if (bide_sleep(BIDE_SECONDS(9)) < 0) {
        BIDE_EXCEPT(BIDE_CancelledError, NULL, return log_cancelled(item(args, 0)));
        log(item(args, 0), "cancelled");
    }
    return 0;
}
#define w(...) bide_coro(w, bide_tuple(__VA_ARGS__))

static BIDE_ASYNC_GENERATOR int agen(bide_value arg, bide_value *result)
{
    bide_yield(bide_int(1), NULL);
    log("agen closed");
    return bide_error_pending() ? BIDE_RAISED : 0;
}

static BIDE_ASYNC int failing(bide_value arg, bide_value *result)
{
    if (bide_sleep(BIDE_SECONDS(9)) < 0 && !bide_error_matches(BIDE_CancelledError))
        return BIDE_RAISED;
    return bide_raise(BIDE_ValueError, "at shutdown");
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_list_append(keep, spawn(w("a", 2))));
    BIDE_TRY(bide_list_append(keep, spawn(w("b", 1))));
    BIDE_TRY(bide_list_append(keep, spawn(bide_coro(failing, BIDE_NONE))));
    bide_value g = bide_agen(agen, BIDE_NONE);
    BIDE_TRY(bide_list_append(keep, g));
    BIDE_TRY(bide_await(bide_anext(g), NULL));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    log("main returns");
    return bide_return(result, "result");
}

static BIDE_ASYNC int async_main2(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_list_append(keep, spawn(w("c", 1))));
    BIDE_TRY(bide_sleep(0));
    return bide_raise(BIDE_OSError, "main failed");
}

int l02_shutdown(void)
{
    keep = bide_list();
    top(bide_coro(async_main, BIDE_NONE));
    bide_clear(&keep);
    keep = bide_list();
    top(bide_coro(async_main2, BIDE_NONE));
    bide_clear(&keep);
    return 0;
}
