/* Threads, natively: a loop on each, nothing shared, and coroutines that stay where they were
 * started.
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
#if defined(_WIN32)
#include <windows.h>
#endif

enum { THREADS = 4 };

/* --- one loop on each ------------------------------------------------------------- */

static BIDE_ASYNC int count_up(bide_value arg, bide_value *result)
{
    int64_t sum = 0;
    for (int i = 0; i < 100; i++) {
        BIDE_TRY(bide_sleep(BIDE_US(i)));
        sum += arg.as.i;
    }
    return bide_return(result, sum);
}

static BIDE_ASYNC int count_several(bide_value arg, bide_value *result)
{
    return bide_await(bide_gather(bide_list(bide_coro(count_up, bide_ref(arg)),
                                            bide_coro(count_up, bide_ref(arg))),
                                  false),
                      result);
}

/* What a thread finds; it must not use the checks, which count in common. */
struct found {
    int number;
    int64_t first, second;
    size_t live;
    size_t fibers;
};

static void *run_a_loop(void *arg)
{
    struct found *found = arg;
    bide_value v = BIDE_NONE;
    bide_use_host(BIDE_HOST_VIRTUAL);
    if (bide_run(bide_coro(count_several, bide_int(found->number)), &v) == 0) {
        found->first = bide_item(v, 0).as.i;
        found->second = bide_item(v, 1).as.i;
    }
    bide_drop(v);
    found->live = bide_debug_live();
    found->fibers = bide_fiber_get_stats().live;
    return NULL;
}

static void test_a_loop_on_each_thread(void)
{
    pthread_t threads[THREADS];
    struct found found[THREADS] = {{0}};
    bide_value mine = bide_str("of this thread");
    for (int i = 0; i < THREADS; i++) {
        found[i].number = i + 1;
        CHECK_INT(pthread_create(&threads[i], NULL, run_a_loop, &found[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK_INT(found[i].first, 100 * (i + 1));
        CHECK_INT(found[i].second, 100 * (i + 1));
        CHECK_INT(found[i].live, 0); /* each counts its own */
        CHECK_INT(found[i].fibers, 0);
    }
    CHECK_INT(bide_debug_live(), 1);
    bide_drop(mine);
}

/* --- coroutines and fibers stay --------------------------------------------------- */

static BIDE_ASYNC int suspend_twice(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_suspend(bide_int(1), NULL));
    return bide_suspend(bide_int(2), NULL);
}

struct attempt {
    bide_value coro;
    char text[200];
    int status;
};

static void *resume_it_here(void *arg)
{
    struct attempt *attempt = arg;
    attempt->status = bide_send(attempt->coro, BIDE_NONE, NULL);
    bide_value error = bide_error_take();
    bide_value text = bide_error_text(error);
    snprintf(attempt->text, sizeof attempt->text, "%s", bide_cstr(text));
    bide_drop(text);
    bide_drop(error);
    return NULL;
}

static void test_a_coroutine_stays_on_its_thread(void)
{
    pthread_t thread;
    struct attempt attempt = {.coro = bide_coro(suspend_twice, BIDE_NONE)};
    CHECK_STEP("-> 1", bide_send, attempt.coro, BIDE_NONE);
    CHECK_INT(pthread_create(&thread, NULL, resume_it_here, &attempt), 0);
    pthread_join(thread, NULL);
    CHECK_INT(attempt.status, BIDE_RAISED);
    CHECK_STR(attempt.text, "RuntimeError: 'suspend_twice' belongs to another thread: a coroutine "
                            "stays on the thread that started it");
    CHECK_STR(bide_state_name(attempt.coro), "CORO_SUSPENDED");
    CHECK_STEP("-> 2", bide_send, attempt.coro, BIDE_NONE); /* unharmed */
    CHECK_STEP("=> None", bide_send, attempt.coro, BIDE_NONE);
    bide_drop(attempt.coro);
}

static void suspend_once(void *arg)
{
    bide_fiber_suspend();
}

static bool is_refused(bide_fiber *fiber)
{
    return bide_fiber_resume(fiber) == BIDE_FIBER_ETHREAD &&
           bide_fiber_free(fiber) == BIDE_FIBER_ETHREAD;
}

struct foreign {
    bide_fiber *fiber;
    bool refused;
};

static void use_it_on_a_fiber(void *arg)
{
    struct foreign *foreign = arg;
    foreign->refused = foreign->refused && is_refused(foreign->fiber);
}

static void *use_a_foreign_fiber(void *arg)
{
    struct foreign *foreign = arg;
    foreign->refused = is_refused(foreign->fiber);
    bide_fiber *own = bide_fiber_new(use_it_on_a_fiber, foreign, 0, NULL);
    foreign->refused = foreign->refused && is_refused(foreign->fiber);
    bide_fiber_resume(own);
    bide_fiber_free(own);
    return NULL;
}

/* In a thread that has made no fiber, in one that has, and in one of its fibers. */
static bool is_refused_elsewhere(bide_fiber *fiber)
{
    pthread_t thread;
    struct foreign foreign = {.fiber = fiber};
    CHECK_INT(pthread_create(&thread, NULL, use_a_foreign_fiber, &foreign), 0);
    pthread_join(thread, NULL);
    return foreign.refused;
}

static void test_a_fiber_stays_on_its_thread(void)
{
    bide_fiber *fiber = bide_fiber_new(suspend_once, NULL, 0, NULL);
    CHECK(is_refused_elsewhere(fiber));
    CHECK_INT(bide_fiber_resume(fiber), BIDE_FIBER_SUSPENDED);
    CHECK(is_refused_elsewhere(fiber));
    CHECK_INT(bide_fiber_resume(fiber), BIDE_FIBER_DONE);
    CHECK(is_refused_elsewhere(fiber));
    CHECK_INT(bide_fiber_free(fiber), 0);
}

/* --- fibers that their thread has left behind ------------------------------------- */

static bide_fiber *left_behind[3]; /* not started, suspended, ended */

static void *leave_fibers(void *arg)
{
    for (int i = 0; i < 3; i++) {
        left_behind[i] = bide_fiber_new(suspend_once, NULL, 0, NULL);
        for (int k = 0; k < i; k++)
            bide_fiber_resume(left_behind[i]);
    }
    return NULL;
}

/* The next thread is likely to have its variables where the last one had them. */
static void test_fibers_of_a_thread_that_ended(void)
{
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, leave_fibers, NULL), 0);
    pthread_join(thread, NULL);
    for (int i = 0; i < 3; i++)
        CHECK(is_refused_elsewhere(left_behind[i]) && is_refused(left_behind[i]));
}

