/* A timeout around a TaskGroup, and in its block.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int(w)(bide_value args, bide_value *result)
{
    bide_value n = item(args, 0), d = item(args, 1);
    if (sleep_for(d) < 0)
        return log_cancelled(n);
    log(n, "done");
    return 0;
}
#define w(...) bide_coro(w, bide_tuple(__VA_ARGS__))

static BIDE_ASYNC int a(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (cm, bide_timeout(BIDE_SECONDS(2))) {
        BIDE_ASYNC_WITH (g, bide_group(), BIDE_LEAVE(cm)) {
            BIDE_WITH_TRY(g, bide_group_start(g, w("fast", 1)));
            BIDE_WITH_TRY(g, bide_group_start(g, w("slow", 5)));
        }
        BIDE_END_WITH(g, BIDE_LEAVE(cm));
    }
    BIDE_END_WITH(cm);
    return 0;
}

static BIDE_ASYNC int late(void)
{
    BIDE_ASYNC_WITH (cm, bide_timeout(BIDE_SECONDS(1))) {
        BIDE_WITH_TRY(cm, bide_sleep(BIDE_SECONDS(9)));
    }
    BIDE_END_WITH(cm);
    return 0;
}

static BIDE_ASYNC int b(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (g, bide_group()) {
        BIDE_WITH_TRY(g, bide_group_start(g, w("other", 3)));
        BIDE_WITH_TRY(g, late());
    }
    BIDE_END_WITH(g);
    return 0;
}

static BIDE_ASYNC int c(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (g, bide_group()) {
        BIDE_WITH_TRY(g, bide_group_start(g, w("other", 3)));
        if (late() < 0) {
            BIDE_EXCEPT(BIDE_TimeoutError, NULL, BIDE_LEAVE(g));
            log("handled");
        }
    }
    BIDE_END_WITH(g);
    return bide_return(result, "ok");
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    attempt("timeout(group)", bide_coro(a, BIDE_NONE));
    attempt("group(timeout)", bide_coro(b, BIDE_NONE));
    attempt("handled", bide_coro(c, BIDE_NONE));
    BIDE_SCOPED bide_value current = bide_current_task();
    log(bide_task_cancelling(current));
    return 0;
}

int x08_timeout_group(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
