/* Cancelling is a single event, as in asyncio: a second one lands in the middle of cleanup, and one
 * that is swallowed does not come again.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int careful(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value e = BIDE_NONE;
    if (bide_sleep(BIDE_SECONDS(9)) < 0) {
        BIDE_EXCEPT(BIDE_CancelledError, &e);
        log("cleanup 1");
        BIDE_TRY(bide_sleep(BIDE_SECONDS(2)));
        log("cleanup 2 (skipped on second cancel)");
        return bide_error_restore(bide_ref(e));
    }
    return 0;
}

static BIDE_ASYNC int sloppy(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 3; i++) {
        BIDE_SCOPED bide_value e = BIDE_NONE;
        if (bide_sleep(BIDE_SECONDS(2)) < 0) {
            BIDE_EXCEPT(BIDE_BaseException, &e);
            log("sloppy ate", ex(e));
        } else
            log("sloppy round", i);
    }
    return bide_return(result, "never stopped");
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value c = spawn(bide_coro(careful, BIDE_NONE)), v = BIDE_NONE;
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(c, NULL);
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(c, NULL);
    attempt("careful", bide_ref(c));
    BIDE_SCOPED bide_value s = spawn(bide_coro(sloppy, BIDE_NONE));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(s, NULL);
    attempt("sloppy", bide_ref(s));
    attempted("sloppy under timeout",
              bide_wait_for(bide_coro(sloppy, BIDE_NONE), BIDE_SECONDS(1), &v), &v);
    return 0;
}

int k04_cleanup_interrupted(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
