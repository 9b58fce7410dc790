/* activities.c - what the tasks of the soak program do: wait in every way there is, hold things,
 * and start others. Each may be cancelled wherever it waits.
 *
 * SPDX-License-Identifier: MIT */
#include "soak.h"

typedef int activity(int depth);

/* Mostly short, so that there are many of them. (Only one chance is taken in an expression: the
 * order in which compilers evaluate its parts differs.) */
static int64_t moment(void)
{
    int n = below(4);
    return BIDE_US(n * below(100));
}

static BIDE_ASYNC int nap(int depth)
{
    return bide_sleep(moment());
}

/* --- things ------------------------------------------------------------------------------- */

static BIDE_ASYNC int in_lock(int depth)
{
    BIDE_ASYNC_WITH (block, bide_ref(at.lock)) {
        MUST(++at.holders == 1);
        int status = bide_sleep(moment());
        at.holders--;
        BIDE_WITH_TRY(block, status);
    }
    BIDE_END_WITH(block);
    return 0;
}

static BIDE_ASYNC int with_permit(int depth)
{
    BIDE_TRY(bide_semaphore_acquire(at.semaphore));
    MUST(++at.permits_out <= PERMITS);
    int status = bide_sleep(moment());
    at.permits_out--;
    bide_value error = bide_error_take();
    MUST(bide_semaphore_release(at.semaphore) == 0);
    return status < 0 ? bide_error_restore(error) : 0;
}

static BIDE_ASYNC int be_notified(int depth)
{
    BIDE_ASYNC_WITH (block, bide_ref(at.condition)) {
        int status = bide_condition_wait(at.condition);
        MUST(bide_condition_locked(at.condition));
        BIDE_WITH_TRY(block, status);
    }
    BIDE_END_WITH(block);
    return 0;
}

static BIDE_ASYNC int notify(int depth)
{
    BIDE_ASYNC_WITH (block, bide_ref(at.condition)) {
        BIDE_WITH_TRY(block, bide_condition_notify(at.condition, (size_t)below(3)));
        BIDE_WITH_TRY(block, bide_sleep(0));
    }
    BIDE_END_WITH(block);
    return 0;
}

static BIDE_ASYNC int await_event(int depth)
{
    return bide_event_wait(at.event);
}

static BIDE_ASYNC int change_event(int depth)
{
    return below(2) ? bide_event_set(at.event) : bide_event_clear(at.event);
}

static BIDE_ASYNC int put(int depth)
{
    for (int n = below(4); n > 0; n--) {
        BIDE_TRY(bide_queue_put(at.queue, bide_int(n)));
        at.items_put++;
        MUST(bide_queue_size(at.queue) <= ROOM);
    }
    return 0;
}

static BIDE_ASYNC int get(int depth)
{
    for (int n = below(4); n > 0; n--) {
        bide_value item;
        BIDE_TRY(bide_queue_get(at.queue, &item));
        at.items_got++;
        bide_drop(item);
    }
    return 0;
}

static BIDE_ASYNC int meet(int depth)
{
    int64_t index;
    BIDE_TRY(bide_barrier_wait(at.barrier, &index));
    MUST(index >= 0 && index < bide_barrier_parties(at.barrier));
    return 0;
}

/* --- generators --------------------------------------------------------------------------- */

static BIDE_GENERATOR int numbers(bide_value n, bide_value *result)
{
    for (int64_t i = 0; i < n.as.i; i++)
        BIDE_TRY(bide_yield(bide_int(i), NULL));
    return 0;
}

static BIDE_ASYNC int iterate(int depth)
{
    BIDE_FOR (x, bide_gen(numbers, bide_int(below(4))))
        BIDE_TRY(bide_sleep(moment()));
    return 0;
}

static BIDE_ASYNC_GENERATOR int slow_numbers(bide_value n, bide_value *result)
{
    at.entered++;
    int status = 0;
    for (int64_t i = 0; status == 0 && i < n.as.i; i++) {
        status = bide_sleep(moment());
        if (status == 0)
            status = bide_yield(bide_int(i), NULL);
    }
    at.left++;
    return status;
}

static BIDE_ASYNC int iterate_slowly(int depth)
{
    BIDE_ASYNC_FOR (x, bide_agen(slow_numbers, bide_int(1 + below(4)))) {
        BIDE_TRY(bide_sleep(moment()));
        if (below(4) == 0)
            break;
    }
    return 0;
}

/* --- others ------------------------------------------------------------------------------- */

static BIDE_ASYNC int group_child(bide_value depth, bide_value *result)
{
    at.group_children++;
    int status = bide_await(something((int)depth.as.i), NULL);
    at.group_children--;
    return status;
}

