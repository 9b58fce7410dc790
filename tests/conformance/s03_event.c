/* Event: set wakes everyone who waits at that moment, also when it is cleared at once.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value ev;

static BIDE_ASYNC int w(bide_value n, bide_value *result)
{
    log(n, "waits");
    BIDE_TRY(bide_event_wait(ev));
    log(n, "woke", bide_bool(true), "set now", bide_event_is_set(ev));
    return 0;
}

static BIDE_ASYNC int wait(bide_value arg, bide_value *result)
{
    return bide_event_wait(ev);
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value ts = bide_list(), r = BIDE_NONE;
    ev = bide_event();
    for (int i = 0; i < 3; i++)
        BIDE_TRY(bide_list_append(ts, spawn(bide_coro(w, bide_int(i)))));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    bide_future_cancel(bide_item(ts, 1), NULL);
    BIDE_TRY(bide_event_set(ev));
    BIDE_TRY(bide_event_clear(ev));
    log("set+clear");
    BIDE_TRY(bide_await(bide_gather(bide_ref(ts), true), &r));
    log(each(type_name, r));
    BIDE_TRY(bide_event_set(ev));
    BIDE_TRY(bide_event_wait(ev));
    log("immediate", bide_bool(true));
    BIDE_TRY(bide_event_clear(ev));
    attempted("timeout", bide_wait_for(bide_coro(wait, BIDE_NONE), BIDE_SECONDS(2), NULL), NULL);
    return 0;
}

int s03_event(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    bide_clear(&ev);
    return 0;
}
