/* Every allocation that I/O through libuv makes fails once: each time the program ends with its
 * result or with MemoryError, and nothing is left.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include <bide/uv.h>

#include <signal.h>
#include <unistd.h>

static char path[] = "/tmp/bide-hostile-XXXXXX";

static BIDE_ASYNC int echo_once(bide_value server, bide_value *result)
{
    BIDE_SCOPED bide_value stream = BIDE_NONE, chunk = BIDE_NONE;
    BIDE_TRY(bide_listener_accept(server, &stream));
    BIDE_TRY(bide_stream_read(stream, &chunk));
    if (!bide_is_none(chunk))
        BIDE_TRY(bide_stream_write(stream, bide_ref(chunk)));
    return bide_stream_close(stream);
}

static BIDE_ASYNC int talk(bide_value port, bide_value *result)
{
    BIDE_SCOPED bide_value stream = BIDE_NONE, chunk = BIDE_NONE;
    BIDE_TRY(bide_tcp_connect("127.0.0.1", (int)port.as.i, &stream));
    BIDE_TRY(bide_stream_write(stream, bide_str("hello")));
    BIDE_TRY(bide_stream_write_eof(stream));
    return bide_stream_read(stream, &chunk);
}

/* If one of the two fails the other is cancelled at the end. */
static BIDE_ASYNC int over_tcp(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value server = BIDE_NONE;
    BIDE_TRY(bide_tcp_listen("127.0.0.1", 0, &server));
    int port = bide_listener_port(server);
    if (port < 0)
        return BIDE_RAISED;
    bide_value both =
        bide_list(bide_coro(echo_once, bide_ref(server)), bide_coro(talk, bide_int(port)));
    return bide_await(bide_gather(both, false), NULL);
}

static BIDE_ASYNC int with_files(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value file = BIDE_NONE, all = BIDE_NONE, names = BIDE_NONE;
    bide_file_info info;
    BIDE_TRY(bide_file_open(path, "w+", &file));
    BIDE_TRY(bide_stream_write(file, bide_str("hello")));
    if (bide_file_seek(file, 0, SEEK_SET) < 0)
        return BIDE_RAISED;
    BIDE_TRY(bide_file_read(file, -1, &all));
    BIDE_TRY(bide_file_stat(path, &info));
    BIDE_TRY(bide_directory_list("/proc/self/task", &names));
    return bide_stream_close(file);
}

static BIDE_ASYNC int with_a_child(bide_value arg, bide_value *result)
{
    const char *const args[] = {"true", NULL};
    const bide_process_options options = {
        .args = args, .in = BIDE_PIPE, .out = BIDE_PIPE, .err = BIDE_DEVNULL};
    BIDE_SCOPED bide_value child = BIDE_NONE, chunk = BIDE_NONE;
    BIDE_TRY(bide_process_spawn(&options, &child));
    BIDE_TRY(bide_stream_read(bide_process_stdout(child), &chunk));
    int code;
    return bide_process_wait(child, &code);
}

static int send_signal(bide_value arg)
{
    kill(getpid(), SIGUSR1);
    return 0;
}

static BIDE_ASYNC int with_names_and_signals(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value signals = bide_signals(SIGUSR1), found = BIDE_NONE;
    if (bide_failed(signals))
        return BIDE_RAISED;
    BIDE_TRY(bide_resolve("localhost", 80, &found));
    bide_value handle = bide_call_soon(send_signal, BIDE_NONE);
    if (bide_failed(handle))
        return BIDE_RAISED;
    bide_drop(handle);
    return bide_signals_next(signals);
}

static void ignore_report(const char *message, bide_value error)
{
}

static void ignore_warning(const char *category, const char *message, const bide_origin *origin)
{
}

static void each_allocation_fails(bide_body *body)
{
    bool failed = true;
    for (size_t n = 1; failed; n++) {
        bide_debug_fail_allocation(n);
        int status = bide_run(bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE), NULL);
        failed = bide_debug_allocations() >= n;
        bide_debug_fail_allocation(0);
        if (status < 0)
            CHECK(bide_catch(BIDE_MemoryError, NULL));
        if (bide_debug_live() != 0)
            check__fail(__FILE__, __LINE__, "%zu objects are left after failure %zu",
                        bide_debug_live(), n);
    }
}

static void test_each_allocation(void)
{
    bide_set_exception_handler(ignore_report);
    bide_set_warning_hook(ignore_warning);
    each_allocation_fails(over_tcp);
    each_allocation_fails(with_files);
    each_allocation_fails(with_a_child);
    each_allocation_fails(with_names_and_signals);
}

int main(void)
{
    int fd = mkstemp(path);
    close(fd);
    int before = dup(0);
    close(before);
    RUN(test_each_allocation);
    int after = dup(0);
    close(after);
    CHECK_INT(after, before); /* no descriptor is lost */
    unlink(path);
    return check_end();
}