static BIDE_ASYNC int in_group(int depth)
{
    bide_value tasks[3];
    int count = 0, status = 0;
    BIDE_ASYNC_WITH (group, bide_group(), goto end) {
        for (int n = 1 + below(3); n > 0; n--) {
            bide_value child = bide_coro(group_child, bide_int(depth));
            tasks[count++] = bide_group_task(group, child, NULL);
        }
        BIDE_WITH_TRY(group, bide_sleep(moment()));
    }
    BIDE_END_WITH(group, goto end);
end:
    status = bide_error_pending() ? BIDE_RAISED : 0;
    for (int i = 0; i < count; i++) { /* nobody outlives the block */
        MUST(bide_failed(tasks[i]) || bide_future_done(tasks[i]));
        bide_drop(tasks[i]);
    }
    return status;
}

static bide_value several(int depth)
{
    bide_value list = bide_list();
    for (int n = 1 + below(3); n > 0; n--)
        MUST(bide_list_append(list, something(depth)) == 0);
    return list;
}

static BIDE_ASYNC int gather(int depth)
{
    bool return_exceptions = below(2);
    return bide_await(bide_gather(several(depth), return_exceptions), NULL);
}

static BIDE_ASYNC int gather_in_shield(int depth)
{
    return bide_await(bide_shield(bide_gather(several(depth), true)), NULL);
}

static BIDE_ASYNC int shielded(int depth)
{
    return bide_await(bide_shield(something(depth)), NULL);
}

static BIDE_ASYNC int wait_for(int depth)
{
    return bide_wait_for(something(depth), moment(), NULL);
}

static BIDE_ASYNC int in_timeouts(int depth)
{
    BIDE_ASYNC_WITH (outer, bide_timeout(moment())) {
        BIDE_ASYNC_WITH (inner, bide_timeout(moment()), BIDE_LEAVE(outer)) {
            BIDE_WITH_TRY(inner, bide_await(something(depth), NULL));
            if (below(2))
                BIDE_WITH_TRY(inner, bide_timeout_reschedule(inner, bide_now() + moment()));
            BIDE_WITH_TRY(inner, bide_sleep(moment()));
        }
        BIDE_END_WITH(inner, BIDE_LEAVE(outer));
    }
    BIDE_END_WITH(outer);
    return 0;
}

static BIDE_ASYNC int wait_for_some(int depth)
{
    BIDE_SCOPED bide_value tasks = bide_list(), done = BIDE_NONE, pending = BIDE_NONE;
    for (int n = 1 + below(3); n > 0; n--)
        BIDE_TRY(bide_list_append(tasks, bide_task(something(depth), NULL)));
    int64_t limit = below(2) ? moment() : BIDE_NEVER;
    BIDE_TRY(bide_wait(bide_ref(tasks), limit, (bide_return_when)below(3), &done, &pending));
    MUST(bide_size(done) + bide_size(pending) == bide_size(tasks));
    for (size_t i = 0; i < bide_size(pending); i++)
        bide_future_cancel(bide_item(pending, i), "no longer waited for");
    return 0;
}

static BIDE_ASYNC int one_after_the_other(int depth)
{
    int64_t limit = below(2) ? moment() : BIDE_NEVER;
    BIDE_FOR (next, bide_as_completed(several(depth), limit))
        BIDE_TRY(bide_await(bide_ref(next), NULL));
    return 0;
}

static BIDE_ASYNC int call(int depth)
{
    return bide_await(something(depth), NULL);
}

/* Does not let itself be disturbed at first. */
static BIDE_ASYNC int ignore_one(int depth)
{
    if (bide_await(something(depth), NULL) < 0 && !bide_catch(BIDE_CancelledError, NULL))
        return BIDE_RAISED;
    BIDE_SCOPED bide_value me = bide_current_task();
    bide_task_uncancel(me);
    return bide_sleep(moment());
}

static BIDE_ASYNC int cancel_itself(int depth)
{
    BIDE_SCOPED bide_value me = bide_current_task();
    bide_future_cancel(me, "myself");
    return bide_sleep(moment());
}

static BIDE_ASYNC int fail(int depth)
{
    return bide_raise(BIDE_ValueError, "at depth %d", depth);
}

/* --- one of them -------------------------------------------------------------------------- */

static activity *const simple[] = {
    nap,         put,          get,  in_lock, with_permit,    be_notified, notify,
    await_event, change_event, meet, iterate, iterate_slowly, fail,        cancel_itself,
};
static activity *const with_others[] = {
    in_group,    gather,        gather_in_shield,    shielded, wait_for,
    in_timeouts, wait_for_some, one_after_the_other, call,     ignore_one,
};
enum {
    SIMPLE = sizeof simple / sizeof *simple,
    WITH_OTHERS = sizeof with_others / sizeof *with_others,
};

static int leave(bide_value arg)
{
    at.left++;
    return 0;
}

static BIDE_ASYNC int body(bide_value depth, bide_value *result)
{
    int deeper = (int)depth.as.i - 1;
    at.entered++;
    BIDE_TRY(bide_defer(leave, BIDE_NONE));
    int which = below(deeper < 0 ? SIMPLE : SIMPLE + WITH_OTHERS);
    return which < SIMPLE ? simple[which](deeper) : with_others[which - SIMPLE](deeper);
}

bide_value something(int depth)
{
    return bide_coro(body, bide_int(depth));
}
