/* bide_run and bide_main: results, refusals, exit statuses, and how a loop ends.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

static BIDE_ASYNC int give_arg(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(0));
    *result = bide_ref(arg);
    return 0;
}

static BIDE_ASYNC int raise_arg(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(0));
    return bide_raise_error(bide_ref(arg));
}

static void note_report(const char *message, bide_value error)
{
    bide_value text = bide_error_text(error);
    note("%s|%s", message, bide_cstr(text));
    bide_drop(text);
}

/* --- results and refusals --------------------------------------------------------- */

static void test_results(void)
{
    CHECK_STEP("=> [1]", bide_run, bide_coro(give_arg, bide_list(1)));
    CHECK_STEP("!! KeyError: k", bide_run,
               bide_coro(raise_arg, bide_error_new(BIDE_KeyError, "k")));
    CHECK_STEP("!! CancelledError", bide_run,
               bide_coro(raise_arg, bide_error_new(BIDE_CancelledError, NULL)));
    CHECK(!bide_loop_running());
}

static BIDE_GENERATOR int generator(bide_value arg, bide_value *result)
{
    return 0;
}

static void test_what_cannot_be_run(void)
{
    CHECK_STEP("!! ValueError: a coroutine was expected, got 5", bide_run, bide_int(5));
    CHECK_STEP("!! ValueError: a coroutine was expected, got ['x']", bide_run, bide_list("x"));
    CHECK_STEP("!! ValueError: a coroutine was expected, got <generator object generator>",
               bide_run, bide_gen(generator, BIDE_NONE));
    bide_value coro = bide_coro(give_arg, BIDE_NONE);
    CHECK_STEP("=> None", bide_run, bide_ref(coro));
    CHECK_STEP("!! RuntimeError: cannot reuse already awaited coroutine", bide_run, bide_ref(coro));
    bide_drop(coro);
}

static void forget(const char *category, const char *message, const bide_origin *origin)
{
    note("%s", message);
}

static BIDE_ASYNC int run_inside(bide_value arg, bide_value *result)
{
    CHECK(bide_loop_running());
    CHECK_STEP("!! RuntimeError: asyncio.run() cannot be called from a running event loop",
               bide_run, bide_coro(give_arg, BIDE_NONE));
    BIDE_TRY(bide_sleep(BIDE_MS(1))); /* the outer one is unharmed */
    return bide_return(result, "outer");
}

static void test_a_run_inside_a_run(void)
{
    bide_set_warning_hook(forget);
    CHECK_STEP("=> 'outer'", bide_run, bide_coro(run_inside, BIDE_NONE));
    CHECK_NOTES("coroutine 'give_arg' was never awaited");
    bide_set_warning_hook(NULL);
}

static BIDE_ASYNC int run_by_hand(bide_value arg, bide_value *result)
{
    return bide_run(bide_coro(give_arg, bide_int(3)), result);
}

static void test_a_run_inside_a_coroutine(void)
{
    bide_value coro = bide_coro(run_by_hand, BIDE_NONE);
    CHECK_STEP("=> 3", bide_send, coro, BIDE_NONE);
    bide_drop(coro);
}

/* --- exit statuses ---------------------------------------------------------------- */

static int status_of_error(bide_value error)
{
    return bide_main(bide_coro(raise_arg, error));
}

static void test_exit_statuses(void)
{
    CHECK_INT(bide_main(bide_coro(give_arg, BIDE_NONE)), 0);
    CHECK_INT(bide_main(bide_coro(give_arg, bide_str("text"))), 0);
    CHECK_INT(bide_main(bide_coro(give_arg, bide_int(7))), 7);
    CHECK_INT(bide_main(bide_coro(give_arg, bide_int(256 + 3))), 3);
    CHECK_INT(bide_main(bide_coro(give_arg, bide_int(-1))), 255);
    CHECK_INT(status_of_error(bide_error_with(BIDE_SystemExit, bide_int(4))), 4);
    CHECK_INT(status_of_error(bide_error_new(BIDE_SystemExit, NULL)), 0);
    puts("three tracebacks on stderr are meant to be there");
    CHECK_INT(status_of_error(bide_error_new(BIDE_ValueError, "unhandled")), 1);
    CHECK_INT(status_of_error(bide_error_new(BIDE_KeyboardInterrupt, NULL)), 130);
    CHECK_INT(bide_main(bide_int(5)), 1);
}

