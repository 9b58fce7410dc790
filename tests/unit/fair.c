/* Fair queues and locks: nobody is overtaken, what is handed over is owned at once, and nothing is
 * lost when its new owner is cancelled. What random programs must keep is in fair_random.c.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"
#include "quiet.h"

static void run(bide_body *body)
{
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
}

static bide_value q;

static BIDE_ASYNC int put(bide_value n, bide_value *result)
{
    if (bide_queue_put(q, bide_ref(n)) < 0) {
        note_error("put");
        return 0;
    }
    note("put %d", (int)n.as.i);
    return 0;
}

static BIDE_ASYNC int get(bide_value name, bide_value *result)
{
    bide_value v;
    if (bide_queue_get(q, &v) < 0) {
        note_error(bide_cstr(name));
        return 0;
    }
    note_value(bide_cstr(name), v);
    bide_drop(v);
    return 0;
}

static bide_value putter(int n)
{
    return bide_task(bide_coro(put, bide_int(n)), NULL);
}

static bide_value getter(const char *name)
{
    return bide_task(bide_coro(get, bide_str(name)), NULL);
}

/* Lets everything run that can. */
static BIDE_ASYNC int settle(void)
{
    return bide_sleep(BIDE_MS(1));
}

/* --- queues ------------------------------------------------------------------------- */

static BIDE_ASYNC int no_overtaking(bide_value arg, bide_value *result)
{
    q = bide_fair_queue(1);
    bide_value a = putter(1), b = putter(2), c = putter(3);
    BIDE_TRY(bide_sleep(0));
    CHECK_STEP("=> 1", bide_queue_get_nowait, q);
    CHECK(bide_queue_full(q) && bide_queue_empty(q)); /* the room is b's */
    CHECK_RAISES("!! QueueFull", bide_queue_put_nowait(q, bide_int(9)));
    CHECK_STEP("!! QueueEmpty", bide_queue_get_nowait, q);
    bide_value late = putter(4);
    BIDE_TRY(settle());
    CHECK_STEP("=> 2", bide_queue_get, q);
    CHECK_STEP("=> 3", bide_queue_get, q);
    CHECK_STEP("=> 4", bide_queue_get, q);
    CHECK_INT(bide_queue_put_nowait(q, bide_int(5)), 0);
    CHECK_STEP("=> 5", bide_queue_get, q);
    BIDE_TRY(bide_await(bide_gather(bide_list(a, b, c, late), false), NULL));
    bide_clear(&q);
    return 0;
}

static BIDE_ASYNC int slot_of_a_cancelled_putter(bide_value arg, bide_value *result)
{
    q = bide_fair_queue(1);
    BIDE_TRY(bide_queue_put(q, bide_int(1)));
    bide_value a = putter(2), b = putter(3);
    BIDE_TRY(settle());
    CHECK_STEP("=> 1", bide_queue_get_nowait, q);
    bide_future_cancel(a, NULL); /* which has the slot */
    BIDE_TRY(settle());
    CHECK_STEP("=> 3", bide_queue_get_nowait, q);
    CHECK(!bide_queue_full(q) && bide_queue_empty(q));
    bide_drop(a);
    bide_drop(b);
    bide_clear(&q);
    return 0;
}

static BIDE_ASYNC int item_of_a_cancelled_getter(bide_value arg, bide_value *result)
{
    q = bide_fair_queue(1);
    bide_value a = getter("a"), b = getter("b");
    BIDE_TRY(settle());
    CHECK_INT(bide_queue_put_nowait(q, bide_str("x")), 0);
    CHECK_INT(bide_queue_size(q), 0); /* a has it */
    bide_future_cancel(a, NULL);
    BIDE_TRY(settle());
    bide_drop(a);
    bide_drop(b);

    a = getter("a"); /* now nobody else waits: it comes back, to the front, beyond the limit */
    BIDE_TRY(settle());
    CHECK_INT(bide_queue_put_nowait(q, bide_str("y")), 0);
    CHECK_INT(bide_queue_put_nowait(q, bide_str("z")), 0);
    b = putter(7);
    bide_future_cancel(a, NULL);
    BIDE_TRY(settle());
    CHECK_INT(bide_queue_size(q), 2);
    CHECK_STEP("=> 'y'", bide_queue_get_nowait, q);
    CHECK(bide_queue_full(q));
    CHECK_STEP("=> 'z'", bide_queue_get_nowait, q);
    CHECK_STEP("=> 7", bide_queue_get, q);
    bide_drop(a);
    bide_drop(b);
    bide_clear(&q);
    return 0;
}

