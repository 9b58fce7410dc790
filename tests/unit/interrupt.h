/* interrupt.h - what a SIGINT does, whatever host waits.
 *
 * SPDX-License-Identifier: MIT */
#ifndef INTERRUPT_H
#define INTERRUPT_H

#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static inline int interrupt(bide_value arg)
{
    CHECK_INT(kill(getpid(), SIGINT), 0);
    return 0;
}

static inline void (*handler_now(void))(int signum)
{
    struct sigaction action;
    sigaction(SIGINT, NULL, &action);
    return action.sa_handler;
}

static inline bool at_default(void)
{
    return handler_now() == SIG_DFL;
}

/* Interrupts this process in 2 ms, and waits without end. */
BIDE_ASYNC static inline int wait_for_ever(bide_value arg, bide_value *result)
{
    bide_drop(bide_call_later(BIDE_MS(2), interrupt, BIDE_NONE));
    int status = bide_sleep(BIDE_SECONDS(1000));
    bide_value error = bide_error_take();
    note("%s", bide_error_type_of(error)->name);
    return status < 0 ? bide_error_restore(error) : 0;
}

static inline void test_the_first_cancels_the_main_task(void)
{
    CHECK(at_default());
    CHECK_STEP("!! KeyboardInterrupt", bide_run, bide_coro(wait_for_ever, BIDE_NONE));
    CHECK_NOTES("CancelledError");
    CHECK(at_default());
}

/* Cleanup may await; a result instead of the exception is the result of the run. */
BIDE_ASYNC static inline int clean_up(bide_value arg, bide_value *result)
{
    CHECK(wait_for_ever(BIDE_NONE, result) < 0);
    bide_error_clear();
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    note("cleaned up");
    return bide_return(result, "done");
}

static inline void test_cleanup(void)
{
    CHECK_STEP("=> 'done'", bide_run, bide_coro(clean_up, BIDE_NONE));
    CHECK_NOTES("CancelledError, cleaned up");
}

/* A cancellation that was not the interrupt's stays one. */
BIDE_ASYNC static inline int cancel_myself(bide_value arg, bide_value *result)
{
    bide_value task = bide_current_task();
    bide_future_cancel(task, "by hand");
    bide_drop(task);
    return bide_sleep(BIDE_SECONDS(1));
}

static inline void test_other_cancellations(void)
{
    CHECK_STEP("!! CancelledError: by hand", bide_run, bide_coro(cancel_myself, BIDE_NONE));
}

/* The second one: main is left where it is, and cancelled with the other tasks. */
BIDE_ASYNC static inline int refuse(bide_value arg, bide_value *result)
{
    CHECK(wait_for_ever(BIDE_NONE, result) < 0);
    bide_error_clear();
    return wait_for_ever(BIDE_NONE, result);
}

static inline void test_the_second_ends_the_run(void)
{
    CHECK_STEP("!! KeyboardInterrupt", bide_run, bide_coro(refuse, BIDE_NONE));
    CHECK_NOTES("CancelledError, CancelledError");
    CHECK(at_default());
}

/* A main that never waits is cancelled all the same, where it yields. */
BIDE_ASYNC static inline int spin(bide_value arg, bide_value *result)
{
    bide_drop(bide_call_soon(interrupt, BIDE_NONE));
    for (;;)
        BIDE_TRY(bide_sleep(0));
}

static inline void test_a_busy_loop(void)
{
    CHECK_STEP("!! KeyboardInterrupt", bide_run, bide_coro(spin, BIDE_NONE));
}

/* One that comes when main has nothing to wait for any more: it is not lost, and does not disturb
 * the end of the tasks that are left. */
BIDE_ASYNC static inline int outlive_main(bide_value arg, bide_value *result)
{
    int status = bide_sleep(BIDE_SECONDS(1000));
    bide_value error = bide_error_take();
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    note("cleaned up");
    return status < 0 ? bide_error_restore(error) : 0;
}

static inline int interrupt_at_the_end(bide_value task, bide_value arg)
{
    return interrupt(arg);
}

/* how: 0 just before main ends, 1 just after; 2 the same, and main raises. */
BIDE_ASYNC static inline int end_interrupted(bide_value how, bide_value *result)
{
    BIDE_SCOPED bide_value me = bide_current_task();
    bide_drop(bide_task(bide_coro(outlive_main, BIDE_NONE), NULL));
    BIDE_TRY(bide_sleep(0));
    if (how.as.i > 0)
        BIDE_TRY(bide_future_add_done_callback(me, interrupt_at_the_end, BIDE_NONE));
    else
        interrupt(BIDE_NONE);
    return how.as.i == 2 ? bide_raise(BIDE_ValueError, "too") : bide_return(result, "dropped");
}

static inline void test_a_late_one(void)
{
    for (int how = 0; how <= 2; how++) {
        CHECK_INT(bide_run(bide_coro(end_interrupted, bide_int(how)), NULL), BIDE_RAISED);
        bide_value error = bide_error_take();
        CHECK(bide_is_error(error, BIDE_KeyboardInterrupt));
        CHECK(bide_is_error(bide_error_context(error), BIDE_ValueError) == (how == 2));
        bide_drop(error);
        CHECK_NOTES("cleaned up");
        CHECK(at_default());
    }
}

