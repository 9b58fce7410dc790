/* Condition: notifying one and all; waiting for a predicate; one who is cancelled has the lock
 * again before it goes on.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value cond;
static const char *items[2]; /* at most two, of one letter each */
static int count;

static bool any_items(void *data)
{
    return count > 0;
}

static BIDE_ASYNC int consumer(bide_value n, bide_value *result)
{
    BIDE_ASYNC_WITH (block, bide_ref(cond)) {
        log(n, "waits");
        if (bide_condition_wait_for(cond, any_items, NULL) < 0) {
            if (bide_error_matches(BIDE_CancelledError))
                log(n, "cancelled, locked", bide_condition_locked(cond));
            BIDE_LEAVE(block);
        }
        log(n, "got", items[--count]);
    }
    BIDE_END_WITH(block);
    return 0;
}

static BIDE_ASYNC int add(const char *x)
{
    BIDE_ASYNC_WITH (block, bide_ref(cond)) {
        items[count++] = x;
        if (*x == 'x') {
            BIDE_WITH_TRY(block, bide_condition_notify(cond, 1));
            log("notified 1");
        } else
            BIDE_WITH_TRY(block, bide_condition_notify_all(cond));
    }
    BIDE_END_WITH(block);
    return 0;
}

static BIDE_ASYNC int notify_without_items(void)
{
    BIDE_ASYNC_WITH (block, bide_ref(cond)) {
        BIDE_WITH_TRY(block, bide_condition_notify_all(cond));
        log("notify_all without items");
    }
    BIDE_END_WITH(block);
    return 0;
}

static BIDE_ASYNC int cancel_while_locked(bide_value t)
{
    BIDE_ASYNC_WITH (block, bide_ref(cond)) {
        bide_future_cancel(t, NULL);
        BIDE_WITH_TRY(block, bide_sleep(BIDE_SECONDS(1)));
        log("holding the lock");
    }
    BIDE_END_WITH(block);
    return 0;
}

static BIDE_ASYNC int wait(bide_value arg, bide_value *result)
{
    return bide_condition_wait(cond);
}

static BIDE_ASYNC int wait_with_timeout(void)
{
    BIDE_ASYNC_WITH (block, bide_ref(cond)) {
        attempted("wait timeout", bide_wait_for(bide_coro(wait, BIDE_NONE), BIDE_SECONDS(1), NULL),
                  NULL);
        log("still locked", bide_condition_locked(cond));
    }
    BIDE_END_WITH(block);
    return 0;
}

static BIDE_ASYNC int unlocked(void)
{
    if (bide_condition_notify(cond, 1) < 0)
        BIDE_TRY(log_except(BIDE_RuntimeError, NULL));
    if (bide_condition_notify_all(cond) < 0)
        BIDE_TRY(log_except(BIDE_RuntimeError, NULL));
    attempted("wait unlocked", bide_condition_wait(cond), NULL);
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value ts = bide_list(), r = BIDE_NONE;
    cond = bide_condition(BIDE_NONE);
    for (int i = 0; i < 3; i++)
        BIDE_TRY(bide_list_append(ts, spawn(bide_coro(consumer, bide_int(i)))));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    BIDE_TRY(add("x"));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    BIDE_TRY(notify_without_items());
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    BIDE_TRY(cancel_while_locked(bide_item(ts, 1)));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    BIDE_TRY(add("y"));
    BIDE_TRY(bide_await(bide_gather(bide_ref(ts), true), &r));
    log(each(type_name, r));
    BIDE_TRY(unlocked());
    return wait_with_timeout();
}

int s04_condition(void)
{
    count = 0;
    top(bide_coro(async_main, BIDE_NONE));
    bide_clear(&cond);
    return 0;
}