static BIDE_ASYNC int shutdown_of_one(bide_value arg, bide_value *result)
{
    for (int immediate = 0; immediate < 2; immediate++) {
        q = bide_fair_queue(1);
        bide_value a = putter(1), b = putter(2), c = putter(3);
        BIDE_TRY(settle());
        CHECK_STEP("=> 1", bide_queue_get_nowait, q); /* b has the slot, and is too late */
        bide_queue_task_done(q);
        CHECK_INT(bide_queue_shutdown(q, immediate), 0);
        BIDE_TRY(settle());
        CHECK_STEP("!! QueueShutDown", bide_queue_get, q);
        CHECK_RAISES("!! QueueShutDown", bide_queue_put(q, bide_int(4)));
        CHECK_INT(bide_queue_join(q), 0);
        bide_drop(a);
        bide_drop(b);
        bide_drop(c);
        bide_clear(&q);

        q = bide_fair_queue(0);
        a = getter("a");
        b = getter("b");
        BIDE_TRY(settle());
        CHECK_INT(bide_queue_put_nowait(q, bide_str("x")), 0);
        CHECK_INT(bide_queue_shutdown(q, immediate), 0);
        bide_future_cancel(a, NULL); /* it gives back what was given to it */
        BIDE_TRY(settle());
        if (!immediate)
            bide_queue_task_done(q);
        CHECK_INT(bide_queue_join(q), 0);
        bide_drop(a);
        bide_drop(b);
        bide_clear(&q);
    }
    return 0;
}

static BIDE_ASYNC int iterated(bide_value arg, bide_value *result)
{
    q = bide_fair_queue(2);
    bide_value a = putter(1), b = putter(2), c = putter(3), d = putter(4);
    BIDE_ASYNC_FOR (item, bide_ref(q)) {
        note_value("item", item);
        if (item.as.i == 4)
            break;
    }
    bide_drop(a);
    bide_drop(b);
    bide_drop(c);
    bide_drop(d);
    bide_clear(&q);
    return 0;
}

static void test_queues(void)
{
    run(no_overtaking);
    CHECK_NOTES("put 1, put 2, put 3, put 4");
    run(slot_of_a_cancelled_putter);
    CHECK_NOTES("put CancelledError, put 3");
    run(item_of_a_cancelled_getter);
    CHECK_NOTES("a CancelledError, b 'x', a CancelledError, put 7");
    run(shutdown_of_one);
    CHECK_NOTES("put 1, put QueueShutDown, put QueueShutDown, a CancelledError, b 'x', "
                "put 1, put QueueShutDown, put QueueShutDown, a CancelledError, b QueueShutDown");
    run(iterated);
    CHECK_NOTES("put 1, put 2, put 3, item 1, item 2, item 3, put 4, item 4");
}

/* --- locks -------------------------------------------------------------------------- */

static bide_value lock;

static BIDE_ASYNC int hold(bide_value name, bide_value *result)
{
    if (bide_lock_acquire(lock) < 0) {
        note_error(bide_cstr(name));
        return 0;
    }
    note("%s", bide_cstr(name));
    BIDE_TRY(bide_sleep(0));
    CHECK(bide_lock_locked(lock));
    return bide_lock_release(lock);
}

static bide_value holder(const char *name)
{
    return bide_task(bide_coro(hold, bide_str(name)), NULL);
}

