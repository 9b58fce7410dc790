/* Shielded work that fails when its waiter has left: reported when the task goes, which in Bide is
 * as soon as it has failed, without a collector.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int w(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_SECONDS(2)));
    return bide_raise(BIDE_OSError, "late failure");
}

static BIDE_ASYNC int outer(bide_value arg, bide_value *result)
{
    return bide_await(bide_shield(bide_coro(w, BIDE_NONE)), NULL);
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value o = spawn(bide_coro(outer, BIDE_NONE));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(o, NULL);
    attempt("outer", bide_ref(o));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(2)));
    log("end");
    return 0;
}

int k05_shield_unobserved(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
