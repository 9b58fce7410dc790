/* overflow.c - the SIGSEGV handler that recognizes a hit on a fiber's guard page.
 *
 * It runs on an alternate signal stack (the fiber's own is full), writes one message naming the
 * coroutine and its stack size with async-signal-safe calls only, and dies as the program would
 * have. Any other fault goes to the handler that was installed before.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/overflow.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "fiber/sanitizer.h"
#include "fiber/stack_pool.h"
#include "fiber/thread_end.h"

enum { SIGNAL_STACK = 32 * 1024 };

static struct sigaction previous_segv, previous_bus;

static void on_fault(int number, siginfo_t *info, void *context)
{
    const bide_fiber *fiber = bide_fiber_current();
    const struct sigaction *previous = number == SIGBUS ? &previous_bus : &previous_segv;

    if (fiber && bide__stack_is_guard(fiber, info->si_addr)) {
        bide__overflow_report(fiber);
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    if (previous->sa_flags & SA_SIGINFO) {
        previous->sa_sigaction(number, info, context);
    } else if (previous->sa_handler != SIG_DFL && previous->sa_handler != SIG_IGN) {
        previous->sa_handler(number);
    } else {
        /* Returning repeats the fault, now with the default action. */
        signal(number, SIG_DFL);
    }
}

#if defined(BIDE__FIBER_SANITIZED)
/* The sanitizers report faults themselves, with the stack. */
void bide__overflow_watch(void)
{
    (void)on_fault;
}
#else
static _Thread_local char *signal_stack; /* owned if it is `ours` */
static _Thread_local bool ours;

/* The thread ends. */
static void release_signal_stack(void)
{
    stack_t none = {.ss_flags = SS_DISABLE};
    if (ours && sigaltstack(&none, NULL) == 0)
        free(signal_stack);
    ours = false;
    signal_stack = NULL;
}

static _Thread_local struct bide__thread_end thread_end = {.release = release_signal_stack};

static void install(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, &previous_segv);
    sigaction(SIGBUS, &action, &previous_bus);
}

void bide__overflow_watch(void)
{
    static pthread_once_t installed = PTHREAD_ONCE_INIT;
    stack_t current;

    if (signal_stack)
        return;
    if (sigaltstack(NULL, &current) == 0 && !(current.ss_flags & SS_DISABLE)) {
        signal_stack = current.ss_sp; /* the program has one; it serves us too */
    } else {
        signal_stack = malloc(SIGNAL_STACK);
        if (!signal_stack)
            return;
        stack_t stack = {.ss_sp = signal_stack, .ss_size = SIGNAL_STACK};
        ours = sigaltstack(&stack, NULL) == 0;
        bide__thread_end_watch(&thread_end);
    }
    pthread_once(&installed, install);
}
#endif
