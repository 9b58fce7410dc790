/* What a fault natively comes to that is no overflow, and one that is, wherever it happens:
 * children that end so, each with handlers and a stack for signals of its own.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#if defined(__wasm__) || defined(BIDE__FIBER_SANITIZED)

int main(void)
{
    puts("WebAssembly and sanitizers report faults themselves");
    return CHECK_SKIPPED;
}

#else

#include <pthread.h>
#include <signal.h>

#include "child.h"

static char *volatile nowhere = (char *)16;

static void write_nowhere(void *arg)
{
    *nowhere = 1;
}

static volatile int never;

__attribute__((noinline)) static int dive(int depth)
{
    volatile char block[200];
    block[0] = (char)depth;
    return never ? 0 : dive(depth + 1) + block[0];
}

static void overflow(void *arg)
{
    dive(0);
}

static void do_nothing(void *arg)
{
}

static void run(bide_fiber_entry *entry)
{
    bide_fiber *fiber = bide_fiber_new(entry, NULL, 0, "victim");
    bide_fiber_resume(fiber);
    bide_fiber_free(fiber);
}

/* --- faults that are no overflow -------------------------------------------------- */

static void fault_on_a_fiber(int64_t none)
{
    run(write_nowhere);
}

static void fault_outside(int64_t none)
{
    run(do_nothing);
    write_nowhere(NULL);
}

/* An emulator may say that the program ended. */
static bool was_bide_silent(void)
{
    return !strstr(said, "bide:");
}

static void test_another_fault_ends_the_program_as_ever(void)
{
    void (*ways[])(int64_t none) = {fault_on_a_fiber, fault_outside};
    for (int i = 0; i < 2; i++) {
        int status = child_status(ways[i], 0);
        CHECK(WIFSIGNALED(status));
        CHECK_INT(WTERMSIG(status), SIGSEGV);
        CHECK(was_bide_silent());
    }
}

static void end_plainly(int number)
{
    _exit(number == SIGSEGV ? 41 : 1);
}

static void end_with_place(int number, siginfo_t *info, void *context)
{
    _exit(number == SIGSEGV && info->si_addr == (void *)nowhere && context ? 42 : 1);
}

static void fault_with_a_plain_handler(int64_t none)
{
    signal(SIGSEGV, end_plainly);
    fault_on_a_fiber(none);
}

static void fault_with_a_handler(int64_t none)
{
    struct sigaction action = {.sa_sigaction = end_with_place, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    fault_on_a_fiber(none);
}

static void test_the_program_s_own_handlers_are_called(void)
{
    int status = child_status(fault_with_a_plain_handler, 0);
    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 41);
    status = child_status(fault_with_a_handler, 0);
    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 42);
    CHECK(was_bide_silent());
}

/* --- overflows ---------------------------------------------------------------------- */

static void resume_another(void *arg)
{
    run(overflow);
}

static void overflow_within_another(int64_t none)
{
    run(resume_another);
}

static void overflow_with_a_handler(int64_t none)
{
    signal(SIGSEGV, end_plainly);
    run(overflow);
}

static void *overflow_here(void *arg)
{
    run(overflow);
    return NULL;
}

/* A thread that comes later needs a stack for signals too. */
static void overflow_on_a_thread(int64_t none)
{
    pthread_t thread;
    run(do_nothing);
    if (pthread_create(&thread, NULL, overflow_here, NULL) == 0)
        pthread_join(thread, NULL);
}

static void overflow_with_a_stack_for_signals(int64_t none)
{
    static char own[64 * 1024];
    stack_t stack = {.ss_sp = own, .ss_size = sizeof own}, now;
    sigaltstack(&stack, NULL);
    run(do_nothing);
    if (sigaltstack(NULL, &now) != 0 || now.ss_sp != (void *)own)
        _exit(1);
    run(overflow);
}

static void test_an_overflow_is_reported_wherever_it_happens(void)
{
    void (*ways[])(int64_t none) = {overflow_with_a_handler, overflow_on_a_thread,
                                    overflow_within_another, overflow_with_a_stack_for_signals};
    for (int i = 0; i < 4; i++) {
        int status = child_status(ways[i], 0);
        CHECK(WIFSIGNALED(status));
        CHECK(strstr(said, "bide: stack overflow: 'victim' used up its stack of 65536 bytes."));
    }
}

int main(void)
{
    RUN(test_another_fault_ends_the_program_as_ever);
    RUN(test_the_program_s_own_handlers_are_called);
    RUN(test_an_overflow_is_reported_wherever_it_happens);
    return check_end();
}

#endif
