/* Tasks: how they start, interleave and end; every way of cancelling one; what they refuse to wait
 * for; exceptions that nobody looked at.
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

/* --- running side by side --------------------------------------------------------- */

static BIDE_ASYNC int three_turns(bide_value arg, bide_value *result)
{
    for (int i = 1; i <= 3; i++) {
        note("%s%d", bide_cstr(arg), i);
        BIDE_TRY(bide_sleep(0));
    }
    *result = bide_ref(arg);
    return 0;
}

static BIDE_ASYNC int side_by_side(bide_value arg, bide_value *result)
{
    bide_value a = bide_task(bide_coro(three_turns, bide_str("a")), "first");
    bide_value b = bide_task(bide_coro(three_turns, bide_str("b")), NULL);
    note("main");
    CHECK_STR(bide_task_name(a), "first");
    CHECK(strncmp(bide_task_name(b), "Task-", 5) == 0);
    CHECK_REPR(a, "<Task pending name='first'>");
    CHECK_STEP("=> 'a'", bide_await, bide_ref(a));
    CHECK_STEP("=> 'b'", bide_await, bide_ref(b));
    CHECK_STEP("=> 'a'", bide_await, bide_ref(a)); /* as often as you like */
    CHECK_REPR(a, "<Task finished name='first'>");
    bide_drop(a);
    bide_drop(b);
    return 0;
}

static void test_tasks_take_turns(void)
{
    run(side_by_side);
    CHECK_NOTES("main, a1, b1, a2, b2, a3, b3");
}

static BIDE_ASYNC int look_at_current(bide_value arg, bide_value *result)
{
    bide_value current = bide_current_task();
    note("%s", bide_task_name(current));
    BIDE_TRY(bide_sleep(0));
    bide_value still = bide_current_task();
    CHECK(bide_is(current, still));
    bide_drop(current);
    bide_drop(still);
    return 0;
}

static int current_in_callback(bide_value arg)
{
    CHECK(bide_is_none(bide_current_task()));
    return 0;
}

static BIDE_ASYNC int currents(bide_value arg, bide_value *result)
{
    bide_drop(bide_task(bide_coro(look_at_current, BIDE_NONE), "one"));
    bide_drop(bide_task(bide_coro(look_at_current, BIDE_NONE), "two"));
    bide_drop(bide_call_soon(current_in_callback, BIDE_NONE));
    return bide_sleep(BIDE_MS(1));
}

static void test_the_current_task(void)
{
    CHECK(bide_is_none(bide_current_task()));
    run(currents);
    CHECK_NOTES("one, two");
}

/* Steps that only go on leave what they ran in as it is: nothing else that runs is to see it. */
static bide_value variable;

static int look_between(bide_value arg)
{
    BIDE_SCOPED bide_value value = bide_context_var_get(variable);
    CHECK(bide_is_none(bide_current_task()));
    CHECK_RAISES("!! ValueError: here", bide_raise(BIDE_ValueError, "here"));
    note("%s", bide_cstr(value));
    return 0;
}

static BIDE_ASYNC int set_inside(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_context_var_set(variable, bide_str("inside"), NULL));
    for (int i = 0; i < 3; i++)
        BIDE_TRY(bide_sleep(0));
    *result = bide_context_var_get(variable);
    return 0;
}

static BIDE_ASYNC int call_in_between(bide_value arg, bide_value *result)
{
    variable = bide_context_var("variable", bide_str("outside"));
    BIDE_SCOPED bide_value task = bide_task(bide_coro(set_inside, BIDE_NONE), NULL);
    for (int i = 0; i < 4; i++) {
        bide_drop(bide_call_soon(look_between, BIDE_NONE));
        BIDE_TRY(bide_sleep(0));
    }
    CHECK_STEP("=> 'inside'", bide_await, bide_ref(task));
    bide_drop(variable);
    return 0;
}

static void test_between_steps(void)
{
    run(call_in_between);
    CHECK_NOTES("outside, outside, outside, outside");
}

/* A task whose value is dropped runs on. */
static BIDE_ASYNC int drop_a_task(bide_value arg, bide_value *result)
{
    bide_drop(bide_task(bide_coro(three_turns, bide_str("d")), NULL));
    return bide_sleep(BIDE_MS(1));
}

