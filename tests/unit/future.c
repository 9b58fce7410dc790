/* Futures: their three states, who may end them and how often, callbacks, waiting in order, and
 * exceptions that nobody looked at.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

static void run(bide_body *body)
{
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
}

static void note_report(const char *message, bide_value error)
{
    bide_value text = bide_error_text(error);
    note("%s|%s", message, bide_cstr(text));
    bide_drop(text);
}

/* --- states ----------------------------------------------------------------------- */

static BIDE_ASYNC int pending(bide_value arg, bide_value *result)
{
    bide_value f = bide_future();
    CHECK_REPR(f, "<Future pending>");
    CHECK(!bide_future_done(f) && !bide_future_cancelled(f));
    CHECK_STEP("!! InvalidStateError: Result is not set.", bide_future_result, f);
    CHECK_STEP("!! InvalidStateError: Exception is not set.", bide_future_exception, f);
    bide_drop(f);
    return 0;
}

static BIDE_ASYNC int with_result(bide_value arg, bide_value *result)
{
    bide_value f = bide_future();
    CHECK_INT(bide_future_set_result(f, bide_list(1)), 0);
    CHECK_REPR(f, "<Future finished>");
    CHECK(bide_future_done(f) && !bide_future_cancelled(f));
    CHECK_STEP("=> [1]", bide_future_result, f);
    CHECK_STEP("=> [1]", bide_future_result, f);
    CHECK_STEP("=> None", bide_future_exception, f);
    CHECK_RAISES("!! InvalidStateError: invalid state: <Future finished>",
                 bide_future_set_result(f, bide_list("dropped")));
    CHECK_RAISES("!! InvalidStateError: invalid state: <Future finished>",
                 bide_future_set_exception(f, bide_error_new(BIDE_KeyError, NULL)));
    CHECK_INT(bide_future_cancel(f, NULL), 0);
    CHECK_STEP("=> [1]", bide_await, bide_ref(f)); /* at once */
    bide_drop(f);
    return 0;
}

static BIDE_ASYNC int with_exception(bide_value arg, bide_value *result)
{
    bide_value f = bide_future();
    CHECK_INT(bide_future_set_exception(f, bide_error_new(BIDE_KeyError, "k")), 0);
    CHECK(bide_future_done(f) && !bide_future_cancelled(f));
    CHECK_STEP("!! KeyError: k", bide_future_result, f);
    CHECK_STEP("=> KeyError('k')", bide_future_exception, f);
    CHECK_STEP("!! KeyError: k", bide_await, bide_ref(f));
    bide_drop(f);
    f = bide_future();
    CHECK_RAISES("!! TypeError: invalid exception object",
                 bide_future_set_exception(f, bide_list("no exception")));
    CHECK(!bide_future_done(f));
    /* One that could not be raised into a coroutine. */
    CHECK_INT(bide_future_set_exception(f, bide_error_new(BIDE_StopIteration, NULL)), 0);
    CHECK_STEP(
        "!! RuntimeError: StopIteration interacts badly with generators and cannot be raised "
        "into a Future",
        bide_future_result, f);
    bide_drop(f);
    return 0;
}

static BIDE_ASYNC int cancelled(bide_value arg, bide_value *result)
{
    bide_value f = bide_future();
    CHECK_INT(bide_future_cancel(f, "why"), 1);
    CHECK_REPR(f, "<Future cancelled>");
    CHECK(bide_future_done(f) && bide_future_cancelled(f));
    CHECK_STEP("!! CancelledError: why", bide_future_result, f);
    CHECK_STEP("!! CancelledError: why", bide_future_exception, f);
    CHECK_STEP("!! CancelledError: why", bide_await, bide_ref(f));
    CHECK_INT(bide_future_cancel(f, "again"), 0);
    CHECK_RAISES("!! InvalidStateError: invalid state: <Future cancelled>",
                 bide_future_set_result(f, BIDE_NONE));
    bide_drop(f);
    return 0;
}

static void test_the_states(void)
{
    run(pending);
    run(with_result);
    run(with_exception);
    run(cancelled);
}

static void test_what_is_no_future(void)
{
    const char *wanted = "!! TypeError: a future or task is expected, got 'list'";
    bide_value v = bide_list();
    CHECK(!bide_future_done(v) && !bide_future_cancelled(v));
    CHECK_RAISES(wanted, bide_future_set_result(v, bide_list("dropped")));
    CHECK_RAISES(wanted, bide_future_set_exception(v, bide_error_new(BIDE_KeyError, NULL)));
    CHECK_RAISES(wanted, bide_future_cancel(v, NULL));
    CHECK_STEP(wanted, bide_future_result, v);
    CHECK_STEP(wanted, bide_future_exception, v);
    CHECK_RAISES(wanted, bide_future_add_done_callback(v, NULL, bide_list("dropped")));
    CHECK_RAISES(wanted, bide_future_remove_done_callback(v, NULL, bide_list("dropped")));
    bide_drop(v);
}

/* --- waiting ---------------------------------------------------------------------- */

static bide_value shared;

static BIDE_ASYNC int await_shared(bide_value arg, bide_value *result)
{
    bide_value v;
    if (bide_await(bide_ref(shared), &v) < 0) {
        note_error(bide_cstr(arg));
        return 0;
    }
    note_value(bide_cstr(arg), v);
    bide_drop(v);
    return 0;
}

