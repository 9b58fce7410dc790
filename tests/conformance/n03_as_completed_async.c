/* async for over as_completed gives the tasks themselves.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int(w)(bide_value args, bide_value *result)
{
    bide_value n = item(args, 0), d = item(args, 1);
    BIDE_TRY(sleep_for(d));
    return bide_return(result, bide_ref(n));
}
#define w(...) bide_coro(w, bide_tuple(__VA_ARGS__))

/* t in ts */
static bool in(bide_value t, bide_value ts)
{
    for (size_t i = 0; i < bide_size(ts); i++)
        if (bide_is(bide_item(ts, i), t))
            return true;
    return false;
}

static BIDE_ASYNC int all(void)
{
    BIDE_SCOPED bide_value ts =
        bide_list(spawn(w("a", 3), "A"), spawn(w("b", 1), "B"), spawn(w("c", 2), "C"));
    BIDE_ASYNC_FOR (t, bide_as_completed(bide_ref(ts), BIDE_NEVER)) {
        BIDE_SCOPED bide_value v = BIDE_NONE;
        BIDE_TRY(bide_await(bide_ref(t), &v));
        log(bide_task_name(t), v, in(t, ts));
    }
    return 0;
}

static BIDE_ASYNC int names_until(bide_value ts, int64_t timeout)
{
    BIDE_ASYNC_FOR (t, bide_as_completed(bide_ref(ts), timeout))
        log(bide_task_name(t));
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_TRY(all());
    BIDE_SCOPED bide_value ts = bide_list(spawn(w("a", 1), "A"), spawn(w("b", 9), "B"));
    if (names_until(ts, BIDE_SECONDS(2)) < 0)
        BIDE_TRY(log_except(BIDE_TimeoutError, NULL));
    bide_value b = bide_item(ts, 1);
    if (bide_future_done(b)) /* which it is not, unless it failed */
        return bide_future_result(b, NULL);
    bide_future_cancel(b, NULL);
    return 0;
}

int n03_as_completed_async(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