static void test_a_dropped_task_runs_on(void)
{
    run(drop_a_task);
    CHECK_NOTES("d1, d2, d3");
}

static void forget(const char *category, const char *message, const bide_origin *origin)
{
}

static BIDE_ASYNC int refuse_operations(bide_value arg, bide_value *result)
{
    bide_value task = bide_task(bide_coro(three_turns, bide_str("r")), NULL);
    CHECK_RAISES("!! RuntimeError: Task does not support set_result operation",
                 bide_future_set_result(task, bide_list("dropped")));
    CHECK_RAISES("!! RuntimeError: Task does not support set_exception operation",
                 bide_future_set_exception(task, bide_error_new(BIDE_KeyError, NULL)));
    CHECK_FAILS("!! TypeError: a coroutine was expected, got 'int'", bide_task(bide_int(3), NULL));
    CHECK_FAILS("!! TypeError: a coroutine was expected, got 'Task'", bide_task(task, NULL));
    return 0;
}

static void test_refusals(void)
{
    run(refuse_operations);
    check__notes[0] = '\0';
    bide_set_warning_hook(forget);
    CHECK_FAILS("!! RuntimeError: no running event loop",
                bide_task(bide_coro(three_turns, bide_str("x")), NULL));
    bide_set_warning_hook(NULL);
    CHECK_STR(bide_task_name(bide_int(3)), "");
}

/* --- cancelling ------------------------------------------------------------------- */

/* What a task does about its cancellation. */
enum reaction { PASS_ON, RETURN, RAISE, GO_ON };

/* (reaction): waits, and reacts. */
static BIDE_ASYNC int wait_and_react(bide_value arg, bide_value *result)
{
    if (bide_sleep(BIDE_SECONDS(1)) < 0) {
        switch ((enum reaction)arg.as.i) {
        case PASS_ON:
            return BIDE_RAISED;
        case RETURN:
            bide_error_clear();
            return bide_return(result, "returned");
        case RAISE:
            return bide_raise(BIDE_ValueError, "raised");
        case GO_ON:
            bide_error_clear();
            break;
        }
    }
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    return bide_return(result, "went on");
}

/* How a task ends that is cancelled once, after it has begun. */
static BIDE_ASYNC void check_cancel(enum reaction reaction, const char *wanted, bool is_cancelled)
{
    bide_value task = bide_task(bide_coro(wait_and_react, bide_int(reaction)), NULL);
    CHECK_INT(bide_sleep(BIDE_MS(1)), 0);
    CHECK_INT(bide_future_cancel(task, "msg"), 1);
    CHECK(!bide_future_done(task)); /* not at once */
    CHECK_INT(bide_task_cancelling(task), 1);
    CHECK_STEP(wanted, bide_await, bide_ref(task));
    CHECK(bide_future_done(task) && bide_future_cancelled(task) == is_cancelled);
    CHECK_INT(bide_future_cancel(task, NULL), 0);
    bide_drop(task);
}

static BIDE_ASYNC int cancel_matrix(bide_value arg, bide_value *result)
{
    check_cancel(PASS_ON, "!! CancelledError: msg", true);
    check_cancel(RETURN, "=> 'returned'", false);
    check_cancel(RAISE, "!! ValueError: raised", false);
    check_cancel(GO_ON, "=> 'went on'", false);
    return 0;
}

static void test_cancelling_one_that_waits(void)
{
    run(cancel_matrix);
}

