/* Futures that several tasks await, of which one is cancelled; tasks that nobody awaits.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"
#include "quiet.h"

static void run(bide_body *body)
{
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
}

static void note_report(const char *message, bide_value error)
{
    bide_value text = bide_error_text(error);
    note("[%s] %s", message, bide_failed(text) ? "no text" : bide_cstr(text));
    bide_drop(text);
}

/* --- awaiting what is shared -------------------------------------------------------- */

static BIDE_ASYNC int wait_shared(bide_value future, bide_value *result)
{
    if (bide_await_shared(bide_ref(future), result) == 0)
        return 0;
    bide_value error = bide_error_take();
    bide_value text = bide_error_text(error);
    note("%s", bide_failed(text) ? "no text" : bide_cstr(text));
    bide_drop(text);
    return bide_error_restore(error);
}

static bide_value waiter(bide_value future)
{
    return bide_task(bide_coro(wait_shared, bide_ref(future)), NULL);
}

static BIDE_ASYNC int work(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_MS(10)));
    note("worked");
    if (arg.as.i < 0)
        return bide_raise(BIDE_ValueError, "work");
    return bide_return(result, arg);
}

static bide_value working(int n)
{
    return bide_task(bide_coro(work, bide_int(n)), NULL);
}

static BIDE_ASYNC int one_is_cancelled(bide_value arg, bide_value *result)
{
    bide_value task = working(7), a = waiter(task), b = waiter(task);
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    CHECK_INT(bide_future_cancel(a, "a"), 1);
    CHECK_STEP("!! CancelledError: a", bide_await, bide_ref(a));
    CHECK(!bide_future_done(task) && bide_task_cancelling(task) == 0);
    CHECK_STEP("=> 7", bide_await, bide_ref(b));
    CHECK_STEP("=> 7", bide_await_shared, bide_ref(task)); /* one that is done */
    CHECK_INT(bide_await_shared(bide_ref(task), NULL), 0);
    bide_drop(task);
    bide_drop(a);
    bide_drop(b);
    return 0;
}

static BIDE_ASYNC int all_are_cancelled(bide_value arg, bide_value *result)
{
    bide_value task = working(8), a = waiter(task), b = waiter(task);
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    bide_future_cancel(a, NULL);
    bide_future_cancel(b, NULL);
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    CHECK(bide_future_cancelled(a) && bide_future_cancelled(b) && !bide_future_done(task));
    BIDE_TRY(bide_sleep(BIDE_MS(20)));
    CHECK_STEP("=> 8", bide_future_result, task);
    bide_drop(task);
    bide_drop(a);
    bide_drop(b);
    return 0;
}

/* How the future itself ends, everybody hears. */
static BIDE_ASYNC int the_future_ends(bide_value arg, bide_value *result)
{
    bide_value future = bide_future(), a = waiter(future), b = waiter(future);
    BIDE_TRY(bide_sleep(0));
    bide_future_cancel(future, "gone");
    CHECK_STEP("!! CancelledError: gone", bide_await, bide_ref(a));
    CHECK_STEP("!! CancelledError: gone", bide_await, bide_ref(b));
    bide_drop(future);
    bide_drop(a);
    bide_drop(b);
    future = working(-1);
    a = waiter(future);
    CHECK_STEP("!! ValueError: work", bide_await, bide_ref(a));
    bide_drop(future);
    bide_drop(a);
    return 0;
}

/* Done and cancelled in the same iteration, in either order: the result stays with the future. */
static BIDE_ASYNC int both_at_once(bide_value arg, bide_value *result)
{
    for (int order = 0; order < 2; order++) {
        bide_value future = bide_future(), a = waiter(future);
        BIDE_TRY(bide_sleep(0));
        if (order)
            bide_future_set_result(future, bide_str("kept"));
        bide_future_cancel(a, NULL);
        if (!order)
            bide_future_set_result(future, bide_str("kept"));
        CHECK_STEP("!! CancelledError", bide_await, bide_ref(a));
        CHECK_STEP("=> 'kept'", bide_await, bide_ref(future));
        bide_drop(future);
        bide_drop(a);
    }
    return 0;
}

