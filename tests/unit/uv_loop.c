/* Bide's loop on libuv's: in an application that runs its own, with handles of others on it, with
 * descriptors of all kinds; and the order of one iteration.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include <bide/uv.h>
#include <uv.h>

#include <fcntl.h>
#include <unistd.h>

/* --- in an application ---------------------------------------------------------------- */

static uv_loop_t application;
static bide_value loop;

static void begin(void)
{
    CHECK_INT(uv_loop_init(&application), 0);
    loop = bide_uv_loop(&application);
}

static void end(void)
{
    CHECK_INT(bide_loop_close(loop), 0);
    bide_clear(&loop);
    CHECK_INT(uv_run(&application, UV_RUN_DEFAULT), 0);
    CHECK_INT(uv_loop_close(&application), 0);
}

static BIDE_ASYNC int count_down(bide_value n, bide_value *result)
{
    for (int64_t i = n.as.i; i > 0; i--) {
        note("%d", (int)i);
        BIDE_TRY(bide_sleep(BIDE_MS(1)));
    }
    return bide_return(result, "lift-off");
}

static void test_a_task_in_an_application(void)
{
    begin();
    bide_value task = bide_loop_task(loop, bide_coro(count_down, bide_int(3)), NULL);
    CHECK_INT(uv_run(&application, UV_RUN_DEFAULT), 0); /* until no task is left */
    CHECK_NOTES("3, 2, 1");
    CHECK_STEP("=> 'lift-off'", bide_future_result, task);
    bide_drop(task);
    CHECK(!bide_loop_running());

    task = bide_loop_task(loop, bide_coro(count_down, bide_int(2)), NULL); /* and once more */
    CHECK_INT(uv_run(&application, UV_RUN_DEFAULT), 0);
    CHECK_NOTES("2, 1");
    bide_drop(task);
    CHECK_INT(uv_run(&application, UV_RUN_DEFAULT), 0); /* nothing to do */
    end();
}

static int say(bide_value what)
{
    note("%s", bide_cstr(what));
    return 0;
}

static void test_callbacks_in_an_application(void)
{
    begin();
    bide_drop(bide_loop_call_soon(loop, say, bide_str("soon")));
    CHECK_INT(uv_run(&application, UV_RUN_DEFAULT), 0);
    CHECK_NOTES("soon");
    bide_drop(bide_loop_call_soon(loop, say, bide_str("never")));
    end();
    CHECK_NOTES("");
}

static bide_value future;

static BIDE_ASYNC int await_it(bide_value arg, bide_value *result)
{
    return bide_await(bide_ref(future), result);
}

static void closed(uv_handle_t *handle)
{
    CHECK_INT(bide_future_set_result(future, bide_str("from the application")), 0);
}

static void on_timer(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, closed);
}

/* The application ends a future from a callback of its own, with the last handle that it has. */
static void test_a_future_ended_by_the_application(void)
{
    uv_timer_t timer;
    begin();
    uv_timer_init(&application, &timer);
    uv_timer_start(&timer, on_timer, 2, 0);
    future = bide_loop_future(loop);
    bide_value task = bide_loop_task(loop, bide_coro(await_it, BIDE_NONE), NULL);
    CHECK_INT(uv_run(&application, UV_RUN_DEFAULT), 0);
    CHECK_STEP("=> 'from the application'", bide_future_result, task);
    bide_drop(task);
    bide_clear(&future);
    end();
}

static BIDE_ASYNC int serve_one(bide_value server, bide_value *result)
{
    BIDE_SCOPED bide_value stream = BIDE_NONE, chunk = BIDE_NONE;
    BIDE_TRY(bide_listener_accept(server, &stream));
    BIDE_TRY(bide_stream_read(stream, &chunk));
    BIDE_TRY(bide_stream_write(stream, bide_ref(chunk)));
    return bide_stream_close(stream);
}

static BIDE_ASYNC int over_tcp(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value server = BIDE_NONE, stream = BIDE_NONE;
    BIDE_TRY(bide_tcp_listen("127.0.0.1", 0, &server));
    bide_value serving = bide_task(bide_coro(serve_one, bide_ref(server)), NULL);
    BIDE_TRY(bide_tcp_connect("127.0.0.1", bide_listener_port(server), &stream));
    BIDE_TRY(bide_stream_write(stream, bide_str("echo")));
    BIDE_TRY(bide_stream_read(stream, result));
    return bide_await(serving, NULL);
}

static void test_tcp_in_an_application(void)
{
    begin();
    bide_value task = bide_loop_task(loop, bide_coro(over_tcp, BIDE_NONE), NULL);
    CHECK_INT(uv_run(&application, UV_RUN_DEFAULT), 0);
    CHECK_STEP("=> b'echo'", bide_future_result, task);
    bide_drop(task);
    CHECK_STEP("=> b'echo'", bide_loop_run_until_complete, loop, bide_coro(over_tcp, BIDE_NONE));
    end();
}

static size_t reports;

static void count_report(const char *message, bide_value error)
{
    reports++;
}

