/* run: its value and exceptions, nested runs, wrong arguments, closed loops and runners.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int ok(bide_value arg, bide_value *result)
{
    return bide_return(result, "value");
}

static BIDE_ASYNC int fail(bide_value arg, bide_value *result)
{
    return bide_raise(BIDE_ValueError, "v");
}

/* except type as e: print(ex(e)) */
static int print_except(const bide_error_type *type)
{
    BIDE_SCOPED bide_value e = BIDE_NONE;
    BIDE_EXCEPT(type, &e);
    print(ex(e));
    return 0;
}

static BIDE_ASYNC int nested(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value loop = bide_running_loop();
    if (bide_run(bide_coro(ok, BIDE_NONE), NULL) < 0)
        BIDE_TRY(print_except(BIDE_RuntimeError));
    if (bide_loop_run_forever(loop) < 0)
        BIDE_TRY(print_except(BIDE_RuntimeError));
    if (bide_loop_close(loop) < 0)
        BIDE_TRY(print_except(BIDE_RuntimeError));
    return 0;
}

static BIDE_ASYNC int cancelme(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value current = bide_current_task();
    bide_future_cancel(current, NULL);
    return bide_sleep(BIDE_SECONDS(1));
}

static int runs(void)
{
    BIDE_SCOPED bide_value v = BIDE_NONE;
    BIDE_TRY(bide_run(bide_coro(ok, BIDE_NONE), &v));
    print(v);
    if (bide_run(bide_coro(fail, BIDE_NONE), NULL) < 0)
        BIDE_TRY(print_except(BIDE_BaseException));
    if (bide_run(bide_coro(cancelme, BIDE_NONE), NULL) < 0)
        BIDE_TRY(print_except(BIDE_BaseException));
    BIDE_TRY(bide_run(bide_coro(nested, BIDE_NONE), NULL));
    if (bide_run(bide_int(5), NULL) < 0)
        BIDE_TRY(print_except(BIDE_ValueError));
    if (bide_failed(bide_running_loop()))
        BIDE_TRY(print_except(BIDE_RuntimeError));
    return 0;
}

static bide_value l;

static int stop(bide_value arg)
{
    return bide_loop_stop(l);
}

static int closed_loop(void)
{
    bide_value f = bide_loop_future(l);
    bide_drop(bide_loop_call_soon(l, stop, BIDE_NONE));
    if (bide_loop_run_until_complete(l, f, NULL) < 0)
        BIDE_TRY(print_except(BIDE_RuntimeError));
    BIDE_TRY(bide_loop_close(l));
    BIDE_TRY(bide_loop_close(l));
    if (bide_loop_run_forever(l) < 0)
        BIDE_TRY(print_except(BIDE_RuntimeError));
    if (bide_failed(bide_loop_call_soon(l, stop, BIDE_NONE)))
        BIDE_TRY(print_except(BIDE_RuntimeError));
    return 0;
}

static int closed_runner(void)
{
    BIDE_SCOPED bide_value r = bide_runner(), a = BIDE_NONE, b = BIDE_NONE;
    BIDE_TRY(bide_runner_run(r, bide_coro(ok, BIDE_NONE), &a));
    BIDE_TRY(bide_runner_run(r, bide_coro(ok, BIDE_NONE), &b));
    print(a, b);
    BIDE_TRY(bide_runner_close(r));
    if (bide_runner_run(r, bide_coro(ok, BIDE_NONE), NULL) < 0)
        BIDE_TRY(print_except(BIDE_RuntimeError));
    return 0;
}

int l01_run(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    BIDE_TRY(runs());
    l = bide_loop();
    int status = closed_loop();
    bide_clear(&l);
    BIDE_TRY(status);
    return closed_runner();
}
