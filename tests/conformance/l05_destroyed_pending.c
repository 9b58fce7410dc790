/* A task that is still pending when its closed loop goes is reported.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value l;

static BIDE_ASYNC int stuck(bide_value arg, bide_value *result)
{
    return bide_await(bide_loop_future(l), NULL);
}

static int stop(bide_value arg)
{
    return bide_loop_stop(l);
}

static void report(const char *message, bide_value error)
{
    if (bide_is_none(error))
        print("[loop]", message, "| -");
    else
        print("[loop]", message, "|", ex(error));
}

static int run(void)
{
    BIDE_SCOPED bide_value t = bide_loop_task(l, bide_coro(stuck, BIDE_NONE), NULL);
    bide_drop(bide_loop_call_soon(l, stop, BIDE_NONE));
    bide_loop_run_forever(l);
    BIDE_SCOPED bide_value error = bide_error_take();
    BIDE_TRY(bide_loop_close(l)); /* also without memory, or the task would never go */
    if (!bide_is_none(error))
        return bide_error_restore(bide_ref(error));
    print(state(t));
    bide_clear(&t);
    print("collected");
    return 0;
}

int l05_destroyed_pending(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    bide_set_exception_handler(report);
    l = bide_loop();
    int status = run();
    bide_clear(&l);
    return status;
}