static BIDE_ASYNC int cancel_early(bide_value arg, bide_value *result)
{
    bide_value task = bide_task(bide_coro(three_turns, bide_str("never")), NULL);
    CHECK_INT(bide_future_cancel(task, "early"), 1);
    CHECK_INT(bide_future_cancel(task, "twice"), 1);
    CHECK_INT(bide_task_cancelling(task), 2);
    CHECK_INT(bide_task_uncancel(task), 1);
    CHECK_STEP("!! CancelledError: twice", bide_await, bide_ref(task));
    bide_drop(task);
    task = bide_task(bide_coro(three_turns, bide_str("back")), NULL);
    CHECK_INT(bide_future_cancel(task, "taken back"), 1);
    CHECK_INT(bide_task_uncancel(task), 0);
    CHECK_INT(bide_task_uncancel(task), 0);
    CHECK_STEP("=> 'back'", bide_await, bide_ref(task));
    bide_drop(task);
    task = bide_task(bide_coro(wait_and_react, bide_int(PASS_ON)), NULL);
    CHECK_INT(bide_sleep(BIDE_MS(1)), 0);
    CHECK_INT(bide_future_cancel(task, "too late"), 1); /* what it waited for is cancelled */
    CHECK_INT(bide_task_uncancel(task), 0);
    CHECK_STEP("!! CancelledError: too late", bide_await, bide_ref(task));
    bide_drop(task);
    return 0;
}

static void test_cancelling_one_that_has_not_begun(void)
{
    run(cancel_early);
    CHECK_NOTES("back1, back2, back3");
}

static BIDE_ASYNC int cancel_itself(bide_value arg, bide_value *result)
{
    bide_value self = bide_current_task();
    CHECK_INT(bide_future_cancel(self, "self"), 1);
    bide_drop(self);
    if (bide_truthy(arg))
        return bide_return(result, "without another await");
    CHECK_RAISES("!! CancelledError: self", bide_sleep(0)); /* at the next await */
    CHECK_INT(bide_sleep(BIDE_MS(1)), 0);                   /* and at no other */
    return bide_return(result, "survived");
}

static BIDE_ASYNC int sleep_for_ms(bide_value arg, bide_value *result)
{
    return bide_sleep(BIDE_MS(arg.as.i));
}

static BIDE_ASYNC int several_requests(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value me = bide_current_task(), out = BIDE_NONE;
    CHECK_INT(bide_future_cancel(me, "taken back"), 1);
    CHECK_INT(bide_task_uncancel(me), 0);
    BIDE_TRY(bide_sleep(0));
    bide_future_cancel(me, "first");
    bide_future_cancel(me, "last");
    CHECK_RAISES("!! CancelledError: last", bide_sleep(0));
    CHECK_INT(bide_task_cancelling(me), 2);
    /* What it waits for has been cancelled: that cannot be taken back, nor said otherwise. */
    BIDE_SCOPED bide_value other = bide_task(bide_coro(three_turns, bide_str("t")), NULL);
    BIDE_SCOPED bide_value sleeper = bide_task(bide_coro(sleep_for_ms, bide_int(9)), NULL);
    BIDE_TRY(bide_sleep(0));
    bide_future_cancel(sleeper, "first");
    bide_future_cancel(sleeper, "last");
    bide_task_uncancel(sleeper);
    CHECK_INT(bide_task_uncancel(sleeper), 0);
    CHECK_STEP("!! CancelledError: first", bide_await, bide_ref(sleeper));
    return bide_await(bide_ref(other), &out);
}

static void test_several_requests(void)
{
    run(several_requests);
    CHECK_NOTES("t1, t2, t3");
}

static void test_a_task_that_cancels_itself(void)
{
    CHECK_STEP("=> 'survived'", bide_run, bide_coro(cancel_itself, BIDE_NONE));
    CHECK_STEP("!! CancelledError: self", bide_run, bide_coro(cancel_itself, bide_bool(true)));
}

static bide_value inner_future;

static BIDE_ASYNC int await_inner(bide_value arg, bide_value *result)
{
    return bide_await(bide_ref(inner_future), result);
}

/* What it waits for is cancelled with it, unless that is done already. */
static BIDE_ASYNC int cancel_what_is_awaited(bide_value arg, bide_value *result)
{
    inner_future = bide_future();
    bide_value task = bide_task(bide_coro(await_inner, BIDE_NONE), NULL);
    CHECK_INT(bide_sleep(0), 0);
    bide_future_cancel(task, "down");
    CHECK(bide_future_cancelled(inner_future));
    CHECK_STEP("!! CancelledError: down", bide_await, task);
    bide_drop(inner_future);

    inner_future = bide_future();
    task = bide_task(bide_coro(await_inner, BIDE_NONE), NULL);
    CHECK_INT(bide_sleep(0), 0);
    bide_future_set_result(inner_future, bide_list("lost"));
    bide_future_cancel(task, "late"); /* before it could look at the result */
    CHECK_STEP("!! CancelledError: late", bide_await, task);
    bide_drop(inner_future);
    return 0;
}

