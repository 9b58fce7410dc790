/* Eager tasks run up to their first suspension while they are made.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int nop(bide_value arg, bide_value *result)
{
    log("nop body");
    return bide_return(result, "v");
}

static BIDE_ASYNC int blocks(bide_value arg, bide_value *result)
{
    log("before");
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    log("after");
    return bide_return(result, "b");
}

static BIDE_ASYNC int fails(bide_value arg, bide_value *result)
{
    return bide_raise(BIDE_ValueError, "eager");
}

static BIDE_ASYNC int cur(bide_value outer, bide_value *result)
{
    BIDE_SCOPED bide_value current = bide_current_task();
    log("current is self", !bide_is(current, outer) ? bide_bool(true) : bide_bool(false));
    return 0;
}

#define eager(coro) bide_task_eager(coro, NULL)

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value t = eager(bide_coro(nop, BIDE_NONE)), v = BIDE_NONE;
    BIDE_TRY(bide_future_result(t, &v));
    log("created", bide_future_done(t), v);
    BIDE_SCOPED bide_value b = eager(bide_coro(blocks, BIDE_NONE)), w = BIDE_NONE;
    log("created", bide_future_done(b));
    BIDE_TRY(bide_await(bide_ref(b), &w));
    log(w);
    BIDE_SCOPED bide_value f = eager(bide_coro(fails, BIDE_NONE));
    log("created", bide_future_done(f));
    attempt("fails", bide_ref(f));

    BIDE_SCOPED bide_value outer = bide_current_task();
    BIDE_SCOPED bide_value c = eager(bide_coro(cur, bide_ref(outer)));
    BIDE_SCOPED bide_value current = bide_current_task();
    log("restored", bide_is(current, outer));
    return 0;
}

int n02_eager(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