static BIDE_ASYNC int handed_over(bide_value arg, bide_value *result)
{
    lock = bide_fair_lock();
    CHECK_INT(bide_lock_acquire(lock), 0);
    bide_value a = holder("a"), b = holder("b"), c = holder("c");
    BIDE_TRY(settle());
    CHECK_INT(bide_lock_release(lock), 0);
    CHECK(bide_lock_locked(lock)); /* it is a's */
    bide_future_cancel(a, NULL);
    bide_future_cancel(b, NULL);
    CHECK_INT(bide_lock_acquire(lock), 0); /* after c */
    note("main");
    CHECK_INT(bide_lock_release(lock), 0);
    CHECK(!bide_lock_locked(lock));
    CHECK_RAISES("!! RuntimeError: Lock is not acquired.", bide_lock_release(lock));
    bide_drop(a);
    bide_drop(b);
    bide_drop(c);

    CHECK_INT(bide_lock_acquire(lock), 0); /* the last one that waits is cancelled as its owner */
    a = holder("a");
    BIDE_TRY(settle());
    CHECK_INT(bide_lock_release(lock), 0);
    bide_future_cancel(a, NULL);
    BIDE_TRY(settle());
    CHECK(!bide_lock_locked(lock));
    bide_drop(a);
    bide_clear(&lock);
    return 0;
}

static bool is_set(void *data)
{
    return *(bool *)data;
}

static BIDE_ASYNC int wait_for_set(bide_value arg, bide_value *result)
{
    bide_value condition = bide_item(arg, 0);
    BIDE_TRY(bide_condition_acquire(condition));
    BIDE_TRY(bide_condition_wait_for(condition, is_set, bide_item(arg, 1).as.ptr));
    note("set");
    return bide_condition_release(condition);
}

static BIDE_ASYNC int in_a_condition(bide_value arg, bide_value *result)
{
    bool set = false;
    bide_value condition = bide_condition(bide_fair_lock());
    bide_value task =
        bide_task(bide_coro(wait_for_set, bide_tuple(bide_ref(condition), bide_ptr(&set))), NULL);
    BIDE_TRY(settle());
    BIDE_ASYNC_WITH (held, bide_ref(condition)) {
        set = true;
        bide_condition_notify_all(condition);
    }
    BIDE_END_WITH(held);
    BIDE_TRY(bide_await(task, NULL));
    CHECK(!bide_condition_locked(condition));
    bide_drop(condition);
    return 0;
}

static void test_locks(void)
{
    run(handed_over);
    CHECK_NOTES("a CancelledError, b CancelledError, c, main, a CancelledError");
    run(in_a_condition);
    CHECK_NOTES("set");
}

/* --- when memory runs out ----------------------------------------------------------- */

/* An item that was given to a getter finds its way back without memory. */
static BIDE_ASYNC int scenario(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value g = getter("g"), p = BIDE_NONE, v = BIDE_NONE;
    BIDE_TRY(bide_failed(g) ? BIDE_RAISED : settle());
    if (bide_future_done(g))
        return bide_raise(BIDE_MemoryError, NULL);
    for (int i = 0; i < 9; i++)
        BIDE_TRY(bide_queue_put(q, bide_int(i)));
    p = putter(9);
    BIDE_TRY(bide_failed(p) ? BIDE_RAISED : bide_future_cancel(g, NULL));
    BIDE_TRY(settle());
    for (int i = 0; i < 9; i++) {
        BIDE_TRY(bide_queue_get(q, &v));
        CHECK_INT(v.as.i, i);
    }
    return bide_await(bide_ref(p), NULL);
}

static BIDE_ASYNC int with_queue(bide_value arg, bide_value *result)
{
    q = bide_fair_queue(8);
    int status = bide_failed(q) ? BIDE_RAISED : scenario(arg, result);
    return status;
}

static void test_failing_allocations(void)
{
    bide_set_exception_handler(ignore_report);
    bide_set_warning_hook(ignore_warning);
    for (size_t n = 1, failed = 1; failed; n++) {
        bide_debug_fail_allocation(n);
        int status = bide_run(bide_coro(with_queue, BIDE_NONE), NULL);
        failed = bide_debug_allocations() >= n;
        bide_debug_fail_allocation(0);
        bide_clear(&q);
        if (status < 0)
            CHECK(failed && bide_catch(BIDE_MemoryError, NULL));
        bide_error_clear();
        CHECK_INT(bide_debug_live(), 0);
        check__notes[0] = '\0';
    }
    bide_set_exception_handler(NULL);
    bide_set_warning_hook(NULL);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_queues);
    RUN(test_locks);
    RUN(test_failing_allocations);
    return check_end();
}
