/* TaskGroup: success, a child that fails, a body that fails, a child cancelled, the parent
 * cancelled, several errors.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int(w)(bide_value args, bide_value *result)
{
    bide_value n = item(args, 0), d = item(args, 1), e = item(args, 2);
    if (sleep_for(d) < 0)
        return log_cancelled(n);
    log(n, "finished");
    if (!bide_is_none(e))
        return bide_raise_error(bide_ref(e));
    return bide_return(result, bide_ref(n));
}
#define w(...) bide_coro(w, bide_tuple(__VA_ARGS__))

static bide_value ValueError(const char *message)
{
    return bide_error_new(BIDE_ValueError, "%s", message);
}

static int cancelling(void)
{
    BIDE_SCOPED bide_value current = bide_current_task();
    return bide_task_cancelling(current);
}

static BIDE_ASYNC int success(void)
{
    BIDE_SCOPED bide_value a = BIDE_NONE, b = BIDE_NONE, ra = BIDE_NONE, rb = BIDE_NONE;
    BIDE_ASYNC_WITH (g, bide_group()) {
        a = bide_group_task(g, w("a", 2), NULL);
        b = bide_group_task(g, w("b", 1), NULL);
        log("body end");
    }
    BIDE_END_WITH(g);
    BIDE_TRY(bide_future_result(a, &ra));
    BIDE_TRY(bide_future_result(b, &rb));
    log("after", ra, rb);
    return 0;
}

static BIDE_ASYNC int failing(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (g, bide_group()) {
        BIDE_WITH_TRY(g, bide_group_start(g, w("x", 1, ValueError("x"))));
        BIDE_WITH_TRY(g, bide_group_start(g, w("y", 5)));
        BIDE_WITH_TRY(g, bide_group_start(g, w("z", 5)));
        if (bide_sleep(BIDE_SECONDS(9)) < 0 && bide_error_matches(BIDE_CancelledError))
            log("body cancelled", cancelling());
        BIDE_LEAVE(g);
    }
    BIDE_END_WITH(g);
    return 0;
}

static BIDE_ASYNC int body(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (g, bide_group()) {
        BIDE_WITH_TRY(g, bide_group_start(g, w("y", 5)));
        BIDE_WITH_TRY(g, bide_sleep(BIDE_SECONDS(1)));
        BIDE_WITH_TRY(g, bide_raise(BIDE_OSError, "body"));
    }
    BIDE_END_WITH(g);
    return 0;
}

static BIDE_ASYNC int childc(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (g, bide_group()) {
        BIDE_SCOPED bide_value t = bide_group_task(g, w("c", 5), NULL);
        BIDE_WITH_TRY(g, bide_group_start(g, w("d", 2)));
        BIDE_WITH_TRY(g, bide_sleep(BIDE_SECONDS(1)));
        bide_future_cancel(t, NULL);
    }
    BIDE_END_WITH(g);
    return bide_return(result, "group ok");
}

static BIDE_ASYNC int parent(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (g, bide_group()) {
        BIDE_WITH_TRY(g, bide_group_start(g, w("p", 5)));
        BIDE_WITH_TRY(g, bide_group_start(g, w("q", 5)));
    }
    BIDE_END_WITH(g);
    return 0;
}

static BIDE_ASYNC int late(bide_value arg, bide_value *result)
{
    if (bide_sleep(BIDE_SECONDS(9)) < 0 && !bide_error_matches(BIDE_CancelledError))
        return BIDE_RAISED;
    return bide_raise(BIDE_KeyError, "late");
}

static BIDE_ASYNC int two(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (g, bide_group()) {
        BIDE_WITH_TRY(g, bide_group_start(g, w("x", 1, ValueError("x"))));
        BIDE_WITH_TRY(g, bide_group_start(g, w("y", 1, bide_error_new(BIDE_OSError, "y"))));
        BIDE_WITH_TRY(g, bide_group_start(g, bide_coro(late, BIDE_NONE)));
    }
    BIDE_END_WITH(g);
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_TRY(success());
    attempt("failing child", bide_coro(failing, BIDE_NONE));
    log("cancelling", cancelling());
    attempt("failing body", bide_coro(body, BIDE_NONE));
    attempt("cancelled child", bide_coro(childc, BIDE_NONE));
    BIDE_SCOPED bide_value t = spawn(bide_coro(parent, BIDE_NONE));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(t, NULL);
    attempt("cancelled parent", bide_ref(t));
    attempt("several errors", bide_coro(two, BIDE_NONE));
    return 0;
}

int x06_taskgroup(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