#if !defined(_WIN32) /* where destructors come after the end of a thread's stacks */

static pthread_key_t key;
static int freed;

static void end_and_free(void *fiber)
{
    freed += bide_fiber_resume(fiber) == BIDE_FIBER_DONE && bide_fiber_free(fiber) == 0;
}

static void *leave_one_to_a_destructor(void *arg)
{
    bide_fiber *fiber = bide_fiber_new(suspend_once, NULL, 0, NULL);
    bide_fiber_resume(fiber);
    pthread_setspecific(key, fiber);
    return NULL;
}

/* Destructors that come later than Bide's own. */
static void test_a_fiber_that_a_destructor_ends(void)
{
    pthread_t thread;
    CHECK_INT(pthread_key_create(&key, end_and_free), 0);
    CHECK_INT(pthread_create(&thread, NULL, leave_one_to_a_destructor, NULL), 0);
    pthread_join(thread, NULL);
    CHECK_INT(freed, 1);
    pthread_key_delete(key);
}

#endif

/* --- what a thread has pooled ------------------------------------------------------- */

enum { LARGE_STACK = 32 << 20, COMERS = 40 };

static void *use_large_stacks(void *arg)
{
    bide_fiber *fiber = bide_fiber_new(suspend_once, NULL, LARGE_STACK, NULL);
    if (fiber) {
        bide_fiber_resume(fiber);
        bide_fiber_resume(fiber);
        bide_fiber_free(fiber);
    }
    return fiber;
}

/* Bytes of address space in use; 0 where that cannot be told. */
#if defined(_WIN32)
static double address_space(void)
{
    double used = 0;
    MEMORY_BASIC_INFORMATION region;
    for (char *at = NULL; VirtualQuery(at, &region, sizeof region);
         at = (char *)region.BaseAddress + region.RegionSize)
        used += region.State == MEM_FREE ? 0 : (double)region.RegionSize;
    return used;
}
#else
static double address_space(void)
{
    double pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%lf", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return pages * 4096;
}
#endif

/* Goes back to the system, address space and all. */
static void test_stacks_go_with_their_thread(void)
{
    double before = address_space();
    for (int i = 0; i < COMERS; i++) {
        pthread_t thread;
        void *made = NULL;
        CHECK_INT(pthread_create(&thread, NULL, use_large_stacks, NULL), 0);
        pthread_join(thread, &made);
        CHECK(made != NULL);
    }
    CHECK(address_space() - before < (double)LARGE_STACK * (double)COMERS);
}

/* --- many threads that come and go ------------------------------------------------ */

static void *raise_and_go(void *arg)
{
    bide_raise(BIDE_ValueError, "on a thread");
    bide_error_clear();
    bide_value gen = bide_coro(suspend_twice, BIDE_NONE);
    bide_send(gen, BIDE_NONE, NULL);
    bide_drop(gen); /* closed while it is suspended */
    *(size_t *)arg = bide_debug_live();
    return NULL;
}

static void test_threads_come_and_go(void)
{
    for (int i = 0; i < 20; i++) {
        pthread_t thread;
        size_t live = 1;
        CHECK_INT(pthread_create(&thread, NULL, raise_and_go, &live), 0);
        pthread_join(thread, NULL);
        CHECK_INT(live, 0);
    }
}

int main(void)
{
    RUN(test_a_loop_on_each_thread);
    RUN(test_a_coroutine_stays_on_its_thread);
    RUN(test_a_fiber_stays_on_its_thread);
    RUN(test_fibers_of_a_thread_that_ended);
#if !defined(_WIN32)
    RUN(test_a_fiber_that_a_destructor_ends);
#endif
    RUN(test_stacks_go_with_their_thread);
    RUN(test_threads_come_and_go);
    return check_end();
}

#endif
