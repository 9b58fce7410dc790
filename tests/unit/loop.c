/* The loop: in which order callbacks and timers run, cancelling them, their exceptions, and what
 * happens when nothing can ever wake it. On the virtual clock.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

static int note_arg(bide_value arg)
{
    note("%s", bide_cstr(arg));
    return 0;
}

static void soon(const char *text)
{
    bide_drop(bide_call_soon(note_arg, bide_str(text)));
}

static void later(int64_t delay, const char *text)
{
    bide_drop(bide_call_later(delay, note_arg, bide_str(text)));
}

static void run(bide_body *body)
{
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
}

/* --- order ------------------------------------------------------------------------ */

static int reschedule(bide_value arg)
{
    note("a");
    soon("d");
    soon("e");
    return 0;
}

static BIDE_ASYNC int callbacks_in_order(bide_value arg, bide_value *result)
{
    bide_drop(bide_call_soon(reschedule, BIDE_NONE));
    soon("b");
    soon("c");
    note("main");
    BIDE_TRY(bide_sleep(0));
    note("main again");
    BIDE_TRY(bide_sleep(0));
    note("end");
    return 0;
}

static void test_callbacks_run_in_order(void)
{
    run(callbacks_in_order);
    CHECK_NOTES("main, a, b, c, main again, d, e, end");
}

static BIDE_ASYNC int timers_in_order(bide_value arg, bide_value *result)
{
    CHECK_INT(bide_now(), 0);
    later(BIDE_MS(30), "30");
    later(BIDE_MS(10), "10");
    later(BIDE_MS(20), "20 first");
    later(BIDE_MS(20), "20 second");
    bide_drop(bide_call_at(BIDE_MS(20), note_arg, bide_str("20 third")));
    later(0, "0");
    later(-5, "negative");
    soon("soon");
    BIDE_TRY(bide_sleep(BIDE_MS(25)));
    note("at %d", (int)(bide_now() / BIDE_MS(1)));
    BIDE_TRY(bide_sleep_until(BIDE_MS(30)));
    note("at %d", (int)(bide_now() / BIDE_MS(1)));
    BIDE_TRY(bide_sleep_until(BIDE_MS(1))); /* long past */
    CHECK_INT(bide_now(), BIDE_MS(30));
    return 0;
}

static void test_timers_run_by_deadline_then_creation(void)
{
    run(timers_in_order);
    CHECK_NOTES("soon, negative, 0, 10, 20 first, 20 second, 20 third, at 25, 30, at 30");
}

static int calls;

static int count_call(bide_value arg)
{
    calls++;
    return 0;
}

static BIDE_ASYNC int many_timers(bide_value arg, bide_value *result)
{
    int64_t last = -1;
    for (int i = 0; i < 200; i++)
        bide_drop(bide_call_at(BIDE_MS(i * 37 % 100), count_call, BIDE_NONE));
    for (int i = 0; i < 100; i++) {
        BIDE_TRY(bide_sleep(BIDE_MS(1)));
        CHECK(bide_now() > last);
        last = bide_now();
    }
    CHECK_INT(last, BIDE_MS(100));
    return 0;
}

static void test_many_timers(void)
{
    run(many_timers);
    CHECK_INT(calls, 200);
}

/* An hour takes no time; what lies beyond the end of time never comes. */
static BIDE_ASYNC int far_away(bide_value arg, bide_value *result)
{
    bide_value never = bide_call_later(BIDE_NEVER, note_arg, bide_str("never"));
    CHECK_INT(bide_handle_when(never), BIDE_NEVER);
    BIDE_TRY(bide_sleep(BIDE_SECONDS(3600)));
    CHECK_INT(bide_now(), BIDE_SECONDS(3600));
    CHECK_INT(bide_handle_when(never), BIDE_NEVER);
    bide_drop(never);
    never = bide_call_later(BIDE_NEVER - 1, note_arg, bide_str("never"));
    CHECK_INT(bide_handle_when(never), BIDE_NEVER);
    bide_drop(never);
    return 0;
}

static void test_far_deadlines(void)
{
    run(far_away);
    CHECK_NOTES("");
}

/* --- cancelling ------------------------------------------------------------------- */

static bide_value victim;

static int cancel_victim(bide_value arg)
{
    bide_handle_cancel(victim);
    note("cancelled");
    return 0;
}

static int cancel_itself(bide_value arg)
{
    bide_handle_cancel(victim);
    note_value("in itself", arg);
    return 0;
}

static BIDE_ASYNC int cancel_some(bide_value arg, bide_value *result)
{
    bide_value handle = bide_call_later(BIDE_MS(10), note_arg, bide_list("dropped"));
    CHECK_INT(bide_handle_when(handle), BIDE_MS(10));
    CHECK(!bide_handle_cancelled(handle));
    bide_handle_cancel(handle);
    bide_handle_cancel(handle);
    CHECK(bide_handle_cancelled(handle));
    bide_drop(handle);
    /* In the same iteration: it was ready already. */
    bide_drop(bide_call_soon(cancel_victim, BIDE_NONE));
    victim = bide_call_soon(note_arg, bide_str("victim"));
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    bide_drop(victim);
    /* Timers that expire together. */
    bide_drop(bide_call_later(BIDE_MS(5), cancel_victim, BIDE_NONE));
    victim = bide_call_later(BIDE_MS(5), note_arg, bide_str("victim"));
    BIDE_TRY(bide_sleep(BIDE_MS(20)));
    bide_drop(victim);
    /* One that has run already, and one that does: nothing comes of it, but it is known. */
    handle = bide_call_soon(note_arg, bide_str("ran"));
    BIDE_TRY(bide_sleep(0));
    bide_handle_cancel(handle);
    CHECK(bide_handle_cancelled(handle));
    bide_drop(handle);
    victim = bide_call_soon(cancel_itself, bide_list("kept"));
    BIDE_TRY(bide_sleep(0));
    CHECK(bide_handle_cancelled(victim));
    bide_drop(victim);
    return 0;
}