/* --- what ends a run from anywhere ------------------------------------------------- */

static int exit_at_once(bide_value status)
{
    return bide_raise_error(bide_error_with(BIDE_SystemExit, bide_ref(status)));
}

static BIDE_ASYNC int exit_later(bide_value status, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_MS(5)));
    return exit_at_once(status);
}

static int exit_when_done(bide_value future, bide_value status)
{
    return exit_at_once(status);
}

/* It is ready in the same iteration, and hears of the cancellation first. */
static BIDE_ASYNC int be_ready_too(bide_value arg, bide_value *result)
{
    int status = bide_sleep(BIDE_MS(5));
    note(status < 0 ? "cancelled" : "ran");
    return status;
}

static BIDE_ASYNC int wait_for_an_exit(bide_value how, bide_value *result)
{
    const char *what = bide_cstr(how);
    if (strcmp(what, "task") == 0)
        bide_drop(bide_task(bide_coro(exit_later, bide_int(3)), NULL));
    else if (strcmp(what, "detached") == 0)
        bide_detach(bide_coro(exit_later, bide_int(3)), "detached");
    else if (strcmp(what, "callback") == 0)
        bide_drop(bide_call_later(BIDE_MS(5), exit_at_once, bide_int(3)));
    else if (strcmp(what, "done callback") == 0) {
        bide_value future = bide_future();
        bide_future_add_done_callback(future, exit_when_done, bide_int(3));
        bide_future_set_result(future, BIDE_NONE);
        bide_drop(future);
    }
    bide_drop(bide_task(bide_coro(be_ready_too, BIDE_NONE), NULL));
    if (strcmp(what, "group") == 0) {
        BIDE_ASYNC_WITH (group, bide_group()) {
            BIDE_WITH_TRY(group, bide_group_start(group, bide_coro(exit_later, bide_int(3))));
            BIDE_WITH_TRY(group, bide_sleep(BIDE_SECONDS(1)));
        }
        BIDE_END_WITH(group);
        return 0;
    }
    int status = bide_sleep(BIDE_SECONDS(1));
    note(status < 0 ? "main cancelled" : "main went on");
    return status;
}

static void note_unseen(const char *message, bide_value error)
{
    note_value(message, error);
}

/* As in asyncio: SystemExit is not kept for who awaits the task. */
static void test_exits_from_anywhere(void)
{
    static const char *const ways[] = {"task", "detached", "callback", "done callback", "group"};
    bide_set_exception_handler(note_unseen);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        check__notes[0] = '\0';
        CHECK_STEP("!! SystemExit: 3", bide_run, bide_coro(wait_for_an_exit, bide_str(ways[i])));
        note("%s", ways[i]);
        static const char *const noted[] = {
            "Task exception was never retrieved SystemExit('3'), cancelled, main cancelled, task",
            "Detached task 'detached' failed SystemExit('3'), cancelled, main cancelled, detached",
            "main cancelled, cancelled, callback",
            "main cancelled, done callback",
            "ran, group",
        };
        CHECK_NOTES(noted[i]);
    }
    bide_set_exception_handler(NULL);
    CHECK_INT(bide_main(bide_coro(wait_for_an_exit, bide_str("callback"))), 3);
    check__notes[0] = '\0';
}

/* --- the end of a loop ------------------------------------------------------------ */

