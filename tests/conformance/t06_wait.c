/* wait: until the first is done, until the first fails, until all are, or until a timeout, which
 * cancels nothing.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int(w)(bide_value args, bide_value *result)
{
    bide_value n = item(args, 0), d = item(args, 1), e = item(args, 2);
    BIDE_TRY(sleep_for(d));
    if (!bide_is_none(e))
        return bide_raise_error(bide_ref(e));
    return bide_return(result, bide_ref(n));
}
#define w(...) bide_coro(w, bide_tuple(__VA_ARGS__))

static bide_value mk(void)
{
    bide_value e = bide_error_new(BIDE_ValueError, "b");
    return bide_list(spawn(w("a", 1), "a"), spawn(w("b", 2, e), "b"), spawn(w("c", 3), "c"));
}

static oracle_item done(bide_value task)
{
    return oracle_bool(bide_future_done(task));
}

static BIDE_ASYNC int wait_and_log(const char *label, bide_value ts, int64_t timeout,
                                   bide_return_when when)
{
    BIDE_SCOPED bide_value d = BIDE_NONE, p = BIDE_NONE;
    BIDE_TRY(bide_wait(bide_ref(ts), timeout, when, &d, &p));
    log(label, each(task_name, d), each(task_name, p));
    return 0;
}

static BIDE_ASYNC int three_ways(void)
{
    static const char *const names[] = {"FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED"};
    for (bide_return_when rw = BIDE_FIRST_COMPLETED; rw <= BIDE_ALL_COMPLETED; rw++) {
        BIDE_SCOPED bide_value ts = mk();
        BIDE_TRY(wait_and_log(names[rw], ts, BIDE_NEVER, rw));
        BIDE_TRY(gather_all(ts));
    }
    return 0;
}

static BIDE_ASYNC int timeouts(void)
{
    BIDE_SCOPED bide_value ts = mk();
    BIDE_TRY(wait_and_log("timeout", ts, BIDE_SECONDS(1.5), BIDE_ALL_COMPLETED));
    BIDE_TRY(wait_and_log("timeout 0", ts, 0, BIDE_ALL_COMPLETED));
    return gather_all(ts);
}

static BIDE_ASYNC int wait(bide_value ts, bide_value *result)
{
    attempted("wait", bide_wait(bide_ref(ts), BIDE_NEVER, BIDE_ALL_COMPLETED, NULL, NULL), NULL);
    return 0;
}

static BIDE_ASYNC int bad_arguments(bide_value ts)
{
    attempted("empty", bide_wait(bide_list(), BIDE_NEVER, BIDE_ALL_COMPLETED, NULL, NULL), NULL);
    BIDE_SCOPED bide_value c = w("x", 1), e = BIDE_NONE;
    attempted("coroutine",
              bide_wait(bide_list(bide_ref(c)), BIDE_NEVER, BIDE_ALL_COMPLETED, NULL, NULL), NULL);
    BIDE_TRY(bide_close(c, NULL));

    /* Python has strings here; C's compiler refuses all but numbers. */
    bide_return_when bad = (bide_return_when)77;
    if (bide_wait(bide_list(bide_ref(bide_item(ts, 0))), BIDE_NEVER, bad, NULL, NULL) < 0) {
        BIDE_EXCEPT(BIDE_ValueError, &e);
        bide_value expected = bide_str("Invalid return_when value: 77");
        BIDE_SCOPED bide_value text = bide_str(bide_error_message(e));
        if (bide_equal(text, expected))
            log("bad return_when", "!! ValueError: Invalid return_when value: NO");
        bide_drop(expected);
    }
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_TRY(three_ways());
    BIDE_TRY(timeouts());
    BIDE_SCOPED bide_value ts = mk();
    BIDE_SCOPED bide_value t = spawn(bide_coro(wait, bide_ref(ts)));
    BIDE_TRY(bide_sleep(0));
    bide_future_cancel(t, NULL);
    BIDE_TRY(bide_await(bide_ref(t), NULL));
    log("cancelling wait leaves children", each(done, ts));
    BIDE_TRY(gather_all(ts));
    return bad_arguments(ts);
}

int t06_wait(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
