/* TCP through libuv: connecting, accepting, reading, writing against a slow reader, half closing,
 * resets, cancelling at every wait. All on this machine, on ports that are free.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include <bide/uv.h>

#include <string.h>

static void run(bide_body *body)
{
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
}

static bide_value text(const char *s)
{
    return bide_bytes(s, strlen(s));
}

/* A listener on a free port; its port. */
static BIDE_ASYNC int open_listener(bide_value *server, int *port)
{
    BIDE_TRY(bide_tcp_listen("127.0.0.1", 0, server));
    *port = bide_listener_port(*server);
    return 0;
}

/* Both ends of a connection. */
static BIDE_ASYNC int open_pair(bide_value *client, bide_value *server)
{
    BIDE_SCOPED bide_value l = BIDE_NONE;
    int port;
    BIDE_TRY(open_listener(&l, &port));
    BIDE_TRY(bide_tcp_connect("127.0.0.1", port, client));
    return bide_listener_accept(l, server);
}

/* --- the plain case ------------------------------------------------------------------- */

static BIDE_ASYNC int echo(bide_value stream, bide_value *result)
{
    bide_value chunk;
    for (;;) {
        BIDE_TRY(bide_stream_read(stream, &chunk));
        if (bide_is_none(chunk))
            return bide_stream_close(stream);
        BIDE_TRY(bide_stream_write(stream, chunk));
    }
}

static BIDE_ASYNC int serve(bide_value server, bide_value *result)
{
    int count = 0;
    BIDE_ASYNC_FOR (stream, bide_ref(server)) {
        count++;
        bide_drop(bide_task(bide_coro(echo, bide_ref(stream)), NULL));
    }
    return bide_return(result, count);
}

static BIDE_ASYNC int talk(bide_value port, bide_value *result)
{
    BIDE_SCOPED bide_value stream = BIDE_NONE;
    BIDE_TRY(bide_tcp_connect("localhost", (int)port.as.i, &stream));
    for (int i = 0; i < 3; i++) {
        char said[20];
        bide_value heard;
        snprintf(said, sizeof said, "message %d", i);
        BIDE_TRY(bide_stream_write(stream, bide_str(said)));
        BIDE_TRY(bide_stream_read(stream, &heard));
        CHECK_INT(bide_size(heard), strlen(said));
        CHECK(memcmp(bide_data(heard), said, strlen(said)) == 0);
        bide_drop(heard);
    }
    BIDE_TRY(bide_stream_write_eof(stream));
    CHECK_STEP("=> None", bide_stream_read, stream);
    return bide_stream_close(stream);
}

static BIDE_ASYNC int many_talk(bide_value arg, bide_value *result)
{
    enum { CLIENTS = 50 };
    BIDE_SCOPED bide_value server = BIDE_NONE, clients = bide_list();
    int port;
    BIDE_TRY(open_listener(&server, &port));
    bide_value serving = bide_task(bide_coro(serve, bide_ref(server)), NULL);
    for (int i = 0; i < CLIENTS; i++)
        BIDE_TRY(bide_list_append(clients, bide_coro(talk, bide_int(port))));
    BIDE_TRY(bide_await(bide_gather(bide_ref(clients), false), NULL));
    bide_listener_close(server);
    CHECK_STEP("=> 50", bide_await, serving);
    CHECK_STEP("!! ValueError: the listener is closed", bide_listener_accept, server);
    return 0;
}

static void test_many_connections(void)
{
    run(many_talk);
}

static BIDE_ASYNC int look_at_addresses(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value a = BIDE_NONE, b = BIDE_NONE;
    BIDE_TRY(open_pair(&a, &b));
    bide_value ours = bide_stream_local(a), theirs = bide_stream_peer(b);
    CHECK(bide_equal(ours, theirs));
    CHECK_STR(bide_cstr(bide_item(ours, 0)), "127.0.0.1");
    bide_drop(ours);
    bide_drop(theirs);
    CHECK_FAILS("!! TypeError: an open connection or listener is expected, got 'int'",
                bide_stream_peer(bide_int(1)));
    return 0;
}

static void test_addresses(void)
{
    run(look_at_addresses);
}

/* --- what goes wrong ------------------------------------------------------------------ */

