/* Closed at a yield, an async generator sees GeneratorExit; cancelled at an await, CancelledError.
 * Either way its cleanup may await.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int clean(bide_value arg)
{
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    log("gen cleaned");
    return 0;
}

static BIDE_ASYNC_GENERATOR int gen(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value e = BIDE_NONE;

    BIDE_TRY(bide_defer(clean, BIDE_NONE));
    BIDE_TRY(bide_yield(bide_int(1), NULL), goto except);
    BIDE_TRY(bide_sleep(BIDE_SECONDS(5)), goto except);
    BIDE_TRY(bide_yield(bide_int(2), NULL), goto except);
    return 0;
except:
    BIDE_EXCEPT(BIDE_BaseException, &e);
    log("gen sees", ex(e));
    return bide_error_restore(bide_ref(e));
}

static BIDE_ASYNC int use(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_FOR_OPEN (x, bide_agen(gen, BIDE_NONE))
        log("item", x);
    return 0;
}

static BIDE_ASYNC int nxt(bide_value g, bide_value *result)
{
    return bide_await(bide_anext(g), result);
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value g = bide_agen(gen, BIDE_NONE);
    BIDE_TRY(bide_await(bide_anext(g), NULL));
    BIDE_TRY(bide_await(bide_aclose(g), NULL));
    log("closed at yield");

    BIDE_SCOPED bide_value t = bide_task(bide_coro(use, BIDE_NONE), NULL);
    BIDE_TRY(bide_sleep(BIDE_SECONDS(2)));
    bide_future_cancel(t, NULL);
    attempt("cancelled at await", bide_ref(t));

    BIDE_SCOPED bide_value h = bide_agen(gen, BIDE_NONE);
    BIDE_TRY(bide_await(bide_anext(h), NULL));
    BIDE_SCOPED bide_value n = bide_task(bide_coro(nxt, bide_ref(h)), NULL);
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(n, NULL);
    attempt("cancelled anext", bide_ref(n));
    attempt("after cancel", bide_anext(h));
    BIDE_TRY(bide_await(bide_aclose(h), NULL));
    log("end");
    return 0;
}

int a11_close_vs_cancel(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
