/* Child processes and signals through libuv.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include <bide/uv.h>

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

static void run(bide_body *body)
{
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
}

/* A shell that runs `script`, with pipes. */
static int shell(const char *script, bide_value *process)
{
    const char *const args[] = {"sh", "-c", script, NULL};
    const bide_process_options options = {
        .args = args, .in = BIDE_PIPE, .out = BIDE_PIPE, .err = BIDE_PIPE};
    return bide_process_spawn(&options, process);
}

/* Everything that comes from a stream, as a str. */
static BIDE_ASYNC int read_all(bide_value stream, bide_value *result)
{
    char all[1000];
    size_t size = 0;
    BIDE_ASYNC_FOR (chunk, bide_ref(stream)) {
        memcpy(all + size, bide_data(chunk), bide_size(chunk));
        size += bide_size(chunk);
    }
    *result = bide_strn(all, size);
    return 0;
}

static BIDE_ASYNC int end_of(bide_value process, bide_value *result)
{
    int code;
    BIDE_TRY(bide_process_wait(process, &code));
    return bide_return(result, code);
}

static BIDE_ASYNC int talk_to_a_child(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value child = BIDE_NONE;
    BIDE_TRY(shell("read line; echo \"got $line\"; echo oops >&2; exit 3", &child));
    CHECK(bide_process_pid(child) > 0);
    BIDE_TRY(bide_stream_write(bide_process_stdin(child), bide_str("hello\n")));
    CHECK_STEP("=> 'got hello\\n'", bide_await,
               bide_coro(read_all, bide_ref(bide_process_stdout(child))));
    CHECK_STEP("=> 'oops\\n'", bide_await,
               bide_coro(read_all, bide_ref(bide_process_stderr(child))));
    CHECK_STEP("=> 3", bide_await, bide_coro(end_of, bide_ref(child)));
    CHECK_STEP("=> 3", bide_await, bide_coro(end_of, bide_ref(child)));
    CHECK_RAISES("!! ProcessLookupError: No such process", bide_process_kill(child, SIGTERM));
    return 0;
}

static void test_talking_to_a_child(void)
{
    run(talk_to_a_child);
}

static BIDE_ASYNC int set_the_scene(bide_value arg, bide_value *result)
{
    const char *const args[] = {"sh", "-c", "echo $WHO in $PWD", NULL};
    const char *const env[] = {"WHO=child", "PATH=/usr/bin:/bin", NULL};
    const bide_process_options options = {.args = args,
                                          .env = env,
                                          .cwd = "/",
                                          .in = BIDE_DEVNULL,
                                          .out = BIDE_PIPE,
                                          .err = BIDE_INHERIT};
    BIDE_SCOPED bide_value child = BIDE_NONE;
    BIDE_TRY(bide_process_spawn(&options, &child));
    CHECK(bide_is_none(bide_process_stdin(child)));
    CHECK_STEP("=> 'child in /\\n'", bide_await,
               bide_coro(read_all, bide_ref(bide_process_stdout(child))));
    CHECK_STEP("=> 0", bide_await, bide_coro(end_of, bide_ref(child)));
    return 0;
}

static void test_environment_and_folder(void)
{
    run(set_the_scene);
}

static BIDE_ASYNC int kill_a_child(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value child = BIDE_NONE;
    BIDE_TRY(shell("exec sleep 100", &child));
    bide_value first = bide_task(bide_coro(end_of, bide_ref(child)), NULL);
    CHECK_STEP("!! TimeoutError", bide_wait_for, bide_coro(end_of, bide_ref(child)), BIDE_MS(5));
    BIDE_TRY(bide_process_kill(child, SIGTERM));
    CHECK_STEP("=> -15", bide_await, bide_coro(end_of, bide_ref(child)));
    CHECK_STEP("=> -15", bide_await, first);
    return 0;
}

static void test_killing_a_child(void)
{
    run(kill_a_child);
}

static BIDE_ASYNC int start_nothing(bide_value arg, bide_value *result)
{
    static const char *const args[] = {"/no/such/program", NULL}, *const none[] = {NULL};
    static const char *const something[] = {"true", NULL};
    const bide_process_options options = {.args = args}, empty = {.args = none};
    const bide_process_options no_stream = {.args = something, .out = -4};
    CHECK_STEP("!! FileNotFoundError: No such file or directory: /no/such/program",
               bide_process_spawn, &options);
    CHECK_STEP("!! ValueError: a child process needs a program: args[0]", bide_process_spawn,
               &empty);
    CHECK_STEP("!! ValueError: a child process needs a program: args[0]", bide_process_spawn, NULL);
    CHECK_STEP("!! ValueError: a child's standard stream cannot be -4", bide_process_spawn,
               &no_stream);
    return 0;
}

static void test_no_such_program(void)
{
    run(start_nothing);
}

