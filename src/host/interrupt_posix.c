/* interrupt_posix.c - SIGINT, counted by a handler that wakes the loop.
 *
 * The handler uses the host on the main thread alone, on which the host ends too: on another thread
 * it could be half-way when that happens. It runs on the stack for signals that a thread with
 * fibers has (fiber/overflow.c): theirs may be nearly full. The lock is for who may close signals
 * on a thread of theirs, in bide__interrupt_again.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "host/interrupt.h"
#include "host/thread.h"

static _Atomic(bide_host *) interrupted; /* NULL: no loop wants to know */
static pthread_t main_thread;

__attribute__((constructor)) static void remember_main_thread(void)
{
    main_thread = pthread_self();
}

static void count(int signum, bide_host *host)
{
    if (atomic_fetch_add(&host->interrupts, 1) > 0)
        signal(signum, SIG_DFL);
    host->wake(host);
}

static void on_sigint(int signum)
{
    int error = errno;
    bide_host *host = atomic_load(&interrupted);
    if (!host)
        raise(signum); /* it has ended meanwhile: the signal is for what was there before */
    else if (pthread_equal(pthread_self(), main_thread))
        count(signum, host);
    else
        pthread_kill(main_thread, signum);
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
    struct sigaction action = {.sa_handler = on_sigint, .sa_flags = SA_RESTART | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

void bide__interrupt_begin(bide_host *host)
{
    bide_host *nobody = NULL;
    if (!pthread_equal(pthread_self(), main_thread) || !is_at_default() || !host->open_wake ||
        host->open_wake(host) != 0)
        return;
    bide__threads_lock();
    if (atomic_compare_exchange_strong(&interrupted, &nobody, host))
        handle();
    bide__threads_unlock();
}

void bide__interrupt_end(bide_host *host)
{
    struct sigaction action;
    if (atomic_load(&interrupted) != host)
        return;
    bide__threads_lock();
    if (sigaction(SIGINT, NULL, &action) == 0 && action.sa_handler == on_sigint)
        signal(SIGINT, SIG_DFL);
    atomic_store(&interrupted, NULL);
    bide__threads_unlock();
}

void bide__interrupt_again(void)
{
    bide__threads_lock();
    if (atomic_load(&interrupted) && is_at_default())
        handle();
    bide__threads_unlock();
}
