/* Callbacks run in order; those that callbacks register run in the next iteration; a cancelled one
 * never runs, and one that fails harms nobody.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value victim;

static int cb(bide_value args)
{
    bide_value n = item(args, 0), again = item(args, 1);
    log("cb", n);
    if (!bide_is_none(again))
        bide_drop(bide_call_soon(cb, bide_tuple(bide_ref(again))));
    return bide_error_pending() ? BIDE_RAISED : 0;
}

static int nest(bide_value arg)
{
    bide_value h = bide_call_soon(cb, bide_tuple("nested"));
    bide_drop(h);
    return bide_failed(h) ? BIDE_RAISED : 0;
}

static int killer(bide_value arg)
{
    log("killer");
    bide_handle_cancel(victim);
    return 0;
}

static int bad(bide_value arg)
{
    return bide_raise(BIDE_ValueError, "in callback");
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    bide_drop(bide_call_soon(cb, bide_tuple(1, "1b")));
    BIDE_SCOPED bide_value h = bide_call_soon(cb, bide_tuple(2));
    bide_drop(bide_call_soon(cb, bide_tuple(3, "3b")));
    bide_handle_cancel(h);
    log("cancelled", bide_handle_cancelled(h));
    bide_drop(bide_call_soon(nest, BIDE_NONE));
    log("main");
    BIDE_TRY(bide_sleep(0));
    log("tick 1");
    BIDE_TRY(bide_sleep(0));
    log("tick 2");
    BIDE_TRY(bide_sleep(0));
    log("tick 3");
    bide_drop(bide_call_soon(killer, BIDE_NONE));
    victim = bide_call_soon(cb, bide_tuple("victim"));
    BIDE_TRY(bide_sleep(0));
    bide_drop(bide_call_soon(bad, BIDE_NONE));
    bide_drop(bide_call_soon(cb, bide_tuple("after bad")));
    BIDE_TRY(bide_sleep(0));
    log("loop survives");
    return 0;
}

int f01_call_soon(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    bide_clear(&victim);
    return 0;
}
