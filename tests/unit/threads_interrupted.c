/* A SIGINT that another thread receives: what it does to the loop happens on the loop's thread.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#if defined(__wasm__)

int main(void)
{
    puts("there are no threads on WebAssembly");
    return CHECK_SKIPPED;
}

#else

#include <pthread.h>
#include <signal.h>

#include "loop/loop.h"

static void (*wake)(bide_host *host);
static pthread_t main_thread;
static volatile sig_atomic_t woken, woken_elsewhere;

/* Stands in for the host's: the host may be gone before a handler on another thread has used it. */
static void wake_noting_where(bide_host *host)
{
    woken++;
    woken_elsewhere += !pthread_equal(pthread_self(), main_thread);
    wake(host);
}

static void *receive(void *arg)
{
    pthread_kill(pthread_self(), SIGINT);
    return arg;
}

static BIDE_ASYNC int be_interrupted_by_a_thread(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value loop = bide_running_loop();
    bide_host *host = bide__loop_peek(loop)->host;
    pthread_t thread;
    wake = host->wake;
    host->wake = wake_noting_where;
    CHECK_INT(pthread_create(&thread, NULL, receive, NULL), 0);
    pthread_join(thread, NULL);
    return bide_sleep(BIDE_SECONDS(1000));
}

static void test_the_handler_runs_on_the_main_thread(void)
{
    main_thread = pthread_self();
    for (int host = BIDE_HOST_DEFAULT; host <= BIDE_HOST_VIRTUAL; host++) {
        bide_use_host((bide_host_kind)host);
        woken = woken_elsewhere = 0;
        CHECK_STEP("!! KeyboardInterrupt", bide_run,
                   bide_coro(be_interrupted_by_a_thread, BIDE_NONE));
        CHECK_INT(woken, 1);
        CHECK_INT(woken_elsewhere, 0);
    }
}

int main(void)
{
    signal(SIGINT, SIG_DFL); /* who started this may have it ignored */
    RUN(test_the_handler_runs_on_the_main_thread);
    return check_end();
}

#endif