/* A task that is still waiting when main ends; `arg` is its name. */
static BIDE_ASYNC int linger(bide_value arg, bide_value *result)
{
    int status = bide_sleep(BIDE_SECONDS(100));
    bide_value kept = bide_error_take();
    note("%s cancelled", bide_cstr(arg));
    BIDE_TRY(bide_sleep(BIDE_MS(10))); /* cleanup may wait */
    note("%s cleaned up", bide_cstr(arg));
    return status < 0 ? bide_error_restore(kept) : 0;
}

static BIDE_ASYNC int fail_at_the_end(bide_value arg, bide_value *result)
{
    if (bide_sleep(BIDE_SECONDS(100)) < 0) {
        bide_error_clear();
        note("failing");
        return bide_raise(BIDE_ValueError, "in cleanup");
    }
    return 0;
}

static BIDE_ASYNC_GENERATOR int open_until_the_end(bide_value arg, bide_value *result)
{
    int status = bide_yield(bide_int(1), NULL);
    bide_value kept = bide_error_take();
    BIDE_TRY(bide_sleep(BIDE_MS(5)));
    note("agen closed");
    return status < 0 ? bide_error_restore(kept) : 0;
}

static BIDE_ASYNC int leave_tasks(bide_value arg, bide_value *result)
{
    bide_drop(bide_task(bide_coro(linger, bide_str("one")), NULL));
    bide_drop(bide_task(bide_coro(fail_at_the_end, BIDE_NONE), NULL));
    bide_drop(bide_task(bide_coro(linger, bide_str("two")), NULL));
    bide_value agen = bide_agen(open_until_the_end, BIDE_NONE);
    BIDE_TRY(bide_await(bide_anext(agen), NULL));
    *(bide_value *)arg.as.ptr = agen; /* kept: no finalizer closes it */
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    note("main ends");
    return bide_return(result, "main's result");
}

static void test_the_order_of_the_end(void)
{
    bide_value agen = BIDE_NONE;
    bide_set_exception_handler(note_report);
    CHECK_STEP("=> \"main's result\"", bide_run, bide_coro(leave_tasks, bide_ptr(&agen)));
    CHECK_NOTES("main ends, one cancelled, failing, two cancelled, one cleaned up, two cleaned up, "
                "unhandled exception during asyncio.run() shutdown|ValueError: in cleanup, "
                "agen closed");
    CHECK_STR(bide_state_name(agen), "AGEN_CLOSED");
    bide_drop(agen);
    bide_set_exception_handler(NULL);
}

/* One that never started is cancelled without running at all. */
static BIDE_ASYNC int leave_a_fresh_task(bide_value arg, bide_value *result)
{
    bide_drop(bide_task(bide_coro(linger, bide_str("never")), NULL));
    return bide_raise(BIDE_KeyError, "main");
}

static void test_a_task_that_never_started(void)
{
    CHECK_STEP("!! KeyError: main", bide_run, bide_coro(leave_a_fresh_task, BIDE_NONE));
    check__notes[0] = '\0'; /* it did start: the loop ends one iteration later */
}

/* A task that nothing can wake any more after its cancellation was swallowed. */
static BIDE_ASYNC int swallow_for_ever(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 3; i++)
        if (bide_await(bide_future(), NULL) < 0)
            bide_error_clear();
    note("gone");
    return 0;
}

static BIDE_ASYNC int leave_a_stubborn_task(bide_value arg, bide_value *result)
{
    bide_drop(bide_task(bide_coro(swallow_for_ever, BIDE_NONE), NULL));
    return bide_sleep(BIDE_MS(1));
}

static void note_only_the_message(const char *message, bide_value error)
{
    note("%s", message);
}

static void test_a_task_that_will_not_end(void)
{
    bide_set_exception_handler(note_only_the_message);
    CHECK_STEP("=> None", bide_run, bide_coro(leave_a_stubborn_task, BIDE_NONE));
    CHECK_NOTES("the loop could not wait for its tasks to end, gone, "
                "Task was destroyed but it is pending!");
    bide_set_exception_handler(NULL);
}