static BIDE_ASYNC int connect_to_nobody(bide_value arg, bide_value *result)
{
    char wanted[100];
    bide_value server;
    int port;
    BIDE_TRY(open_listener(&server, &port));
    bide_listener_close(server);
    bide_drop(server);
    snprintf(wanted, sizeof wanted,
             "!! ConnectionRefusedError: Connection refused: 127.0.0.1 port %d", port);
    CHECK_STEP(wanted, bide_tcp_connect, "127.0.0.1", port);
    CHECK_STEP("!! OverflowError: port must be 0-65535.", bide_tcp_connect, "127.0.0.1", 65536);
    CHECK_STEP("!! TypeError: a host is expected, a name or an address, got NULL", bide_tcp_connect,
               NULL, port);
    return 0;
}

static void test_connection_refused(void)
{
    run(connect_to_nobody);
}

static BIDE_ASYNC int listen_twice(bide_value arg, bide_value *result)
{
    char wanted[100];
    bide_value server;
    int port;
    BIDE_TRY(open_listener(&server, &port));
    snprintf(wanted, sizeof wanted, "!! OSError: Address already in use: 127.0.0.1 port %d", port);
    CHECK_STEP(wanted, bide_tcp_listen, "127.0.0.1", port);
    bide_drop(server);
    return 0;
}

static void test_address_in_use(void)
{
    run(listen_twice);
}

static BIDE_ASYNC int write_to_a_reset(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value a = BIDE_NONE, b = BIDE_NONE;
    BIDE_TRY(open_pair(&a, &b));
    BIDE_TRY(bide_stream_write(a, text("unread")));
    BIDE_TRY(bide_sleep(BIDE_MS(5)));
    bide_stream_abort(b); /* with unread bytes: a reset */
    CHECK_STEP("!! ConnectionResetError: Connection reset by peer", bide_stream_read, a);
    CHECK_STEP("!! ConnectionResetError: Connection reset by peer", bide_stream_read, a);
    CHECK(bide_stream_write(a, text("more")) < 0);
    CHECK(bide_catch(BIDE_ConnectionError, NULL));
    CHECK_RAISES("=> None", bide_stream_close(a));
    CHECK_RAISES("=> None", bide_stream_close(a));
    CHECK_RAISES("!! ValueError: I/O operation on a closed stream",
                 bide_stream_write(a, text("x")));
    CHECK_STEP("!! ValueError: I/O operation on a closed stream", bide_stream_read, b);
    CHECK_RAISES("!! TypeError: data: expected bytes or str, got 'int'",
                 bide_stream_write(a, bide_int(1)));
    CHECK_RAISES("!! TypeError: a stream that can be written is expected, got 'int'",
                 bide_stream_write(bide_int(1), text("x")));
    return 0;
}

static void test_a_peer_that_resets(void)
{
    run(write_to_a_reset);
}

static BIDE_ASYNC int half_close(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value a = BIDE_NONE, b = BIDE_NONE;
    BIDE_TRY(open_pair(&a, &b));
    BIDE_TRY(bide_stream_write(a, text("last words")));
    BIDE_TRY(bide_stream_write_eof(a));
    BIDE_TRY(bide_stream_write_eof(a));
    CHECK_RAISES("!! RuntimeError: Cannot call write() after write_eof()",
                 bide_stream_write(a, text("x")));
    CHECK_STEP("=> b'last words'", bide_stream_read, b);
    CHECK_STEP("=> None", bide_stream_read, b);
    BIDE_TRY(bide_stream_write(b, text("answer")));
    CHECK_STEP("=> b'answer'", bide_stream_read, a);
    return 0;
}

static void test_half_closing(void)
{
    run(half_close);
}

/* --- backpressure --------------------------------------------------------------------- */

enum { LOT = 8 * 1000 * 1000, PIECE = 50 * 1000 };

static size_t written;

static BIDE_ASYNC int write_a_lot(bide_value stream, bide_value *result)
{
    for (written = 0; written < LOT; written += PIECE) {
        bide_value piece = bide_bytes(NULL, PIECE);
        for (size_t i = 0; i < PIECE; i++)
            ((char *)bide_data(piece))[i] = (char)((written + i) % 251);
        BIDE_TRY(bide_stream_write(stream, piece));
    }
    return bide_stream_close(stream);
}

static BIDE_ASYNC int read_slowly(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value a = BIDE_NONE, b = BIDE_NONE;
    size_t got = 0;
    BIDE_TRY(open_pair(&a, &b));
    bide_value writing = bide_task(bide_coro(write_a_lot, bide_ref(a)), NULL);
    BIDE_TRY(bide_sleep(BIDE_MS(30)));
    CHECK(written < LOT); /* it waits for the reader */
    BIDE_ASYNC_FOR (chunk, bide_ref(b)) {
        bool right = bide_size(chunk) <= 64 * 1024;
        for (size_t i = 0; i < bide_size(chunk); i++)
            right = right && ((char *)bide_data(chunk))[i] == (char)((got + i) % 251);
        CHECK(right);
        got += bide_size(chunk);
    }
    CHECK_INT(got, LOT);
    return bide_await(writing, NULL);
}

