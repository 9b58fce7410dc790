/* Streams: bytes of a descriptor while other tasks run, its end, its errors. WebAssembly has no
 * pipes; there only standard input, which is closed, and descriptors that are not open are tried.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include <errno.h>

enum { NOT_OPEN = 99 };

static void run(bide_body *body)
{
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
}

/* --- everywhere ------------------------------------------------------------------- */

static BIDE_ASYNC int read_closed_input(bide_value arg, bide_value *result)
{
    bide_value in = bide_fd_stream(0);
    CHECK_STEP("=> None", bide_stream_read, in);
    CHECK_STEP("=> None", bide_stream_read, in); /* and so it stays */
    int chunks = 0;
    BIDE_ASYNC_FOR (chunk, in)
        chunks++;
    CHECK_INT(chunks, 0);
    return 0;
}

static BIDE_ASYNC int read_what_is_not_open(bide_value arg, bide_value *result)
{
    char wanted[100];
    bide_value in = bide_fd_stream(NOT_OPEN);
    snprintf(wanted, sizeof wanted, "!! OSError: %s", strerror(EBADF));
    CHECK_STEP(wanted, bide_stream_read, in);
    CHECK_STEP(wanted, bide_stream_read, in);
    bide_drop(in);
    return 0;
}

static void test_closed_input(void)
{
    run(read_closed_input);
}

static void test_what_is_not_open(void)
{
    run(read_what_is_not_open);
}

static BIDE_ASYNC int read_alone(bide_value arg, bide_value *result)
{
    return bide_stream_read(arg, result);
}

static void test_without_a_loop(void)
{
    bide_value coro = bide_coro(read_alone, bide_fd_stream(NOT_OPEN));
    CHECK_STEP("!! RuntimeError: no running event loop", bide_send, coro, BIDE_NONE);
    bide_drop(coro);
}

#if !defined(__wasm__)

/* --- pipes ------------------------------------------------------------------------ */

#include <fcntl.h>
#include <unistd.h>

static int ends[2];

static void open_pipe(void)
{
    if (pipe(ends) != 0)
        abort();
}

static int write_text(bide_value arg)
{
    CHECK_INT(write(ends[1], bide_cstr(arg), bide_size(arg)), bide_size(arg));
    return 0;
}

static bool reading_is_over;
static int ticks;

/* Ticks, and at every third tick writes or closes: were the reader to keep the loop waiting, there
 * would be no next tick, and nothing to read. */
static BIDE_ASYNC int tick(bide_value arg, bide_value *result)
{
    while (!reading_is_over) {
        ticks++;
        if (ticks == 3)
            write_text(bide_item(arg, 0));
        else if (ticks == 6)
            write_text(bide_item(arg, 1));
        else if (ticks == 9)
            close(ends[1]);
        BIDE_TRY(bide_sleep(BIDE_MS(1)));
    }
    return 0;
}

static BIDE_ASYNC int read_slowly(bide_value arg, bide_value *result)
{
    reading_is_over = false;
    ticks = 0;
    bide_value ticking = bide_task(bide_coro(tick, bide_list("first", "second")), NULL);
    BIDE_ASYNC_FOR (chunk, bide_fd_stream(ends[0])) {
        note_value("chunk", chunk);
    }
    CHECK(ticks >= 9);
    note("end");
    reading_is_over = true;
    close(ends[0]);
    return bide_await(ticking, NULL);
}

static void test_a_slow_pipe_keeps_nobody_waiting(void)
{
    static const bide_host_kind hosts[] = {BIDE_HOST_VIRTUAL, BIDE_HOST_DEFAULT};
    for (int i = 0; i < 2; i++) {
        open_pipe();
        bide_use_host(hosts[i]);
        run(read_slowly);
        CHECK_NOTES("chunk b'first', chunk b'second', end");
    }
    bide_use_host(BIDE_HOST_VIRTUAL);
}

static BIDE_ASYNC int read_a_lot(bide_value arg, bide_value *result)
{
    enum { SIZE = 200 * 1000 };
    bide_value all = bide_bytes(NULL, SIZE);
    size_t written = 0, got = 0;
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    for (size_t i = 0; i < SIZE; i++)
        ((char *)bide_data(all))[i] = (char)(i * 7 % 251);
    bide_value in = bide_fd_stream(ends[0]);
    while (got < SIZE) {
        ssize_t size = write(ends[1], (char *)bide_data(all) + written, SIZE - written);
        written += size > 0 ? (size_t)size : 0;
        bide_value chunk;
        BIDE_TRY(bide_stream_read(in, &chunk));
        CHECK(bide_size(chunk) > 0 && bide_size(chunk) <= 64 * 1024);
        CHECK(memcmp(bide_data(chunk), (char *)bide_data(all) + got, bide_size(chunk)) == 0);
        got += bide_size(chunk);
        bide_drop(chunk);
    }
    CHECK_INT(got, SIZE);
    close(ends[1]);
    CHECK_STEP("=> None", bide_stream_read, in);
    close(ends[0]);
    bide_drop(in);
    bide_drop(all);
    return 0;
}