static BIDE_ASYNC int in_scope_and_timeout(bide_value arg, bide_value *result)
{
    bide_value task = working(9);
    BIDE_ASYNC_WITH (scope, bide_scope(BIDE_MS(2))) {
        BIDE_WITH_TRY(scope, bide_await_shared(bide_ref(task), NULL));
    }
    CHECK_INT(bide_now(), BIDE_MS(2));
    BIDE_END_WITH(scope);
    CHECK_STEP("!! TimeoutError", bide_wait_for, bide_coro(wait_shared, bide_ref(task)),
               BIDE_MS(2));
    CHECK_NOTES("CancelledError");
    CHECK_STEP("=> 9", bide_await_shared, bide_ref(task));
    bide_drop(task);
    return 0;
}

static BIDE_ASYNC int refusals(bide_value arg, bide_value *result)
{
    CHECK_STEP("!! TypeError: a future or task is expected, got 'int'", bide_await_shared,
               bide_int(3));
    CHECK_STEP("!! RuntimeError: Task cannot await on itself: 'me'", bide_await_shared,
               bide_current_task());
    return 0;
}

static BIDE_ASYNC int refused(bide_value arg, bide_value *result)
{
    return bide_await(bide_task(bide_coro(refusals, BIDE_NONE), "me"), NULL);
}

static void test_shared(void)
{
    run(one_is_cancelled);
    CHECK_NOTES("CancelledError: a, worked");
    run(all_are_cancelled);
    CHECK_NOTES("CancelledError, CancelledError, worked");
    run(the_future_ends);
    CHECK_NOTES("CancelledError: gone, CancelledError: gone, worked, ValueError: work");
    run(both_at_once);
    CHECK_NOTES("CancelledError, CancelledError");
    run(in_scope_and_timeout);
    CHECK_NOTES("worked");
    run(refused);
}

/* --- detached tasks ----------------------------------------------------------------- */

static BIDE_ASYNC int detached(bide_value arg, bide_value *result)
{
    CHECK_INT(bide_detach(bide_coro(work, bide_int(1)), NULL), 0);
    CHECK_INT(bide_detach(bide_coro(work, bide_int(-1)), "fails"), 0);
    bide_value all = bide_all_tasks();
    BIDE_TRY(bide_sleep(BIDE_MS(20)));
    note("later"); /* somebody holds the task: it was reported all the same */
    bide_drop(all);
    CHECK_RAISES("!! TypeError: a coroutine was expected, got 'int'",
                 bide_detach(bide_int(1), NULL));
    return 0;
}

static BIDE_ASYNC int fail_in_cleanup(bide_value arg, bide_value *result)
{
    if (bide_sleep(BIDE_SECONDS(9)) < 0) {
        bide_error_clear();
        return bide_raise(BIDE_ValueError, "cleanup");
    }
    return 0;
}

/* At the end of the loop they are cancelled like all others; who fails at that is told of once. */
static BIDE_ASYNC int left_behind(bide_value arg, bide_value *result)
{
    CHECK_INT(bide_detach(bide_coro(work, bide_int(1)), NULL), 0);
    CHECK_INT(bide_detach(bide_coro(fail_in_cleanup, BIDE_NONE), "last"), 0);
    return bide_sleep(BIDE_MS(1));
}

static void test_detached(void)
{
    bide_set_exception_handler(note_report);
    run(detached);
    CHECK_NOTES("worked, worked, [Detached task 'fails' failed] ValueError: work, later");
    run(left_behind);
    CHECK_NOTES("[Detached task 'last' failed] ValueError: cleanup");
    bide_set_exception_handler(NULL);
    bide_value coro = bide_coro(detached, BIDE_NONE);
    CHECK_RAISES("!! RuntimeError: no running event loop", bide_detach(bide_ref(coro), NULL));
    bide_close(coro, NULL);
    bide_drop(coro);
}

/* --- when memory runs out ----------------------------------------------------------- */

static BIDE_ASYNC int scenario(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value task = working(5), a = waiter(task);
    BIDE_TRY(bide_detach(bide_coro(work, bide_int(-1)), "fails"));
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    if (!bide_failed(a))
        bide_future_cancel(a, "a");
    return bide_await_shared(bide_ref(task), NULL);
}

static void test_failing_allocations(void)
{
    bide_set_exception_handler(ignore_report);
    bide_set_warning_hook(ignore_warning);
    for (size_t n = 1, failed = 1; failed; n++) {
        bide_debug_fail_allocation(n);
        int status = bide_run(bide_coro(scenario, BIDE_NONE), NULL);
        failed = bide_debug_allocations() >= n;
        bide_debug_fail_allocation(0);
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
    RUN(test_shared);
    RUN(test_detached);
    RUN(test_failing_allocations);
    return check_end();
}