static BIDE_ASYNC int listen_for_ever(bide_value arg, bide_value *result)
{
    bide_value server;
    BIDE_TRY(bide_tcp_listen("127.0.0.1", 0, &server));
    int status = bide_listener_accept(server, result);
    bide_drop(server);
    return status;
}

/* A task that is left is reported, and leaves no handle behind. */
static void test_closing_with_work_left(void)
{
    begin();
    reports = 0;
    bide_set_exception_handler(count_report);
    bide_drop(bide_loop_task(loop, bide_coro(listen_for_ever, BIDE_NONE), NULL));
    for (int i = 0; i < 5; i++)
        uv_run(&application, UV_RUN_NOWAIT);
    end();
    CHECK_INT(reports, 1);
    bide_set_exception_handler(NULL);
}

/* --- others on Bide's own loop ---------------------------------------------------------- */

static void end_future(uv_timer_t *timer)
{
    CHECK_INT(bide_future_set_result(future, bide_int(7)), 0);
    uv_close((uv_handle_t *)timer, NULL);
}

static BIDE_ASYNC int use_the_loop(bide_value arg, bide_value *result)
{
    static uv_timer_t timer;
    uv_loop_t *uv = bide_uv_running_loop();
    uv_timer_init(uv, &timer);
    uv_timer_start(&timer, end_future, 2, 0);
    future = bide_future();
    BIDE_TRY(bide_await(future, result));
    return bide_sleep(0); /* while which the timer is closed */
}

static void test_handles_of_others(void)
{
    CHECK_STEP("=> 7", bide_run, bide_coro(use_the_loop, BIDE_NONE));
    CHECK(bide_uv_running_loop() == NULL);
    CHECK_RAISES("!! RuntimeError: no running event loop", BIDE_RAISED);
}

/* --- the order of one iteration --------------------------------------------------------- */

static int ends[2]; /* of a pipe */

static BIDE_ASYNC int read_and_note(bide_value stream, bide_value *result)
{
    bide_value chunk;
    BIDE_TRY(bide_stream_read(stream, &chunk));
    note("read");
    bide_drop(chunk);
    return 0;
}

static int block(bide_value ns)
{
    bide_drop(bide_call_later(BIDE_MS(1), say, bide_str("timer")));
    int64_t until = (int64_t)uv_hrtime() + ns.as.i;
    while ((int64_t)uv_hrtime() < until) {
    }
    note("blocked");
    CHECK_INT(write(ends[1], "x", 1), 1);
    bide_drop(bide_call_soon(say, bide_str("ready")));
    return 0;
}

/* While a callback keeps the loop busy, a descriptor becomes readable and a timer expires: the
 * next iteration finds all three. A completion only ends a future; who awaits it runs after. */
static BIDE_ASYNC int all_at_once(bide_value arg, bide_value *result)
{
    CHECK_INT(pipe(ends), 0);
    bide_value reading = bide_task(bide_coro(read_and_note, bide_fd_stream(ends[0])), NULL);
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    bide_drop(bide_call_soon(block, bide_int(BIDE_MS(3))));
    BIDE_TRY(bide_await(reading, NULL));
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static void test_the_order_of_an_iteration(void)
{
    CHECK_STEP("=> None", bide_run, bide_coro(all_at_once, BIDE_NONE));
    CHECK_NOTES("blocked, ready, read, timer");
}

/* --- descriptors ---------------------------------------------------------------------- */

static BIDE_ASYNC int watch_twice(bide_value arg, bide_value *result)
{
    CHECK_INT(pipe(ends), 0);
    bide_value one = bide_task(bide_coro(read_and_note, bide_fd_stream(ends[0])), NULL);
    bide_value two = bide_task(bide_coro(read_and_note, bide_fd_stream(ends[0])), NULL);
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    CHECK_INT(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0); /* its flags are as they were */
    close(ends[1]);
    BIDE_TRY(bide_await(one, NULL));
    BIDE_TRY(bide_await(two, NULL));
    close(ends[0]);
    return 0;
}

static BIDE_ASYNC int read_from(bide_value fd, bide_value *result)
{
    bide_value stream = bide_fd_stream((int)fd.as.i), chunk = BIDE_NONE;
    int status = bide_stream_read(stream, &chunk);
    bide_drop(chunk);
    bide_drop(stream);
    return status;
}

static void test_descriptors(void)
{
    enum { NOT_OPEN = 99 };
    CHECK_STEP("=> None", bide_run, bide_coro(watch_twice, BIDE_NONE));
    CHECK_NOTES("read, read");
    CHECK_STEP("!! OSError: Bad file descriptor", bide_run,
               bide_coro(read_from, bide_int(NOT_OPEN)));
}

int main(void)
{
    RUN(test_a_task_in_an_application);
    RUN(test_callbacks_in_an_application);
    RUN(test_a_future_ended_by_the_application);
    RUN(test_tcp_in_an_application);
    RUN(test_closing_with_work_left);
    RUN(test_handles_of_others);
    RUN(test_the_order_of_an_iteration);
    RUN(test_descriptors);
    return check_end();
}