/* The folder is named, as it is entered before the program is looked for. */
static BIDE_ASYNC int start_nowhere(bide_value arg, bide_value *result)
{
    static const char *const program[] = {"true", NULL}, *const none[] = {"/no/such/program", NULL};
    char locked[] = "/tmp/bide-locked-XXXXXX", wanted[100];
    const bide_process_options missing = {.args = program, .cwd = "/no/such/folder"};
    const bide_process_options both = {.args = none, .cwd = "/no/such/folder"};
    const bide_process_options empty = {.args = program, .cwd = ""};
    const bide_process_options file = {.args = program, .cwd = "/dev/null"};
    const bide_process_options root = {.args = none, .cwd = "/"};
    const bide_process_options no_entry = {.args = program, .cwd = locked};
    CHECK_STEP("!! FileNotFoundError: No such file or directory: /no/such/folder",
               bide_process_spawn, &missing);
    CHECK_STEP("!! FileNotFoundError: No such file or directory: /no/such/folder",
               bide_process_spawn, &both);
    CHECK_STEP("!! FileNotFoundError: No such file or directory: ", bide_process_spawn, &empty);
    CHECK_STEP("!! NotADirectoryError: Not a directory: /dev/null", bide_process_spawn, &file);
    CHECK_STEP("!! FileNotFoundError: No such file or directory: /no/such/program",
               bide_process_spawn, &root);
    CHECK(mkdtemp(locked) && chmod(locked, 0) == 0);
    snprintf(wanted, sizeof wanted, "!! PermissionError: Permission denied: %s", locked);
    uid_t user = geteuid();
    CHECK_INT(user == 0 ? seteuid(65534) : 0, 0); /* root may enter */
    CHECK_STEP(wanted, bide_process_spawn, &no_entry);
    CHECK_INT(user == 0 ? seteuid(user) : 0, 0);
    CHECK_INT(rmdir(locked), 0);
    return 0;
}

static void test_no_such_folder(void)
{
    run(start_nowhere);
}

/* One that nobody refers to any more is reaped, and one that runs on hinders nobody. */
static BIDE_ASYNC int forget_children(bide_value arg, bide_value *result)
{
    bide_value child;
    BIDE_TRY(shell("exit 1", &child));
    int pid = bide_process_pid(child);
    bide_drop(child);
    while (kill(pid, 0) == 0)
        BIDE_TRY(bide_sleep(BIDE_MS(1)));
    BIDE_TRY(shell("exec sleep 100", &child));
    pid = bide_process_pid(child);
    bide_drop(child);
    return bide_return(result, pid);
}

static void test_forgotten_children(void)
{
    bide_value pid;
    CHECK_INT(bide_run(bide_coro(forget_children, BIDE_NONE), &pid), 0);
    CHECK_INT(kill((pid_t)pid.as.i, SIGKILL), 0);
}

/* --- signals -------------------------------------------------------------------------- */

static int send_signal(bide_value signum)
{
    CHECK_INT(kill(getpid(), (int)signum.as.i), 0);
    return 0;
}

static BIDE_ASYNC int next_signal(bide_value signals, bide_value *result)
{
    return bide_signals_next(signals);
}

static BIDE_ASYNC int wait_for_signals(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value signals = bide_signals(SIGUSR1), others = bide_signals(SIGUSR2);
    bide_drop(bide_call_later(BIDE_MS(2), send_signal, bide_int(SIGUSR1)));
    BIDE_TRY(bide_signals_next(signals));
    CHECK_STEP("!! TimeoutError", bide_wait_for, bide_coro(next_signal, bide_ref(signals)),
               BIDE_MS(3));
    int count = 0;
    bide_drop(bide_call_soon(send_signal, bide_int(SIGUSR1)));
    BIDE_ASYNC_FOR (signum, bide_ref(signals)) {
        CHECK_INT(signum.as.i, SIGUSR1);
        if (++count < 3)
            bide_drop(bide_call_soon(send_signal, bide_int(SIGUSR1)));
        else
            bide_signals_close(signals);
    }
    CHECK_INT(count, 3);
    CHECK_RAISES("!! ValueError: these signals are closed", bide_signals_next(signals));
    CHECK_STEP("!! TimeoutError", bide_wait_for, bide_coro(next_signal, bide_ref(others)),
               BIDE_MS(3));
    CHECK_FAILS("!! OSError: Invalid argument", bide_signals(SIGKILL));
    return 0;
}

static void test_signals(void)
{
    run(wait_for_signals);
}

int main(void)
{
    RUN(test_talking_to_a_child);
    RUN(test_environment_and_folder);
    RUN(test_killing_a_child);
    RUN(test_no_such_program);
    RUN(test_no_such_folder);
    RUN(test_forgotten_children);
    RUN(test_signals);
    return check_end();
}
