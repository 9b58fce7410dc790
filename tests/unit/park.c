/* Waiting without a future: woken and cancelled in either order, driven by hand, thrown into behind
 * the task's back, left behind by a loop that closes.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

static void run(bide_body *body)
{
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
}

static BIDE_ASYNC int get_one(bide_value queue, bide_value *result)
{
    return bide_queue_get(queue, result);
}

static BIDE_ASYNC int sleep_long(bide_value arg, bide_value *result)
{
    int status = bide_sleep(BIDE_SECONDS(1));
    note(status < 0 ? "thrown into" : "slept");
    return status;
}

/* --- by hand ------------------------------------------------------------------------ */

static BIDE_ASYNC int drive_by_hand(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value queue = bide_queue(0);
    BIDE_SCOPED bide_value getter = bide_coro(get_one, bide_ref(queue));
    CHECK_STEP("-> <Future pending>", bide_send, getter, BIDE_NONE);
    CHECK_INT(bide_queue_put_nowait(queue, bide_int(7)), 0);
    CHECK_STEP("=> 7", bide_send, getter, BIDE_NONE);
    return 0;
}

static void test_by_hand_it_is_a_future(void)
{
    run(drive_by_hand);
}

/* The timer is due in the iteration in which something else ends the sleep, before it. */
static int close_it(bide_value sleeper)
{
    return bide_close(sleeper, NULL);
}

static BIDE_ASYNC int close_when_due(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value sleeper = bide_coro(sleep_long, BIDE_NONE);
    bide_drop(bide_call_at(BIDE_SECONDS(1), close_it, bide_ref(sleeper)));
    CHECK_STEP("-> <Future pending>", bide_send, sleeper, BIDE_NONE);
    BIDE_TRY(bide_sleep(BIDE_SECONDS(2)));
    CHECK_STR(bide_state_name(sleeper), "CORO_CLOSED");
    return 0;
}

static void test_a_sleep_that_is_left_when_it_is_due(void)
{
    run(close_when_due);
    CHECK_NOTES("thrown into");
}

/* Throws into the coroutine of a task that is parked: the task finds it finished, as in Python. */
static BIDE_ASYNC int throw_into_a_task(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value sleeper = bide_coro(sleep_long, BIDE_NONE);
    BIDE_SCOPED bide_value task = bide_task(bide_ref(sleeper), NULL);
    BIDE_TRY(bide_sleep(0));
    CHECK_STEP("!! ValueError: by hand", bide_throw, sleeper,
               bide_error_new(BIDE_ValueError, "by hand"));
    CHECK_STEP("!! RuntimeError: cannot reuse already awaited coroutine", bide_await,
               bide_ref(task));
    return 0;
}

/* Sends into one that nothing has woken: it is not taken for woken. */
static BIDE_ASYNC int send_into_a_task(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value sleeper = bide_coro(sleep_long, BIDE_NONE);
    BIDE_SCOPED bide_value task = bide_task(bide_ref(sleeper), NULL);
    BIDE_TRY(bide_sleep(0));
    CHECK_STEP("!! RuntimeError: await wasn't used with future", bide_send, sleeper, BIDE_NONE);
    CHECK_STEP("!! RuntimeError: cannot reuse already awaited coroutine", bide_await,
               bide_ref(task));
    return 0;
}

/* One coroutine in two tasks: neither waits for ever. */
static BIDE_ASYNC int run_in_two_tasks(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value queue = bide_queue(0);
    BIDE_SCOPED bide_value getter = bide_coro(get_one, bide_ref(queue));
    BIDE_SCOPED bide_value one = bide_task(bide_ref(getter), NULL);
    BIDE_SCOPED bide_value other = bide_task(bide_ref(getter), NULL);
    CHECK_STEP("!! RuntimeError: await wasn't used with future", bide_await, bide_ref(other));
    CHECK_STEP("!! RuntimeError: cannot reuse already awaited coroutine", bide_await,
               bide_ref(one));
    return 0;
}

static void test_sent_into_by_hand(void)
{
    run(send_into_a_task);
    CHECK_NOTES("thrown into");
    run(run_in_two_tasks);
}

static void test_thrown_into_by_hand(void)
{
    run(throw_into_a_task);
    CHECK_NOTES("thrown into");
}

/* --- woken and cancelled ------------------------------------------------------------ */

static BIDE_ASYNC int wake_then_cancel(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value queue = bide_queue(0);
    BIDE_SCOPED bide_value task = bide_task(bide_coro(get_one, bide_ref(queue)), NULL);
    BIDE_TRY(bide_sleep(0));
    CHECK_INT(bide_queue_put_nowait(queue, bide_int(1)), 0);
    CHECK_INT(bide_future_cancel(task, "too late"), 1);
    CHECK_STEP("!! CancelledError: too late", bide_await, bide_ref(task));
    CHECK_INT(bide_queue_size(queue), 1); /* not lost */
    return 0;
}

