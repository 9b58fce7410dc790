/* Timers fire by deadline, equal ones in the order of their creation, those in the past next.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static int log_it(bide_value n)
{
    log(n);
    return 0;
}

static int call_later(const char *n, int delay)
{
    bide_value h = bide_call_later(BIDE_SECONDS(delay), log_it, bide_str(n));
    bide_drop(h);
    return bide_failed(h) ? BIDE_RAISED : 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    static const struct {
        const char *n;
        int delay;
    } timers[] = {{"c", 3},    {"a", 1},    {"b", 2},  {"a2", 1}, {"b2", 2},
                  {"neg", -5}, {"zero", 0}, {"a3", 1}, {"a4", 1}, {"a5", 1}};
    for (size_t i = 0; i < sizeof timers / sizeof *timers; i++)
        BIDE_TRY(call_later(timers[i].n, timers[i].delay));
    BIDE_SCOPED bide_value h = bide_call_later(BIDE_SECONDS(2), log_it, bide_str("never"));
    bide_handle_cancel(h);
    bide_drop(bide_call_at(BIDE_SECONDS(2), log_it, bide_str("at 2")));
    bide_drop(bide_call_soon(log_it, bide_str("soon")));
    BIDE_SCOPED bide_value when = bide_strf("%.1f", (double)bide_handle_when(h) / 1e9);
    log("when", when, bide_handle_cancelled(h));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(4)));
    log("end");
    return 0;
}

int f02_timers(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
