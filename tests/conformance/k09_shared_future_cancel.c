/* Cancelling one waiter cancels the future or task that others wait for too, as in asyncio; with
 * bide_await_shared it cancels that waiter alone.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int work(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_SECONDS(5)));
    return bide_return(result, "w");
}

static BIDE_ASYNC int cancel_one_waiter(bide_value f)
{
    BIDE_SCOPED bide_value ts =
        bide_list(spawn(attempting("a", bide_ref(f))), spawn(attempting("b", bide_ref(f))));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(bide_item(ts, 0), NULL);
    BIDE_TRY(bide_await(bide_gather(bide_ref(ts), false), NULL));
    log(state(f));
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value f = bide_future();
    BIDE_TRY(cancel_one_waiter(f));
    BIDE_SCOPED bide_value w = spawn(bide_coro(work, BIDE_NONE));
    return cancel_one_waiter(w);
}

static BIDE_ASYNC int await_shared(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value v = BIDE_NONE;
    attempted(bide_cstr(bide_item(arg, 0)), bide_await_shared(bide_ref(bide_item(arg, 1)), &v), &v);
    return 0;
}
#define sharing(label, f) bide_coro(await_shared, bide_tuple(label, bide_ref(f)))

static BIDE_ASYNC int cancel_one_sharer(bide_value f)
{
    BIDE_SCOPED bide_value ts = bide_list(spawn(sharing("a", f)), spawn(sharing("b", f)));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(bide_item(ts, 0), NULL);
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    log(state(f));
    if (!*bide_task_name(f)) /* nobody else will */
        BIDE_TRY(bide_future_set_result(f, bide_str("v")));
    BIDE_TRY(bide_await(bide_gather(bide_ref(ts), false), NULL));
    log(state(f));
    return 0;
}

static BIDE_ASYNC int shared(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value f = bide_future();
    BIDE_TRY(cancel_one_sharer(f));
    BIDE_SCOPED bide_value w = spawn(bide_coro(work, BIDE_NONE));
    return cancel_one_sharer(w);
}

int k09_shared_future_cancel(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    print("-- bide_await_shared");
    top(bide_coro(shared, BIDE_NONE));
    return 0;
}
