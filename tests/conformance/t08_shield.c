/* shield: who awaits may be cancelled, what is awaited goes on.
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

static BIDE_ASYNC int outer(bide_value t, bide_value *result)
{
    return bide_await(bide_shield(bide_ref(t)), result);
}

static BIDE_ASYNC int outer_cancelled(void)
{
    BIDE_SCOPED bide_value t = spawn(w("a", 3)), o = spawn(bide_coro(outer, bide_ref(t)));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(o, NULL);
    attempt("outer", bide_ref(o));
    log("inner", state(t));
    attempt("inner", bide_ref(t));
    return 0;
}

static BIDE_ASYNC int inner_ends(void)
{
    BIDE_SCOPED bide_value b = spawn(w("b", 3)), s = bide_shield(bide_ref(b));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(b, NULL);
    attempt("inner cancelled", bide_ref(s));
    attempt("inner fails", bide_shield(spawn(w("c", 1, bide_error_new(BIDE_ValueError, "c")))));
    return 0;
}

static BIDE_ASYNC int with_timeout(void)
{
    BIDE_SCOPED bide_value d = spawn(w("d", 4)), v = BIDE_NONE;
    attempted("wait_for(shield)", bide_wait_for(bide_shield(bide_ref(d)), BIDE_SECONDS(1), &v), &v);
    log(state(d));
    attempt("d", bide_ref(d));
    return 0;
}

static BIDE_ASYNC int shield_cancelled(void)
{
    BIDE_SCOPED bide_value t = spawn(w("e", 2, bide_error_new(BIDE_OSError, "late")));
    BIDE_SCOPED bide_value s = bide_shield(bide_ref(t));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(s, NULL);
    attempt("s", bide_ref(s));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(2)));
    log("e", state(t));
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_TRY(outer_cancelled());
    BIDE_TRY(inner_ends());
    BIDE_TRY(with_timeout());
    BIDE_SCOPED bide_value f = bide_future();
    BIDE_TRY(bide_future_set_result(f, bide_int(1)));
    BIDE_SCOPED bide_value same = bide_shield(bide_ref(f));
    log("shortcut", bide_is(same, f));
    return shield_cancelled();
}

int t08_shield(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
