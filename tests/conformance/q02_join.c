/* task_done and join.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value q;

static BIDE_ASYNC int worker(bide_value n, bide_value *result)
{
    for (;;) {
        BIDE_SCOPED bide_value x = BIDE_NONE;
        BIDE_TRY(bide_queue_get(q, &x));
        BIDE_TRY(sleep_for(x));
        log(n, "did", x);
        BIDE_TRY(bide_queue_task_done(q));
    }
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    static const int times[] = {3, 1, 2, 1};
    q = bide_queue(0);
    for (int i = 0; i < 4; i++)
        BIDE_TRY(bide_queue_put_nowait(q, bide_int(times[i])));
    BIDE_SCOPED bide_value r = BIDE_NONE;
    BIDE_SCOPED bide_value ws =
        bide_list(spawn(bide_coro(worker, bide_str("a"))), spawn(bide_coro(worker, bide_str("b"))));
    BIDE_TRY(bide_queue_join(q));
    log("joined", bide_queue_size(q));
    bide_future_cancel(bide_item(ws, 0), NULL);
    bide_future_cancel(bide_item(ws, 1), NULL);
    BIDE_TRY(bide_await(bide_gather(bide_ref(ws), true), &r));
    log(each(type_name, r));
    if (bide_queue_task_done(q) < 0)
        BIDE_TRY(log_except(BIDE_ValueError, NULL));
    BIDE_TRY(bide_queue_join(q));
    log("join on idle returns at once");
    return 0;
}

int q02_join(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    bide_clear(&q);
    return 0;
}
