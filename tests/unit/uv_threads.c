/* Threads beside a loop that waits in libuv's, or has a place in an application's.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include <bide/uv.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "loop/loop.h"

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

/* --- libuv's threads ------------------------------------------------------------------------ */

static pthread_t libuvs;

static void note_thread(uv_work_t *work)
{
    (void)work;
    libuvs = pthread_self();
}

static void noted(uv_work_t *work, int status)
{
    (void)work;
    (void)status;
}

static int is_libuvs(bide_value arg, bide_value *result)
{
    (void)arg;
    return bide_return(result, (int64_t)pthread_equal(libuvs, pthread_self()));
}

static BIDE_ASYNC int where(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value executor = bide_executor(1), lent = BIDE_NONE, own = BIDE_NONE;
    BIDE_TRY(bide_await(bide_to_thread(is_libuvs, BIDE_NONE), &lent));
    BIDE_TRY(bide_await(bide_run_in_executor(executor, is_libuvs, BIDE_NONE), &own));
    return bide_format(result, "lent %d, own %d", (int)lent.as.i, (int)own.as.i);
}

/* The pool has one thread: see main. */
static void test_the_default_executor_is_libuvs(void)
{
    uv_loop_t loop;
    uv_work_t work;
    CHECK_INT(uv_loop_init(&loop), 0);
    CHECK_INT(uv_queue_work(&loop, &work, note_thread, noted), 0);
    CHECK_INT(uv_run(&loop, UV_RUN_DEFAULT), 0);
    CHECK_INT(uv_loop_close(&loop), 0);
    CHECK_STEP("=> 'lent 1, own 0'", bide_run, bide_coro(where, BIDE_NONE));
}

static atomic_int slow_calls;

static int slow(bide_value arg, bide_value *result)
{
    (void)result;
    usleep(20000);
    slow_calls++;
    return arg.as.i ? bide_raise(BIDE_ValueError, "too slow") : 0;
}

static BIDE_ASYNC int leave_it_running(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 3; i++)
        bide_drop(bide_run_in_executor(BIDE_NONE, slow, bide_int(0)));
    return bide_sleep(BIDE_MS(1));
}

static void test_the_end_waits_for_what_runs(void)
{
    slow_calls = 0;
    CHECK_STEP("=> None", bide_run, bide_coro(leave_it_running, BIDE_NONE));
    CHECK_INT(slow_calls, 3);
    /* A loop that is closed by hand, too: libuv's cannot be closed before. */
    bide_value loop = bide_loop();
    CHECK_STEP("=> None", bide_loop_run_until_complete, loop,
               bide_coro(leave_it_running, BIDE_NONE));
    CHECK_INT(bide_loop_close(loop), 0);
    bide_drop(loop);
    CHECK_INT(slow_calls, 6);
}

/* --- a host that fails ---------------------------------------------------------------------- */

static sem_t let_go;
static bide_host own; /* what the host did itself */

static int be_held(bide_value arg, bide_value *result)
{
    (void)arg;
    (void)result;
    sem_wait(&let_go);
    return 0;
}

static int fail_to_wait_for_threads(bide_host *host, int64_t deadline)
{
    const bide__loop *loop = host->client.loop;
    return loop->pool_shut ? EIO : own.wait(host, deadline);
}

/* The loop has ended, and its thread goes on. */
static void let_go_and_close(bide_host *host)
{
    sem_post(&let_go);
    host->wait = own.wait;
    own.close(host);
}

static BIDE_ASYNC int leave_it_held(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value loop = bide_running_loop();
    bide_host *host = bide__loop_peek(loop)->host;
    own = *host;
    host->wait = fail_to_wait_for_threads;
    host->close = let_go_and_close;
    bide_drop(bide_run_in_executor(BIDE_NONE, be_held, BIDE_NONE));
    return 0;
}

static void note_report(const char *message, bide_value error)
{
    (void)error;
    note("%s", message);
}

/* A thread that is not waited for sends no word to a loop that is gone. */
static void test_the_end_cannot_wait(void)
{
    sem_init(&let_go, 0, 0);
    bide_set_exception_handler(note_report);
    CHECK_STEP("=> None", bide_run, bide_coro(leave_it_held, BIDE_NONE));
    CHECK_NOTES("the loop could not wait for its threads");
    bide_set_exception_handler(NULL);
}

static BIDE_ASYNC int fail_there(bide_value arg, bide_value *result)
{
    return bide_await(bide_to_thread(slow, bide_int(1)), NULL);
}

static void test_a_failure_is_raised_where_it_is_awaited(void)
{
    CHECK_STEP("!! ValueError: too slow", bide_run, bide_coro(fail_there, BIDE_NONE));
}

int main(void)
{
    setenv("UV_THREADPOOL_SIZE", "1", true); /* before libuv starts it */
    RUN(test_on_a_loop_of_its_own);
    RUN(test_a_deadlock_is_still_one);
    RUN(test_in_an_application);
    RUN(test_the_default_executor_is_libuvs);
    RUN(test_the_end_waits_for_what_runs);
    RUN(test_the_end_cannot_wait);
    RUN(test_a_failure_is_raised_where_it_is_awaited);
    return check_end();
}