static void test_a_writer_waits_for_the_reader(void)
{
    run(read_slowly);
}

static BIDE_ASYNC int drop_unsent(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value a = BIDE_NONE, b = BIDE_NONE;
    size_t got = 0;
    BIDE_TRY(open_pair(&a, &b));
    bide_value writing = bide_coro(write_a_lot, bide_ref(a));
    CHECK_STEP("!! TimeoutError", bide_wait_for, writing, BIDE_MS(10));
    bide_clear(&a); /* what was handed over is sent all the same */
    BIDE_ASYNC_FOR (chunk, bide_ref(b))
        got += bide_size(chunk);
    CHECK_INT(got, written + PIECE);
    return 0;
}

static void test_a_dropped_stream_sends_what_was_written(void)
{
    run(drop_unsent);
}

/* --- cancelling ----------------------------------------------------------------------- */

static BIDE_ASYNC int accept_for_ever(bide_value server, bide_value *result)
{
    return bide_listener_accept(server, result);
}

static BIDE_ASYNC int read_for_ever(bide_value stream, bide_value *result)
{
    return bide_stream_read(stream, result);
}

static BIDE_ASYNC int flush_for_ever(bide_value stream, bide_value *result)
{
    return bide_stream_flush(stream);
}

static BIDE_ASYNC int cancel_waits(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value a = BIDE_NONE, b = BIDE_NONE, server = BIDE_NONE;
    int port;
    BIDE_TRY(open_listener(&server, &port));
    CHECK_STEP("!! TimeoutError", bide_wait_for, bide_coro(accept_for_ever, bide_ref(server)),
               BIDE_MS(2));
    BIDE_TRY(bide_tcp_connect("127.0.0.1", port, &a));
    BIDE_TRY(bide_listener_accept(server, &b)); /* nothing was lost */
    CHECK_STEP("!! TimeoutError", bide_wait_for, bide_coro(read_for_ever, bide_ref(a)), BIDE_MS(2));
    BIDE_TRY(bide_stream_write(b, text("still there")));
    CHECK_STEP("=> b'still there'", bide_stream_read, a);
    CHECK_STEP("!! TimeoutError", bide_wait_for, bide_coro(write_a_lot, bide_ref(b)), BIDE_MS(5));
    CHECK_STEP("!! TimeoutError", bide_wait_for, bide_coro(flush_for_ever, bide_ref(b)),
               BIDE_MS(5));
    bide_stream_abort(b);
    return 0;
}

static void test_cancelled_waits(void)
{
    run(cancel_waits);
}

static BIDE_ASYNC int connect_somewhere(bide_value port, bide_value *result)
{
    return bide_tcp_connect("127.0.0.1", (int)port.as.i, result);
}

/* Cancelled in the very iteration in which it would have succeeded, or before, or after. */
static BIDE_ASYNC int cancel_connecting(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value server = BIDE_NONE;
    int port;
    BIDE_TRY(open_listener(&server, &port));
    for (int turns = 0; turns < 6; turns++) {
        bide_value task = bide_task(bide_coro(connect_somewhere, bide_int(port)), NULL);
        for (int i = 0; i < turns; i++)
            BIDE_TRY(bide_sleep(0));
        bide_future_cancel(task, NULL);
        if (bide_await(task, NULL) < 0)
            CHECK(bide_catch(BIDE_CancelledError, NULL));
    }
    return 0;
}

static void test_cancelled_connecting(void)
{
    run(cancel_connecting);
}

/* --- closing under others --------------------------------------------------------------- */

static BIDE_ASYNC int close_under_a_reader(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value a = BIDE_NONE, b = BIDE_NONE, server = BIDE_NONE;
    int port;
    BIDE_TRY(open_pair(&a, &b));
    bide_value reading = bide_task(bide_coro(read_for_ever, bide_ref(a)), NULL);
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    CHECK_STEP("!! RuntimeError: the stream is being read already: one reader at a time",
               bide_stream_read, a);
    BIDE_TRY(bide_stream_close(a));
    CHECK_STEP("=> None", bide_await, reading);
    BIDE_TRY(open_listener(&server, &port));
    bide_value accepting = bide_task(bide_coro(accept_for_ever, bide_ref(server)), NULL);
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    bide_listener_close(server);
    CHECK_STEP("!! ValueError: the listener is closed", bide_await, accepting);
    return 0;
}

