/* What a loop counts as owed to it while the function that owes it waits for that very loop, and is
 * followed by several futures. On the virtual clock a count that is wrong stops time.
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

#include <sched.h>
#include <semaphore.h>

#include "loop/concurrent.h"

static sem_t go;

static BIDE_ASYNC int doze(bide_value arg, bide_value *result)
{
    return bide_sleep(BIDE_SECONDS(10));
}

/* On a thread: waits for a coroutine of the loop. */
static int wait_for_the_loop(bide_value loop, bide_value *result)
{
    sem_wait(&go);
    bide_value future = bide_run_coroutine_threadsafe(loop, doze, BIDE_NONE);
    int status = bide_concurrent_result(future, BIDE_NEVER, NULL);
    bide_drop(future);
    return status < 0 ? status : bide_return(result, "waited");
}

static size_t owed_to(bide_value loop)
{
    bide__threads_lock();
    size_t owed = bide__loop_peek(loop)->port->owed;
    bide__threads_unlock();
    return owed;
}

static void await_its_waiting(bide_value future)
{
    bool waits = false;
    sem_post(&go);
    while (!waits) {
        sched_yield();
        bide__threads_lock();
        waits = bide__concurrent_of(future)->waits != NULL;
        bide__threads_unlock();
    }
}

/* before: whether the futures are there before the function waits. */
static BIDE_ASYNC int follow_twice(bide_value before, bide_value *result)
{
    BIDE_SCOPED bide_value loop = bide_running_loop(), executor = bide_executor(1);
    BIDE_SCOPED bide_value future =
        bide_executor_submit(executor, wait_for_the_loop, bide_ref(loop));
    if (!before.as.b)
        await_its_waiting(future);
    BIDE_SCOPED bide_value first = bide_wrap_future(future), second = bide_wrap_future(future);
    if (before.as.b) {
        CHECK_INT(owed_to(loop), 2);
        await_its_waiting(future);
    }
    CHECK_INT(owed_to(loop), 0);
    CHECK_STEP("=> 'waited'", bide_await, bide_ref(first));
    CHECK_STEP("=> 'waited'", bide_await, bide_ref(second));
    CHECK_INT(owed_to(loop), 0);
    return bide_executor_shutdown(executor, true, false);
}

static void test_two_futures_follow_a_function_that_waits(void)
{
    sem_init(&go, 0, 0);
    bide_use_host(BIDE_HOST_VIRTUAL);
    CHECK_STEP("=> None", bide_run, bide_coro(follow_twice, bide_bool(true)));
    CHECK_STEP("=> None", bide_run, bide_coro(follow_twice, bide_bool(false)));
}

int main(void)
{
    RUN(test_two_futures_follow_a_function_that_waits);
    return check_end();
}

#endif
