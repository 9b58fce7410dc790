/* Cancelled getters and putters lose no item and no wake-up.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value q;

static BIDE_ASYNC int(get)(bide_value label, bide_value *result)
{
    BIDE_SCOPED bide_value x = BIDE_NONE;
    attempted(bide_cstr(label), bide_queue_get(q, &x), &x);
    return 0;
}
#define get(label) bide_coro(get, bide_str(label))

static BIDE_ASYNC int(put)(bide_value n, bide_value *result)
{
    if (bide_queue_put(q, bide_ref(n)) < 0) {
        if (bide_error_matches(BIDE_CancelledError))
            log("put cancelled", n);
        return BIDE_RAISED;
    }
    log("put", n);
    return 0;
}
#define put(n) bide_coro(put, bide_str(n))

static BIDE_ASYNC int getter_cancelled(void)
{
    BIDE_SCOPED bide_value ts = bide_list(spawn(get("a")), spawn(get("b"))), x = BIDE_NONE;
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    BIDE_TRY(bide_queue_put_nowait(q, bide_str("item")));
    bide_future_cancel(bide_item(ts, 0), NULL);
    log("put then cancel a");
    BIDE_TRY(gather_all(ts));

    BIDE_SCOPED bide_value a = spawn(get("a"));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(a, NULL);
    BIDE_TRY(bide_await(bide_ref(a), NULL));
    BIDE_TRY(bide_queue_put_nowait(q, bide_str("x")));
    size_t size = bide_queue_size(q);
    BIDE_TRY(bide_queue_get_nowait(q, &x));
    log("size", size, x);
    return 0;
}

static BIDE_ASYNC int putter_cancelled(void)
{
    BIDE_TRY(bide_queue_put_nowait(q, bide_str("full")));
    BIDE_SCOPED bide_value ts = bide_list(spawn(put("p")), spawn(put("r")));
    BIDE_SCOPED bide_value x = BIDE_NONE, y = BIDE_NONE;
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    BIDE_TRY(bide_queue_get_nowait(q, &x));
    log("get", x);
    bide_future_cancel(bide_item(ts, 0), NULL);
    BIDE_TRY(gather_all(ts));
    BIDE_TRY(bide_queue_get_nowait(q, &y));
    log("queue holds", y, bide_queue_empty(q));
    return 0;
}

static BIDE_ASYNC int get_it(bide_value arg, bide_value *result)
{
    return bide_queue_get(q, result);
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value v = BIDE_NONE, later = BIDE_NONE;
    q = bide_queue(1);
    BIDE_TRY(getter_cancelled());
    BIDE_TRY(putter_cancelled());
    attempted("get with timeout", bide_wait_for(bide_coro(get_it, BIDE_NONE), BIDE_SECONDS(2), &v),
              &v);
    BIDE_TRY(bide_queue_put(q, bide_str("later")));
    BIDE_TRY(bide_queue_get(q, &later));
    log(later);
    return 0;
}

int q04_queue_cancel(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    bide_clear(&q);
    return 0;
}
