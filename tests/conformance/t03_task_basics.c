/* A task starts in the next iteration, may be awaited again and again, and cannot be set or await
 * itself.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <stdio.h>

static BIDE_ASYNC int w(bide_value n, bide_value *result)
{
    log("start", n);
    BIDE_TRY(bide_sleep(0));
    log("end", n);
    return bide_return(result, bide_ref(n));
}

static BIDE_ASYNC int boom(bide_value arg, bide_value *result)
{
    return bide_raise(BIDE_ValueError, "v");
}

static BIDE_ASYNC int selfwait(bide_value arg, bide_value *result)
{
    return bide_await(bide_current_task(), NULL);
}

static BIDE_ASYNC int await_failing(void)
{
    BIDE_SCOPED bide_value u = spawn(bide_coro(boom, BIDE_NONE));
    BIDE_TRY(bide_sleep(0));
    log(state(u));
    for (int i = 0; i < 2; i++)
        if (bide_await(bide_ref(u), NULL) < 0)
            BIDE_TRY(log_except(BIDE_ValueError, "raised"));
    return 0;
}

static BIDE_ASYNC int await_self(void)
{
    BIDE_SCOPED bide_value e = BIDE_NONE;
    if (bide_await(spawn(bide_coro(selfwait, BIDE_NONE)), NULL) < 0) {
        BIDE_EXCEPT(BIDE_RuntimeError, &e);
        char start[27];
        snprintf(start, sizeof start, "%s", bide_error_message(e));
        log("RuntimeError", start);
    }
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value t = spawn(bide_coro(w, bide_str("a")), "A"), v = BIDE_NONE;
    log("spawned", bide_task_name(t), bide_future_done(t), state(t));
    BIDE_TRY(bide_await(bide_ref(t), &v));
    log("await", v, state(t));
    bide_clear(&v);
    BIDE_TRY(bide_await(bide_ref(t), &v));
    log("await again", v);
    BIDE_TRY(await_failing());

    if (bide_failed(spawn(bide_ptr(w)))) {
        BIDE_EXCEPT(BIDE_TypeError, NULL);
        log("TypeError");
    }
    BIDE_TRY(await_self());
    BIDE_SCOPED bide_value current = bide_current_task();
    log("current", (bool)(*bide_task_name(current) != 0));
    if (bide_future_set_result(t, bide_int(1)) < 0)
        BIDE_TRY(log_except(BIDE_RuntimeError, NULL));
    if (bide_future_set_exception(t, bide_error_new(BIDE_ValueError, NULL)) < 0)
        BIDE_TRY(log_except(BIDE_RuntimeError, NULL));
    return 0;
}

int t03_task_basics(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
