/* An inner TaskGroup does not swallow the cancellation by an outer one, as it did up to Python
 * 3.12.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int(fail)(bide_value n, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    return bide_raise(BIDE_ValueError, "%s", bide_cstr(n));
}
#define fail(n) bide_coro(fail, bide_str(n))

static BIDE_ASYNC int inner_group(void)
{
    BIDE_ASYNC_WITH (inner, bide_group()) {
        BIDE_WITH_TRY(inner, bide_group_start(inner, fail("inner")));
        BIDE_WITH_TRY(inner, bide_sleep(BIDE_SECONDS(9)));
    }
    BIDE_END_WITH(inner);
    return 0;
}

static BIDE_ASYNC int body(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (outer, bide_group()) {
        BIDE_SCOPED bide_value e = BIDE_NONE;
        BIDE_WITH_TRY(outer, bide_group_start(outer, fail("outer")));
        if (inner_group() < 0) {
            BIDE_EXCEPT(BIDE_ExceptionGroup, &e, BIDE_LEAVE(outer));
            log("handled", ex(e));
        }
        BIDE_WITH_TRY(outer, bide_sleep(BIDE_SECONDS(5)));
        log("body ran on after its group was aborted");
    }
    BIDE_END_WITH(outer);
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    attempt("body", bide_coro(body, BIDE_NONE));
    BIDE_SCOPED bide_value current = bide_current_task();
    log(bide_task_cancelling(current));
    return 0;
}

int k02_nested_group_swallows(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
