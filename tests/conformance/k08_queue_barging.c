/* A put_nowait overtakes a putter that waits, as in asyncio; of a fair queue nobody is overtaken.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value q;

static BIDE_ASYNC int(put)(bide_value x, bide_value *result)
{
    BIDE_TRY(bide_queue_put(q, bide_ref(x)));
    log("put", x);
    return 0;
}
#define put(x) bide_coro(put, bide_int(x))

static BIDE_ASYNC int get_nowait(void)
{
    BIDE_SCOPED bide_value x = BIDE_NONE;
    BIDE_TRY(bide_queue_get_nowait(q, &x));
    log("get", x);
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    q = bide_queue(1);
    BIDE_TRY(bide_queue_put(q, bide_int(1)));
    BIDE_SCOPED bide_value t = spawn(put(2));
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(get_nowait());
    BIDE_TRY(bide_queue_put_nowait(q, bide_int(3)));
    log("put_nowait 3 overtook 2");
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(get_nowait());
    BIDE_TRY(bide_await(bide_ref(t), NULL));
    return get_nowait();
}

static BIDE_ASYNC int fairly(bide_value arg, bide_value *result)
{
    q = bide_fair_queue(1);
    BIDE_TRY(bide_queue_put(q, bide_int(1)));
    BIDE_SCOPED bide_value t = spawn(put(2));
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(get_nowait());
    attempted("put_nowait 3", bide_queue_put_nowait(q, bide_int(3)), NULL);
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(get_nowait());
    BIDE_TRY(bide_await(bide_ref(t), NULL));
    BIDE_TRY(bide_queue_put_nowait(q, bide_int(3)));
    return get_nowait();
}

int k08_queue_barging(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    bide_clear(&q);
    print("-- a fair queue");
    top(bide_coro(fairly, BIDE_NONE));
    bide_clear(&q);
    return 0;
}