/* An async generator that is dropped while the loop runs is closed by a task. */
static BIDE_ASYNC int drop_an_agen(bide_value arg, bide_value *result)
{
    bide_value agen = bide_agen(open_until_the_end, BIDE_NONE);
    BIDE_TRY(bide_await(bide_anext(agen), NULL));
    bide_drop(agen);
    note("dropped");
    BIDE_TRY(bide_sleep(BIDE_MS(10)));
    note("later");
    return 0;
}

static void test_a_dropped_async_generator(void)
{
    CHECK_STEP("=> None", bide_run, bide_coro(drop_an_agen, BIDE_NONE));
    CHECK_NOTES("dropped, agen closed, later");
}

/* --- what nobody can free ----------------------------------------------------------- */

static void note_warning(const char *category, const char *message, const bide_origin *origin)
{
    note("%s: %s", category, message);
    CHECK(origin != NULL);
}

/* Suspends while its own argument, a list, refers to it: nothing outside does any more. */
static BIDE_GENERATOR int refer_to_itself(bide_value arg, bide_value *result)
{
    return bide_yield(BIDE_NONE, NULL);
}

static BIDE_ASYNC int make_cycle(bide_value list, bide_value *result)
{
    bide_value generator = bide_gen(refer_to_itself, bide_ref(list));
    BIDE_TRY(bide_list_append(list, generator));
    return bide_next(generator, NULL) == BIDE_YIELDED ? 0 : BIDE_RAISED;
}

static void test_a_cycle_is_reported(void)
{
    bide_value list = bide_list();
    bide_set_warning_hook(note_warning);
    CHECK_INT(bide_debug_report(), 0);
    CHECK_INT(bide_main(bide_coro(make_cycle, bide_ref(list))), 0);
    if (bide_js_available())
        bide_debug_report(); /* there bide_main leaves it to stats() */
    CHECK_NOTES(
        "ResourceWarning: generator 'refer_to_itself' has not ended: something still refers "
        "to it, perhaps itself");
    CHECK_INT(bide_close(bide_item(list, 0), NULL), 0); /* which breaks the cycle */
    CHECK_INT(bide_debug_report(), 0);
    CHECK_NOTES("");
    bide_drop(list);
    bide_set_warning_hook(NULL);
}

/* The newest first, whichever were dropped in between. */
static void test_what_has_not_ended_is_reported(void)
{
    enum { MADE = 5 };
    bide_value list = bide_list(), made[MADE];
    for (int i = 0; i < MADE; i++)
        made[i] = bide_gen(refer_to_itself, BIDE_NONE);
    bide_drop(made[2]);
    bide_drop(made[MADE - 1]);
    made[2] = bide_coro(make_cycle, bide_ref(list));
    bide_drop(made[0]);
    bide_set_warning_hook(note_warning);
    CHECK_INT(bide_debug_report(), 3);
    CHECK_NOTES("ResourceWarning: coroutine 'make_cycle' has not ended: something still refers to "
                "it, perhaps itself, ResourceWarning: generator 'refer_to_itself' has not ended: "
                "something still refers to it, perhaps itself, ResourceWarning: generator "
                "'refer_to_itself' has not ended: something still refers to it, perhaps itself");
    bide_close(made[2], NULL);
    bide_drop(made[1]);
    bide_drop(made[2]);
    bide_drop(made[3]);
    CHECK_INT(bide_debug_report(), 0);
    bide_drop(list);
    bide_set_warning_hook(NULL);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_results);
    RUN(test_what_cannot_be_run);
    RUN(test_a_run_inside_a_run);
    RUN(test_a_run_inside_a_coroutine);
    RUN(test_exit_statuses);
    RUN(test_exits_from_anywhere);
    RUN(test_the_order_of_the_end);
    RUN(test_a_task_that_never_started);
    RUN(test_a_task_that_will_not_end);
    RUN(test_a_dropped_async_generator);
    RUN(test_a_cycle_is_reported);
    RUN(test_what_has_not_ended_is_reported);
    return check_end();
}
