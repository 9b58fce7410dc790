/* run_forever and stop: the iteration that runs is completed, and what it leaves waits for the
 * next run.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value l;

static int print_it(bide_value text)
{
    print(text);
    return 0;
}

static int stop(bide_value arg)
{
    return bide_loop_stop(l);
}

static int call_soon(bide_callback *fn, bide_value arg)
{
    bide_value h = bide_loop_call_soon(l, fn, arg);
    bide_drop(h);
    return bide_failed(h) ? BIDE_RAISED : 0;
}

static int a(bide_value arg)
{
    print("a");
    BIDE_TRY(bide_loop_stop(l));
    return call_soon(print_it, bide_str("queued by a"));
}

static BIDE_ASYNC int co(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_SECONDS(3)));
    return bide_return(result, (double)bide_loop_time(l) / 1e9);
}

static int forever(void)
{
    BIDE_TRY(call_soon(a, BIDE_NONE));
    BIDE_TRY(call_soon(print_it, bide_str("b")));
    BIDE_TRY(bide_loop_run_forever(l));
    print("stopped", bide_loop_is_running(l));
    BIDE_TRY(call_soon(stop, BIDE_NONE));
    BIDE_TRY(bide_loop_run_forever(l));
    print("second run");
    BIDE_TRY(bide_loop_stop(l));
    BIDE_TRY(call_soon(print_it, bide_str("pre-stopped still runs one iteration")));
    return bide_loop_run_forever(l);
}

static int until_complete(void)
{
    for (int i = 0; i < 2; i++) {
        BIDE_SCOPED bide_value v = BIDE_NONE;
        BIDE_TRY(bide_loop_run_until_complete(l, bide_coro(co, BIDE_NONE), &v));
        print(v);
    }
    return 0;
}

int l04_stop(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    l = bide_loop();
    int status = forever() < 0 || until_complete() < 0 ? BIDE_RAISED : 0;
    BIDE_SCOPED bide_value error = bide_error_take();
    bide_loop_close(l);
    if (status == 0)
        print(bide_loop_is_closed(l));
    bide_clear(&l);
    return status < 0 ? bide_error_restore(bide_ref(error)) : 0;
}