static BIDE_ASYNC int cancel_then_wake(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value queue = bide_queue(0);
    BIDE_SCOPED bide_value task = bide_task(bide_coro(get_one, bide_ref(queue)), NULL);
    BIDE_SCOPED bide_value next = bide_task(bide_coro(get_one, bide_ref(queue)), NULL);
    BIDE_TRY(bide_sleep(0));
    CHECK_INT(bide_future_cancel(task, "first"), 1);
    CHECK_INT(bide_future_cancel(task, "second"), 1);
    CHECK_INT(bide_queue_put_nowait(queue, bide_int(1)), 0);
    CHECK_STEP("!! CancelledError: first", bide_await, bide_ref(task));
    CHECK_STEP("=> 1", bide_await, bide_ref(next));
    return 0;
}

static BIDE_ASYNC int cancel_oneself(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value self = bide_current_task();
    CHECK_INT(bide_future_cancel(self, "myself"), 1);
    CHECK_RAISES("!! CancelledError: myself", bide_sleep(BIDE_SECONDS(1)));
    CHECK_INT(bide_now(), 0); /* it did not sleep */
    return 0;
}

static void test_woken_and_cancelled(void)
{
    run(wake_then_cancel);
    run(cancel_then_wake);
    run(cancel_oneself);
}

/* --- looked at ---------------------------------------------------------------------- */

static bide_value looked_at;

static BIDE_ASYNC int get_and_sleep(bide_value queue, bide_value *result)
{
    BIDE_TRY(bide_queue_get(queue, NULL));
    CHECK(bide_is_none(bide_awaiting(looked_at)));
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    BIDE_TRY(bide_queue_put(queue, bide_int(2)));
    return bide_queue_put(queue, bide_int(3)); /* waits */
}

static BIDE_ASYNC int look_at_it(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value queue = bide_queue(1);
    looked_at = bide_coro(get_and_sleep, bide_ref(queue));
    BIDE_SCOPED bide_value task = bide_task(bide_ref(looked_at), NULL);
    BIDE_TRY(bide_sleep(0));
    CHECK(bide_is(bide_awaiting(looked_at), queue));
    CHECK_INT(bide_queue_put_nowait(queue, bide_int(1)), 0);
    CHECK(bide_is(bide_awaiting(looked_at), queue)); /* woken, but not there yet */
    BIDE_TRY(bide_sleep(0));
    CHECK(bide_is_none(bide_awaiting(looked_at)));
    BIDE_TRY(bide_sleep(BIDE_MS(2)));
    CHECK(bide_is(bide_awaiting(looked_at), queue));
    CHECK_STEP("=> 2", bide_queue_get, queue);
    CHECK_STEP("=> 3", bide_queue_get, queue);
    CHECK(bide_is_none(bide_awaiting(looked_at)));
    bide_drop(looked_at);
    return bide_await(bide_ref(task), NULL);
}

static void test_what_it_waits_for(void)
{
    run(look_at_it);
}

/* --- left behind -------------------------------------------------------------------- */

static bide_value kept;

static void note_report(const char *message, bide_value error)
{
    note("%s", message);
}

static BIDE_ASYNC int leave_behind(bide_value arg, bide_value *result)
{
    kept = bide_coro(sleep_long, BIDE_NONE);
    bide_drop(bide_task(bide_ref(kept), NULL));
    return bide_sleep(0);
}

/* The coroutine of a task outlives its loop: closing it later touches neither. */
static void test_a_loop_that_is_closed_first(void)
{
    bide_value loop = bide_loop();
    bide_set_exception_handler(note_report);
    CHECK_STEP("=> None", bide_loop_run_until_complete, loop, bide_coro(leave_behind, BIDE_NONE));
    bide_loop_close(loop);
    bide_drop(loop);
    CHECK_INT(bide_close(kept, NULL), 0);
    bide_drop(kept);
    CHECK_NOTES("Task was destroyed but it is pending!, thrown into");
    bide_set_exception_handler(NULL);
}

static BIDE_ASYNC int set_when_left(bide_value future, bide_value *result)
{
    int status = bide_sleep(BIDE_SECONDS(1));
    CHECK_INT(bide_future_set_result(future, bide_int(1)), 0);
    return status;
}

static BIDE_ASYNC int await_it(bide_value future, bide_value *result)
{
    return bide_await(bide_ref(future), result);
}

static BIDE_ASYNC int leave_two_behind(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value future = bide_future();
    bide_drop(bide_task(bide_coro(set_when_left, bide_ref(future)), NULL));
    bide_drop(bide_task(bide_coro(await_it, bide_ref(future)), NULL));
    return bide_sleep(0);
}

/* The end of the first wakes the second, which is let go before its turn comes. */
static void test_woken_by_who_is_left_behind(void)
{
    bide_value loop = bide_loop();
    bide_set_exception_handler(note_report);
    CHECK_STEP("=> None", bide_loop_run_until_complete, loop,
               bide_coro(leave_two_behind, BIDE_NONE));
    bide_loop_close(loop);
    bide_drop(loop);
    CHECK_NOTES("Task was destroyed but it is pending!, Task was destroyed but it is pending!");
    bide_set_exception_handler(NULL);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_by_hand_it_is_a_future);
    RUN(test_a_sleep_that_is_left_when_it_is_due);
    RUN(test_thrown_into_by_hand);
    RUN(test_sent_into_by_hand);
    RUN(test_woken_and_cancelled);
    RUN(test_what_it_waits_for);
    RUN(test_a_loop_that_is_closed_first);
    RUN(test_woken_by_who_is_left_behind);
    return check_end();
}
