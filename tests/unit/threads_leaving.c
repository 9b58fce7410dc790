/* A thread that sends its last to a loop and leaves just as the loop asks whether it is deadlocked.
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

#include "loop/loop.h"

static bide_value event;      /* of the loop */
static bide_parcel *way_back; /* the only reference to the loop that a thread could have */
static bool (*alive)(bide_host *host);

static int set(bide_value arg)
{
    (void)arg;
    return bide_event_set(event);
}

static void *call_and_leave(void *sent)
{
    bide_value loop = bide_parcel_open(way_back);
    *(int *)sent = bide_call_soon_threadsafe(loop, set, BIDE_NONE);
    bide_drop(loop);
    return NULL;
}

/* Stands in for the host's answer, which the loop asks for once it has nothing to run: what was
 * sent before has been delivered then. */
static bool alive_while_a_thread_leaves(bide_host *host)
{
    pthread_t thread;
    int sent = BIDE_RAISED;
    host->alive = alive;
    CHECK_INT(pthread_create(&thread, NULL, call_and_leave, &sent), 0);
    pthread_join(thread, NULL);
    CHECK_INT(sent, 0);
    return host->alive(host);
}

static BIDE_ASYNC int wait_for_the_thread(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value loop = bide_running_loop();
    bide_host *host = bide__loop_peek(loop)->host;
    way_back = bide_parcel_pack(bide_ref(loop));
    event = bide_event();
    alive = host->alive;
    host->alive = alive_while_a_thread_leaves;
    int status = bide_event_wait(event);
    bide_clear(&event);
    return status;
}

static void test_a_last_call_is_no_deadlock(void)
{
    for (int host = BIDE_HOST_DEFAULT; host <= BIDE_HOST_VIRTUAL; host++) {
        bide_use_host((bide_host_kind)host);
        CHECK_STEP("=> None", bide_run, bide_coro(wait_for_the_thread, BIDE_NONE));
    }
}

int main(void)
{
    RUN(test_a_last_call_is_no_deadlock);
    return check_end();
}

#endif