static BIDE_ASYNC int many_wait(bide_value arg, bide_value *result)
{
    static const char *const names[] = {"a", "b", "c"};
    for (int i = 0; i < 2; i++) {
        shared = bide_future();
        for (int k = 0; k < 3; k++)
            bide_drop(bide_task(bide_coro(await_shared, bide_str(names[k])), NULL));
        BIDE_TRY(bide_sleep(0));
        if (i == 0)
            bide_future_set_result(shared, bide_int(7));
        else
            bide_future_set_exception(shared, bide_error_new(BIDE_OSError, "all"));
        note("set");
        BIDE_TRY(bide_sleep(0));
        BIDE_TRY(bide_sleep(0));
        bide_drop(shared);
    }
    return 0;
}

static void test_waiters_wake_in_order(void)
{
    run(many_wait);
    CHECK_NOTES("set, a 7, b 7, c 7, set, a OSError: all, b OSError: all, c OSError: all");
}

static BIDE_ASYNC int yield_it(bide_value arg, bide_value *result)
{
    return bide_suspend(bide_future(), NULL); /* not awaited: handed to the task */
}

static void test_a_future_that_is_not_awaited(void)
{
    bide_value error;
    CHECK_INT(bide_run(bide_coro(yield_it, BIDE_NONE), NULL), BIDE_RAISED);
    CHECK(bide_catch(BIDE_RuntimeError, &error));
    CHECK(strstr(bide_error_message(error), "yield was used instead of yield from in task"));
    bide_drop(error);
}

static BIDE_ASYNC int await_pending_by_hand(bide_value arg, bide_value *result)
{
    bide_value inner = bide_coro(await_shared, bide_str("hand"));
    shared = bide_future();
    bide_value got;
    CHECK_INT(bide_send(inner, BIDE_NONE, &got), BIDE_YIELDED);
    CHECK(bide_is(got, shared)); /* what a scheduler of one's own would wait for */
    bide_drop(got);
    CHECK_STEP("=> None", bide_send, inner, BIDE_NONE);
    bide_drop(inner);
    bide_drop(shared);
    return 0;
}

static void test_resumed_although_it_is_not_done(void)
{
    run(await_pending_by_hand);
    CHECK_NOTES("hand RuntimeError: await wasn't used with future");
}

/* --- callbacks -------------------------------------------------------------------- */

static int note_done(bide_value future, bide_value arg)
{
    CHECK(bide_future_done(future));
    note_value("done", arg);
    return 0;
}

static int fail_done(bide_value future, bide_value arg)
{
    return bide_raise(BIDE_ValueError, "in callback");
}

static BIDE_ASYNC int callbacks(bide_value arg, bide_value *result)
{
    bide_value f = bide_future();
    bide_future_add_done_callback(f, note_done, bide_int(1));
    bide_future_add_done_callback(f, note_done, bide_list(2));
    bide_future_add_done_callback(f, fail_done, bide_list("dropped"));
    bide_future_add_done_callback(f, note_done, bide_int(1));
    bide_future_add_done_callback(f, note_done, bide_str("last"));
    CHECK_INT(bide_future_remove_done_callback(f, note_done, bide_float(1)), 2);
    CHECK_INT(bide_future_remove_done_callback(f, note_done, bide_int(9)), 0);
    CHECK_INT(bide_future_remove_done_callback(f, fail_done, BIDE_NONE), 0);
    bide_future_set_result(f, BIDE_NONE);
    note("set");
    BIDE_TRY(bide_sleep(0));
    bide_future_add_done_callback(f, note_done, bide_str("late"));
    note("added");
    BIDE_TRY(bide_sleep(0));
    bide_drop(f);
    f = bide_future();
    bide_future_add_done_callback(f, note_done, bide_list("dropped with the future"));
    bide_drop(f);
    return 0;
}

static void test_callbacks(void)
{
    bide_set_exception_handler(note_report);
    run(callbacks);
    CHECK_NOTES("set, done [2], Exception in callback|ValueError: in callback, done 'last', "
                "added, done 'late'");
    bide_set_exception_handler(NULL);
}

/* --- never retrieved -------------------------------------------------------------- */

static BIDE_ASYNC int forget_exceptions(bide_value arg, bide_value *result)
{
    bide_value f = bide_future(), error;
    bide_future_set_exception(f, bide_error_new(BIDE_KeyError, "forgotten"));
    bide_drop(f);
    f = bide_future();
    bide_future_set_exception(f, bide_error_new(BIDE_KeyError, "looked at"));
    bide_future_exception(f, &error);
    bide_drop(error);
    bide_drop(f);
    f = bide_future();
    bide_future_cancel(f, "cancelled");
    bide_drop(f);
    return 0;
}

static void test_never_retrieved(void)
{
    bide_set_exception_handler(note_report);
    run(forget_exceptions);
    CHECK_NOTES("Future exception was never retrieved|KeyError: forgotten");
    bide_set_exception_handler(NULL);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_the_states);
    RUN(test_what_is_no_future);
    RUN(test_waiters_wake_in_order);
    RUN(test_a_future_that_is_not_awaited);
    RUN(test_resumed_although_it_is_not_done);
    RUN(test_callbacks);
    RUN(test_never_retrieved);
    return check_end();
}
