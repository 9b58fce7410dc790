/* Cancelling is a single event, as in asyncio: a second one lands in the middle of cleanup, and one
 * that is swallowed does not come again. In a shielded scope cleanup is left alone, for a time; and
 * a scope's own cancellation comes again until the scope is left.
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

static BIDE_ASYNC int shielded(bide_value seconds, bide_value *result)
{
    BIDE_SCOPED bide_value e = BIDE_NONE;
    if (bide_sleep(BIDE_SECONDS(9)) < 0) {
        BIDE_EXCEPT(BIDE_CancelledError, &e);
        log("cleanup 1");
        BIDE_ASYNC_WITH (scope, bide_shielded_scope(BIDE_SECONDS(4))) {
            BIDE_WITH_TRY(scope, sleep_for(seconds));
            log("cleanup 2");
        }
        BIDE_END_WITH(scope);
        return bide_error_restore(bide_ref(e));
    }
    return 0;
}

static BIDE_ASYNC int cancel_twice(const char *label, int seconds)
{
    BIDE_SCOPED bide_value c = spawn(bide_coro(shielded, bide_int(seconds)));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(c, NULL);
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(c, NULL);
    attempt(label, bide_ref(c));
    return 0;
}

static BIDE_ASYNC int with_scopes(bide_value arg, bide_value *result)
{
    BIDE_TRY(cancel_twice("careful in a shield", 2));
    BIDE_TRY(cancel_twice("too slow in a shield", 60));
    BIDE_ASYNC_WITH (scope, bide_scope(BIDE_SECONDS(1))) {
        attempt("sloppy in a scope", bide_coro(sloppy, BIDE_NONE));
        BIDE_WITH_TRY(scope, bide_sleep(0));
        log("not stopped");
    }
    BIDE_END_WITH(scope);
    log("stopped");
    return 0;
}

int k04_cleanup_interrupted(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    print("-- scopes");
    top(bide_coro(with_scopes, BIDE_NONE));
    return 0;
}
