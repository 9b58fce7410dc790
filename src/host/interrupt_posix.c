/* interrupt_posix.c - SIGINT, counted by a handler that wakes the loop.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "host/interrupt.h"

static _Atomic(bide_host *) interrupted; /* NULL: no loop wants to know */
static pthread_t main_thread;

__attribute__((constructor)) static void remember_main_thread(void)
{
    main_thread = pthread_self();
}

static void on_sigint(int signum)
{
    int error = errno;
    bide_host *host = atomic_load(&interrupted);
    if (host) {
        if (atomic_fetch_add(&host->interrupts, 1) > 0)
            signal(signum, SIG_DFL);
        host->wake(host);
    }
    errno = error;
}

static bool is_at_default(void)
{
    struct sigaction action;
    return sigaction(SIGINT, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) &&
           action.sa_handler == SIG_DFL;
}

static void handle(void)
{
    struct sigaction action = {.sa_handler = on_sigint, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

void bide__interrupt_begin(bide_host *host)
{
    bide_host *nobody = NULL;
    if (!pthread_equal(pthread_self(), main_thread) || !is_at_default() || !host->open_wake ||
        host->open_wake(host) != 0)
        return;
    if (atomic_compare_exchange_strong(&interrupted, &nobody, host))
        handle();
}

void bide__interrupt_end(bide_host *host)
{
    struct sigaction action;
    if (atomic_load(&interrupted) != host)
        return;
    if (sigaction(SIGINT, NULL, &action) == 0 && action.sa_handler == on_sigint)
        signal(SIGINT, SIG_DFL);
    atomic_store(&interrupted, NULL);
}

void bide__interrupt_again(void)
{
    if (atomic_load(&interrupted) && is_at_default())
        handle();
}
