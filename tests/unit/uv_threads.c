/* Threads beside a loop that waits in libuv's, or has a place in an application's.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include <bide/uv.h>
#include <uv.h>

static int twice(bide_value arg, bide_value *result)
{
    return bide_return(result, arg.as.i * 2);
}

static int set(bide_value event)
{
    return bide_event_set(*(bide_value *)event.as.ptr);
}

/* arg: the loop, a pointer to an event */
static int set_from_there(bide_value arg, bide_value *result)
{
    return bide_call_soon_threadsafe(bide_item(arg, 0), set, bide_ref(bide_item(arg, 1)));
}

static BIDE_ASYNC int use_threads(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value event = bide_event(), executor = bide_executor(1), v = BIDE_NONE;
    BIDE_TRY(bide_await(bide_to_thread(twice, bide_int(21)), &v));
    bide_value args = bide_tuple(bide_running_loop(), bide_ptr(&event));
    bide_drop(bide_executor_submit(executor, set_from_there, args));
    BIDE_TRY(bide_event_wait(event));
    BIDE_TRY(bide_executor_shutdown(executor, true, false));
    *result = bide_ref(v);
    return 0;
}

static void test_on_a_loop_of_its_own(void)
{
    CHECK_STEP("=> 42", bide_run, bide_coro(use_threads, BIDE_NONE));
}

static BIDE_ASYNC int hang(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_await(bide_to_thread(twice, bide_int(1)), NULL));
    return bide_await(bide_future(), result);
}

static void test_a_deadlock_is_still_one(void)
{
    CHECK_INT(bide_run(bide_coro(hang, BIDE_NONE), NULL), BIDE_RAISED);
    CHECK(bide_catch(BIDE_RuntimeError, NULL));
}

static void test_in_an_application(void)
{
    uv_loop_t application;
    CHECK_INT(uv_loop_init(&application), 0);
    bide_value loop = bide_uv_loop(&application);
    bide_value task = bide_loop_task(loop, bide_coro(use_threads, BIDE_NONE), NULL);
    CHECK_INT(uv_run(&application, UV_RUN_DEFAULT), 0); /* until no task is left */
    CHECK_STEP("=> 42", bide_future_result, task);
    bide_drop(task);
    CHECK_INT(bide_loop_close(loop), 0);
    bide_drop(loop);
    CHECK_INT(uv_run(&application, UV_RUN_DEFAULT), 0);
    CHECK_INT(uv_loop_close(&application), 0);
}

int main(void)
{
    RUN(test_on_a_loop_of_its_own);
    RUN(test_a_deadlock_is_still_one);
    RUN(test_in_an_application);
    return check_end();
}