static void test_cancelling_reaches_what_is_awaited(void)
{
    run(cancel_what_is_awaited);
}

static BIDE_ASYNC int await_task(bide_value arg, bide_value *result)
{
    return bide_await(bide_ref(arg), result);
}

/* Through a chain of tasks, to its end and back. */
static BIDE_ASYNC int cancel_a_chain(bide_value arg, bide_value *result)
{
    bide_value leaf = bide_task(bide_coro(wait_and_react, bide_int(PASS_ON)), NULL);
    bide_value middle = bide_task(bide_coro(await_task, bide_ref(leaf)), NULL);
    bide_value top = bide_task(bide_coro(await_task, bide_ref(middle)), NULL);
    CHECK_INT(bide_sleep(BIDE_MS(1)), 0);
    bide_future_cancel(top, "chain");
    CHECK_STEP("!! CancelledError: chain", bide_await, bide_ref(top));
    CHECK(bide_future_cancelled(leaf) && bide_future_cancelled(middle));
    bide_drop(leaf);
    bide_drop(middle);
    bide_drop(top);
    return 0;
}

static void test_cancelling_a_chain(void)
{
    run(cancel_a_chain);
}

/* --- what a task cannot wait for -------------------------------------------------- */

static bide_value own_task;

static BIDE_ASYNC int await_own_task(bide_value arg, bide_value *result)
{
    return bide_await(bide_ref(own_task), result);
}

static BIDE_ASYNC int suspend_with_arg(bide_value arg, bide_value *result)
{
    return bide_suspend(bide_ref(arg), result);
}

static BIDE_ASYNC int bad_waits(bide_value arg, bide_value *result)
{
    own_task = bide_task(bide_coro(await_own_task, BIDE_NONE), "me");
    CHECK_STEP("!! RuntimeError: Task cannot await on itself: 'me'", bide_await,
               bide_ref(own_task));
    bide_drop(own_task);
    CHECK_STEP("!! RuntimeError: Task got bad yield: [5]", bide_await,
               bide_task(bide_coro(suspend_with_arg, bide_list(5)), NULL));
    CHECK_STEP("=> None", bide_await, bide_task(bide_coro(suspend_with_arg, BIDE_NONE), NULL));
    return 0;
}

static void test_what_a_task_cannot_wait_for(void)
{
    run(bad_waits);
}

/* --- never retrieved -------------------------------------------------------------- */

static BIDE_ASYNC int fail(bide_value arg, bide_value *result)
{
    return bide_raise(BIDE_KeyError, "forgotten");
}

static BIDE_ASYNC int forget_a_failure(bide_value arg, bide_value *result)
{
    bide_drop(bide_task(bide_coro(fail, BIDE_NONE), NULL));
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    note("later");
    bide_value task = bide_task(bide_coro(fail, BIDE_NONE), NULL);
    CHECK_STEP("!! KeyError: forgotten", bide_await, task); /* this one was looked at */
    return 0;
}

static void test_never_retrieved(void)
{
    bide_set_exception_handler(note_report);
    run(forget_a_failure);
    CHECK_NOTES("Task exception was never retrieved|KeyError: forgotten, later");
    bide_set_exception_handler(NULL);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_tasks_take_turns);
    RUN(test_the_current_task);
    RUN(test_between_steps);
    RUN(test_a_dropped_task_runs_on);
    RUN(test_refusals);
    RUN(test_cancelling_one_that_waits);
    RUN(test_cancelling_one_that_has_not_begun);
    RUN(test_a_task_that_cancels_itself);
    RUN(test_several_requests);
    RUN(test_cancelling_reaches_what_is_awaited);
    RUN(test_cancelling_a_chain);
    RUN(test_what_a_task_cannot_wait_for);
    RUN(test_never_retrieved);
    return check_end();
}
