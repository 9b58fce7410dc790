/* NULL where a call is given a text, a function or an out-parameter: what it means, or that it is
 * refused at once, where the mistake is, and not later, when the function would be called.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#define NO_FUNCTION "!! TypeError: a function is expected, got NULL"
#define NO_TEXT "!! TypeError: a str is expected, got NULL"

static BIDE_ASYNC int return_seven(bide_value arg, bide_value *result)
{
    return bide_return(result, 7);
}

/* --- texts -------------------------------------------------------------------------- */

static void test_a_str_of_no_text(void)
{
    const char *unset = NULL;
    CHECK_FAILS(NO_TEXT, bide_str(unset));
    CHECK_FAILS(NO_TEXT, bide_list(1, unset, bide_str("dropped")));
    CHECK_FAILS(NO_TEXT, bide_error_group(unset, bide_list(bide_error_new(BIDE_KeyError, NULL))));
    CHECK_FAILS(NO_TEXT, bide_js_call(unset, bide_tuple("dropped"), NULL));
    CHECK_FAILS("!! TypeError: context variable name must be a str",
                bide_context_var(unset, bide_str("dropped")));
}

static BIDE_ASYNC int name_tasks(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value first = bide_task(bide_coro(return_seven, BIDE_NONE), NULL);
    BIDE_SCOPED bide_value named = bide_task(bide_coro(return_seven, BIDE_NONE), "named");
    BIDE_SCOPED bide_value empty = bide_task(bide_coro(return_seven, BIDE_NONE), "");
    CHECK_STR(bide_task_name(first), "Task-2"); /* main is the first */
    CHECK_STR(bide_task_name(empty), "");
    CHECK_INT(bide_task_set_name(named, NULL), 0);
    CHECK_STR(bide_task_name(named), "Task-3");
    CHECK_INT(bide_task_set_name(named, ""), 0);
    CHECK_STR(bide_task_name(named), "");
    CHECK_INT(bide_task_set_name(named, NULL), 0);
    CHECK_STR(bide_task_name(named), "Task-3");
    CHECK_INT(bide_task_set_name(first, "other"), 0);
    CHECK_INT(bide_task_set_name(first, NULL), 0);
    CHECK_STR(bide_task_name(first), "Task-2");
    return 0;
}

static void test_the_name_of_a_task(void)
{
    CHECK_STEP("=> None", bide_run, bide_coro(name_tasks, BIDE_NONE));
}

/* --- functions ---------------------------------------------------------------------- */

static void test_a_callback_of_a_stack(void)
{
    bide_value stack = bide_exit_stack();
    CHECK_RAISES(NO_FUNCTION, bide_exit_stack_callback(stack, NULL, bide_str("dropped")));
    bide_drop(stack);
}

static BIDE_ASYNC int call_nothing(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value loop = bide_running_loop();
    BIDE_SCOPED bide_value future = bide_future();
    BIDE_SCOPED bide_value context = bide_copy_context();
    BIDE_SCOPED bide_value condition = bide_condition(BIDE_NONE);
    CHECK_FAILS(NO_FUNCTION, bide_call_soon(NULL, bide_str("dropped")));
    CHECK_FAILS(NO_FUNCTION, bide_call_later(1, NULL, bide_str("dropped")));
    CHECK_FAILS(NO_FUNCTION, bide_call_at(1, NULL, bide_str("dropped")));
    CHECK_FAILS(NO_FUNCTION, bide_loop_call_soon(loop, NULL, bide_str("dropped")));
    CHECK_RAISES(NO_FUNCTION, bide_call_soon_threadsafe(loop, NULL, bide_str("dropped")));
    CHECK_RAISES(NO_FUNCTION, bide_future_add_done_callback(future, NULL, bide_str("dropped")));
    CHECK_RAISES(NO_FUNCTION, bide_context_run(context, NULL, bide_str("dropped")));
    CHECK_RAISES(NO_FUNCTION, bide_condition_wait_for(condition, NULL, NULL));
    CHECK_RAISES(NO_FUNCTION, bide_defer(NULL, bide_str("dropped")));
    BIDE_TRY(bide_future_set_result(future, BIDE_NONE));
    return bide_sleep(2);
}

static void test_callbacks(void)
{
    CHECK_STEP("=> None", bide_run, bide_coro(call_nothing, BIDE_NONE));
}

static BIDE_ASYNC int run_nothing_on_threads(bide_value arg, bide_value *result)
{
    static const bide_origin origin = {"nobody", __FILE__, __LINE__};
    BIDE_SCOPED bide_value loop = bide_running_loop();
    BIDE_SCOPED bide_value executor = bide_executor(1);
    CHECK_FAILS(NO_FUNCTION, bide_executor_submit(executor, NULL, bide_str("dropped")));
    CHECK_FAILS(NO_FUNCTION, bide_run_in_executor(BIDE_NONE, NULL, bide_str("dropped")));
    CHECK_FAILS(NO_FUNCTION,
                bide_run_coroutine_threadsafe_at(&origin, loop, NULL, bide_str("dropped")));
    CHECK_STEP(NO_FUNCTION, bide_await, bide_to_thread_at(&origin, NULL, bide_str("dropped")));
    return 0;
}

static void test_functions_for_threads(void)
{
    if (bide_threads_available())
        CHECK_STEP("=> None", bide_run, bide_coro(run_nothing_on_threads, BIDE_NONE));
}

static void test_types_of_exceptions(void)
{
    static const char none[] = "!! TypeError: exceptions must derive from BaseException";
    CHECK_RAISES(none, bide_raise(NULL, "%d", 1));
    CHECK_FAILS(none, bide_error_new(NULL, "%d", 1));
    CHECK_FAILS(none, bide_error_with(NULL, bide_str("dropped")));
}

/* --- out-parameters ----------------------------------------------------------------- */

static void test_what_nobody_wants(void)
{
    CHECK_INT(bide_to_int(bide_int(1), NULL), 0);
    CHECK_INT(bide_to_float(bide_int(1), NULL), 0);
    CHECK_RAISES("!! TypeError: an int is expected, got 'NoneType'", bide_to_int(BIDE_NONE, NULL));
    CHECK_RAISES("!! TypeError: a float is expected, got 'NoneType'",
                 bide_to_float(BIDE_NONE, NULL));
    CHECK_INT(bide_format(NULL, "%d", 1), 0);
}

int main(void)
{
    RUN(test_a_str_of_no_text);
    RUN(test_the_name_of_a_task);
    RUN(test_a_callback_of_a_stack);
    RUN(test_callbacks);
    RUN(test_functions_for_threads);
    RUN(test_types_of_exceptions);
    RUN(test_what_nobody_wants);
    return check_end();
}