static void test_cancelling(void)
{
    run(cancel_some);
    CHECK_NOTES("cancelled, cancelled, ran, in itself ['kept']");
}

static void test_what_is_no_handle(void)
{
    bide_handle_cancel(bide_int(3));
    CHECK(!bide_handle_cancelled(BIDE_NONE));
    CHECK_INT(bide_handle_when(BIDE_NONE), 0);
}

/* What is still due when the loop ends is dropped. */
static BIDE_ASYNC int leave_some(bide_value arg, bide_value *result)
{
    later(BIDE_SECONDS(10), "too late");
    soon("in time"); /* the loop ends with the iteration in which main's end is noticed */
    return 0;
}

static void test_what_is_left_is_dropped(void)
{
    run(leave_some);
    CHECK_NOTES("in time");
}

/* --- exceptions ------------------------------------------------------------------- */

static void note_report(const char *message, bide_value error)
{
    bide_value text = bide_error_text(error);
    note("%s: %s", message, bide_cstr(text));
    bide_drop(text);
}

static int fail(bide_value arg)
{
    return bide_raise(BIDE_ValueError, "callback");
}

static BIDE_ASYNC int failing_callback(bide_value arg, bide_value *result)
{
    bide_drop(bide_call_soon(fail, bide_list("dropped")));
    soon("the next one");
    return bide_sleep(0);
}

static void test_a_callback_that_raises(void)
{
    bide_set_exception_handler(note_report);
    run(failing_callback);
    CHECK_NOTES("Exception in callback: ValueError: callback, the next one");
    bide_set_exception_handler(NULL);
}

/* --- no loop ---------------------------------------------------------------------- */

static BIDE_ASYNC int sleep_alone(bide_value arg, bide_value *result)
{
    return bide_sleep(1);
}

static void test_without_a_loop(void)
{
    const char *wanted = "!! RuntimeError: no running event loop";
    CHECK(!bide_loop_running());
    CHECK_INT(bide_now(), 0);
    CHECK_FAILS(wanted, bide_call_soon(note_arg, bide_list("dropped")));
    CHECK_FAILS(wanted, bide_call_later(1, note_arg, bide_list("dropped")));
    CHECK_FAILS(wanted, bide_call_at(1, note_arg, bide_list("dropped")));
    CHECK_FAILS(wanted, bide_future());
    bide_value coro = bide_coro(sleep_alone, BIDE_NONE);
    CHECK_STEP(wanted, bide_send, coro, BIDE_NONE);
    bide_drop(coro);
}

/* --- deadlock --------------------------------------------------------------------- */

static int line_of_inner, line_of_outer;

static BIDE_ASYNC int wait_for_nothing(bide_value arg, bide_value *result)
{
    line_of_inner = __LINE__ + 1;
    return bide_await(bide_future(), result);
}

static BIDE_ASYNC int wait_in_vain(bide_value arg, bide_value *result)
{
    bide_drop(bide_task(bide_coro(wait_for_nothing, BIDE_NONE), "other"));
    line_of_outer = __LINE__ + 1;
    int status = bide_await(bide_coro(wait_for_nothing, BIDE_NONE), result);
    note("%s", bide_error_matches(BIDE_CancelledError) ? "cancelled" : "?");
    return status;
}

static void test_deadlock(void)
{
    char wanted[500];
    bide_value main_task = bide_coro(wait_in_vain, BIDE_NONE), error = BIDE_NONE;
    CHECK_INT(bide_run(main_task, NULL), BIDE_RAISED);
    CHECK(bide_catch(BIDE_RuntimeError, &error));
    snprintf(wanted, sizeof wanted,
             "': wait_in_vain (%s:%d) > wait_for_nothing (%s:%d) > Future made at %s:%d\n"
             "  task 'other': wait_for_nothing (%s:%d) > Future made at %s:%d",
             __FILE__, line_of_outer, __FILE__, line_of_inner, __FILE__, line_of_inner, __FILE__,
             line_of_inner, __FILE__, line_of_inner);
    const char *message = bide_error_message(error);
    CHECK(strncmp(message,
                  "deadlock: no timer, descriptor or promise can wake the loop, and every task "
                  "waits:\n  task 'Task-",
                  90) == 0);
    const char *rest = strstr(message, "': ");
    CHECK_STR(rest ? rest : message, wanted);
    CHECK_NOTES("cancelled");
    bide_drop(error);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_callbacks_run_in_order);
    RUN(test_timers_run_by_deadline_then_creation);
    RUN(test_many_timers);
    RUN(test_far_deadlines);
    RUN(test_cancelling);
    RUN(test_what_is_no_handle);
    RUN(test_what_is_left_is_dropped);
    RUN(test_a_callback_that_raises);
    RUN(test_without_a_loop);
    RUN(test_deadlock);
    return check_end();
}
