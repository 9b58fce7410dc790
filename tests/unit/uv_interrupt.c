/* SIGINT on libuv's host, which has signals to wait for besides.
 *
 * SPDX-License-Identifier: MIT */
#include "interrupt.h"

#include <bide/uv.h>

/* Who waits for the signal gets it, and nobody else; later it is as before. */
static BIDE_ASYNC int wait_then_be_interrupted(bide_value arg, bide_value *result)
{
    bide_value signals = bide_signals(SIGINT);
    bide_drop(bide_call_soon(interrupt, BIDE_NONE));
    BIDE_TRY(bide_signals_next(signals));
    note("signal");
    bide_drop(signals);
    return wait_for_ever(BIDE_NONE, result);
}

static void test_signals_come_first(void)
{
    CHECK_STEP("!! KeyboardInterrupt", bide_run, bide_coro(wait_then_be_interrupted, BIDE_NONE));
    CHECK_NOTES("signal, CancelledError");
}

int main(void)
{
    run_all();
    RUN(test_signals_come_first);
    return check_end();
}