/* One that comes while main runs, before it waits for what never comes. Not by kill(), so that
 * ThreadSanitizer takes it for somebody else's. */
BIDE_ASYNC static inline int wait_interrupted(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value future = bide_future();
    CHECK_INT(syscall(SYS_kill, getpid(), SIGINT), 0);
    return bide_await(bide_ref(future), NULL);
}

static inline void test_one_while_main_runs(void)
{
    CHECK_STEP("!! KeyboardInterrupt", bide_run, bide_coro(wait_interrupted, BIDE_NONE));
}

/* One that comes when the coroutine's stack has hardly any room: by a system call alone, through a
 * function that the dynamic linker has found before. (Sanitizers take more than is left.) */
__attribute__((noinline, unused)) static int interrupt_with_little_room(void)
{
    long pid = syscall(SYS_getpid), answer = SYS_kill;
    volatile char block[bide_fiber_room() - 900];
    block[0] = 1;
#if defined(__x86_64__)
    __asm__ volatile("syscall" : "+a"(answer) : "D"(pid), "S"(SIGINT) : "rcx", "r11", "memory");
#else
    answer = syscall(SYS_kill, pid, SIGINT);
#endif
    return (int)answer + block[0] - 1;
}

BIDE_ASYNC static inline int fill_stack(bide_value arg, bide_value *result)
{
    CHECK_INT(interrupt_with_little_room(), 0);
    return bide_sleep(BIDE_SECONDS(1000));
}

static inline void test_one_on_a_full_stack(void)
{
#if !defined(BIDE__FIBER_SANITIZED)
    CHECK_STEP("!! KeyboardInterrupt", bide_run, bide_coro(fill_stack, BIDE_NONE));
#endif
}

static volatile sig_atomic_t own_signals;

static inline void count_signal(int signum)
{
    own_signals++;
}

BIDE_ASYNC static inline int interrupt_once(bide_value arg, bide_value *result)
{
    CHECK(handler_now() == (arg.as.b ? count_signal : SIG_IGN));
    interrupt(BIDE_NONE);
    return bide_sleep(BIDE_MS(1));
}

static inline void test_a_handler_of_the_program(void)
{
    own_signals = 0;
    signal(SIGINT, count_signal);
    CHECK_STEP("=> None", bide_run, bide_coro(interrupt_once, bide_bool(true)));
    CHECK_INT(own_signals, 1);
    CHECK(handler_now() == count_signal);
    signal(SIGINT, SIG_DFL);
}

/* As where a shell without job control starts a program in the background. */
static inline void test_ignored_by_the_program(void)
{
    signal(SIGINT, SIG_IGN);
    CHECK_STEP("=> None", bide_run, bide_coro(interrupt_once, bide_bool(false)));
    CHECK(handler_now() == SIG_IGN);
    signal(SIGINT, SIG_DFL);
}

BIDE_ASYNC static inline int note_default(bide_value arg, bide_value *result)
{
    return bide_return(result, at_default());
}

static inline void *run_elsewhere(void *arg)
{
    bide_value v;
    CHECK_INT(bide_run(bide_coro(note_default, BIDE_NONE), &v), 0);
    CHECK(v.as.b);
    return NULL;
}

static inline void test_another_thread(void)
{
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, run_elsewhere, NULL), 0);
    CHECK_INT(pthread_join(thread, NULL), 0);
}

/* How a child ends that is interrupted so many times. */
static inline int status_of_child(bide_body *body)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr))
            abort();
        _exit(bide_main(bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE)));
    }
    CHECK(waitpid(child, &status, 0) == child);
    return status;
}

/* One that does not come back to its loop. */
BIDE_ASYNC static inline int hang(bide_value arg, bide_value *result)
{
    while (kill(getpid(), SIGINT) == 0) {
    }
    return 0;
}

/* One whose handler has begun on some thread when the run ends, and goes on afterwards. */
BIDE_ASYNC static inline int find_handler(bide_value arg, bide_value *result)
{
    struct sigaction action;
    sigaction(SIGINT, NULL, &action);
    *(void (**)(int))arg.as.ptr = action.sa_handler;
    return 0;
}

static inline void test_a_handler_that_is_late(void)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        void (*handler)(int) = NULL;
        bide_run(bide_coro(find_handler, bide_ptr(&handler)), NULL);
        handler(SIGINT);
        _exit(0); /* it was lost */
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
}

static inline void test_exit_status(void)
{
    int status = status_of_child(wait_for_ever);
    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 130);
    status = status_of_child(hang);
    CHECK(WIFSIGNALED(status));
    CHECK_INT(WTERMSIG(status), SIGINT);
}

static inline void run_all(void)
{
    signal(SIGINT, SIG_DFL); /* who started this may have it ignored */
    RUN(test_exit_status);   /* while there are no threads that a fork would lose */
    RUN(test_a_handler_that_is_late);
    RUN(test_the_first_cancels_the_main_task);
    RUN(test_cleanup);
    RUN(test_other_cancellations);
    RUN(test_the_second_ends_the_run);
    RUN(test_a_busy_loop);
    RUN(test_one_while_main_runs);
    RUN(test_one_on_a_full_stack);
    RUN(test_a_late_one);
    RUN(test_a_handler_of_the_program);
    RUN(test_ignored_by_the_program);
    RUN(test_another_thread);
}

#endif