static void test_closing_under_a_reader(void)
{
    run(close_under_a_reader);
}

static BIDE_ASYNC int with_a_stream(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value a = BIDE_NONE, b = BIDE_NONE;
    BIDE_TRY(open_pair(&a, &b));
    BIDE_ASYNC_WITH (stream, bide_ref(a)) {
        CHECK(bide_is(stream, a));
        BIDE_WITH_TRY(stream, bide_stream_write(stream, text("bye")));
    }
    BIDE_END_WITH(stream);
    CHECK_STEP("=> b'bye'", bide_stream_read, b);
    CHECK_STEP("=> None", bide_stream_read, b);
    CHECK_RAISES("!! ValueError: I/O operation on a closed stream",
                 bide_stream_write(a, text("x")));
    return 0;
}

static void test_async_with(void)
{
    run(with_a_stream);
}

/* --- the end of the loop ---------------------------------------------------------------- */

static bide_value survivor, silent;

static BIDE_ASYNC int leave_everything(bide_value arg, bide_value *result)
{
    bide_value a, b, server;
    int port;
    BIDE_TRY(open_listener(&server, &port));
    bide_drop(bide_task(bide_coro(accept_for_ever, server), NULL));
    BIDE_TRY(open_pair(&a, &b));
    bide_drop(bide_task(bide_coro(read_for_ever, a), NULL));
    survivor = b;
    BIDE_TRY(open_pair(&silent, &b));
    bide_drop(bide_task(bide_coro(write_a_lot, b), NULL));
    return bide_sleep(BIDE_MS(2));
}

static BIDE_ASYNC int read_the_survivor(bide_value arg, bide_value *result)
{
    return bide_stream_read(survivor, result);
}

static void test_what_outlives_the_loop(void)
{
    run(leave_everything);
    CHECK_STEP("!! ValueError: I/O operation on a closed stream", bide_run,
               bide_coro(read_the_survivor, BIDE_NONE));
    bide_drop(survivor);
    bide_drop(silent);
}

static BIDE_ASYNC int accept_nobody(bide_value arg, bide_value *result)
{
    bide_value server;
    int port;
    BIDE_TRY(open_listener(&server, &port));
    bide_value waiting = bide_future(); /* which nobody ends: the listener cannot help */
    int status = bide_await(waiting, NULL);
    bide_drop(server);
    return status;
}

static void test_a_listener_hides_no_deadlock(void)
{
    CHECK(bide_run(bide_coro(accept_nobody, BIDE_NONE), NULL) < 0);
    bide_value error = bide_error_take();
    CHECK(bide_is_error(error, BIDE_RuntimeError));
    CHECK(strstr(bide_error_message(error), "accept_nobody") != NULL); /* who waits */
    bide_drop(error);
}

static BIDE_ASYNC int connect_virtually(bide_value arg, bide_value *result)
{
    return bide_tcp_connect("127.0.0.1", 1, result);
}

static void no_warning(const char *category, const char *message, const bide_origin *origin)
{
}

static void test_another_host(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    CHECK_STEP("!! RuntimeError: this needs a loop on libuv's host, and the running loop waits on "
               "another: leave BIDE_HOST unset, or set it to uv",
               bide_run, bide_coro(connect_virtually, BIDE_NONE));
    bide_use_host(BIDE_HOST_DEFAULT);
    bide_set_warning_hook(no_warning); /* "was never awaited" */
    setenv("BIDE_HOST", "elsewhere", 1);
    CHECK_STEP(
        "!! ValueError: BIDE_HOST is 'elsewhere', which is no host: it can be uv, posix or virtual",
        bide_run, bide_coro(connect_virtually, BIDE_NONE));
    unsetenv("BIDE_HOST");
    bide_set_warning_hook(NULL);
}

int main(void)
{
    RUN(test_many_connections);
    RUN(test_addresses);
    RUN(test_connection_refused);
    RUN(test_address_in_use);
    RUN(test_a_peer_that_resets);
    RUN(test_half_closing);
    RUN(test_a_writer_waits_for_the_reader);
    RUN(test_a_dropped_stream_sends_what_was_written);
    RUN(test_cancelled_waits);
    RUN(test_cancelled_connecting);
    RUN(test_closing_under_a_reader);
    RUN(test_async_with);
    RUN(test_what_outlives_the_loop);
    RUN(test_a_listener_hides_no_deadlock);
    RUN(test_another_host);
    return check_end();
}