static void test_many_bytes(void)
{
    open_pipe();
    run(read_a_lot);
}

static BIDE_ASYNC int two_readers(bide_value arg, bide_value *result)
{
    bide_value in = bide_fd_stream(ends[0]);
    bide_value first = bide_task(bide_coro(read_alone, bide_ref(in)), NULL);
    BIDE_TRY(bide_sleep(0));
    CHECK_STEP("!! RuntimeError: the stream is being read already: one reader at a time",
               bide_stream_read, in);
    CHECK_STEP("!! RuntimeError: the stream is being read already: one reader at a time",
               bide_await, bide_anext(in));
    write_text(bide_item(arg, 0));
    CHECK_STEP("=> b'hello'", bide_await, first); /* the first is unharmed */
    write_text(bide_item(arg, 0));
    CHECK_STEP("=> b'hello'", bide_stream_read, in);
    close(ends[0]);
    close(ends[1]);
    bide_drop(in);
    return 0;
}

static void test_two_readers(void)
{
    open_pipe();
    CHECK_STEP("=> None", bide_run, bide_coro(two_readers, bide_list("hello")));
}

/* A reader that is cancelled takes nothing with it. */
static BIDE_ASYNC int cancel_a_reader(bide_value arg, bide_value *result)
{
    bide_value in = bide_fd_stream(ends[0]);
    bide_value reader = bide_task(bide_coro(read_alone, bide_ref(in)), NULL);
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    bide_future_cancel(reader, "no more");
    CHECK_STEP("!! CancelledError: no more", bide_await, reader);
    write_text(bide_item(arg, 0));
    CHECK_STEP("=> b'still there'", bide_stream_read, in);
    close(ends[1]);
    CHECK_STEP("=> None", bide_stream_read, in);
    close(ends[0]);
    bide_drop(in);
    return 0;
}

static void test_cancelling_a_reader(void)
{
    open_pipe();
    CHECK_STEP("=> None", bide_run, bide_coro(cancel_a_reader, bide_list("still there")));
}

/* Several at once, one of which ends while the others wait. */
static BIDE_ASYNC int read_both(bide_value arg, bide_value *result)
{
    int other[2];
    CHECK_INT(pipe(other), 0);
    bide_value quick = bide_task(bide_coro(read_alone, bide_fd_stream(other[0])), NULL);
    bide_value slow = bide_task(bide_coro(read_alone, bide_fd_stream(ends[0])), NULL);
    BIDE_TRY(bide_sleep(0));
    close(other[1]);
    CHECK_STEP("=> None", bide_await, quick);
    write_text(bide_item(arg, 0));
    CHECK_STEP("=> b'later'", bide_await, slow);
    close(other[0]);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static void test_several_streams(void)
{
    open_pipe();
    CHECK_STEP("=> None", bide_run, bide_coro(read_both, bide_list("later")));
}

/* A reader that still waits when main ends. */
static BIDE_ASYNC int leave_a_reader(bide_value arg, bide_value *result)
{
    bide_drop(bide_task(bide_coro(read_alone, bide_fd_stream(ends[0])), NULL));
    return bide_sleep(0);
}

static void test_a_reader_that_is_left(void)
{
    open_pipe();
    run(leave_a_reader);
    close(ends[0]);
    close(ends[1]);
}

static BIDE_ASYNC int read_a_directory(bide_value arg, bide_value *result)
{
    char wanted[100];
    int fd = open(".", O_RDONLY);
    snprintf(wanted, sizeof wanted, "!! IsADirectoryError: %s", strerror(EISDIR));
    bide_value in = bide_fd_stream(fd);
    CHECK_STEP(wanted, bide_stream_read, in);
    bide_drop(in);
    close(fd);
    return 0;
}

static void test_a_directory(void)
{
    run(read_a_directory);
}

static void run_pipes(void)
{
    RUN(test_a_slow_pipe_keeps_nobody_waiting);
    RUN(test_many_bytes);
    RUN(test_two_readers);
    RUN(test_cancelling_a_reader);
    RUN(test_several_streams);
    RUN(test_a_reader_that_is_left);
    RUN(test_a_directory);
}

#else

static void run_pipes(void)
{
}

#endif

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_closed_input);
    RUN(test_what_is_not_open);
    RUN(test_without_a_loop);
    run_pipes();
    return check_end();
}
