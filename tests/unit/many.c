/* Many at once: lines of waiters in which nobody is looked at twice, futures that are given twice,
 * and lists of tasks from which those that are done go now and then.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"
#include "quiet.h"

#include "loop/futures.h"
#include "loop/waiters.h"
#include "object/list.h"

static void run(bide_body *body)
{
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
}

/* --- lines -------------------------------------------------------------------------- */

enum { LINE = 6 };

static void begin_line(bide__waiters *line, bide__waiter waiters[LINE])
{
    memset(line, 0, sizeof *line);
    memset(waiters, 0, LINE * sizeof *waiters);
    for (int i = 0; i < LINE; i++)
        bide__waiters_join(line, &waiters[i]);
}

/* Those before the one that was chosen last are known to be decided, whatever they say. */
static void test_nobody_is_looked_at_twice(void)
{
    bide__waiters line;
    bide__waiter waiters[LINE];
    begin_line(&line, waiters);
    waiters[1].parking.state = BIDE__CANCELLED;
    CHECK(bide__waiters_wake_next(&line));
    CHECK_INT(waiters[0].parking.state, BIDE__FINISHED);
    CHECK(bide__waiters_wake_next(&line));
    CHECK_INT(waiters[2].parking.state, BIDE__FINISHED);
    waiters[0].parking.state = waiters[1].parking.state = BIDE__PENDING;
    CHECK(bide__waiters_wake_next(&line));
    CHECK_INT(waiters[3].parking.state, BIDE__FINISHED);
    CHECK_INT(waiters[0].parking.state, BIDE__PENDING);
}

static void test_who_leaves_is_not_chosen(void)
{
    bide__waiters line;
    bide__waiter waiters[LINE], late = {0};
    begin_line(&line, waiters);
    bide__waiters_leave(&line, &waiters[0]);
    bide__waiters_leave(&line, &waiters[1]);
    CHECK(bide__waiters_next(&line) == &waiters[2]);
    for (int i = 2; i < LINE; i++)
        CHECK(bide__waiters_wake_next(&line));
    CHECK(!bide__waiters_wake_next(&line));
    bide__waiters_leave(&line, &waiters[LINE - 1]);
    bide__waiters_join(&line, &late);
    CHECK(bide__waiters_next(&line) == &late);
    for (int i = 2; i < LINE - 1; i++)
        bide__waiters_leave(&line, &waiters[i]);
    bide__waiters_leave(&line, &late);
    CHECK(!bide__waiters_next(&line) && !line.first && !line.undecided);
    bide__waiters_join(&line, &late);
    CHECK(bide__waiters_wake_next(&line));
}

/* --- everyone at once ------------------------------------------------------------------ */

static const int many = CHECK_FIBERS(2000);
static bide_value shared;
static int woken;

static BIDE_ASYNC int wait_event(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_event_wait(shared));
    CHECK_INT(arg.as.i, woken++);
    return 0;
}

static BIDE_ASYNC int wait_condition(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_condition_acquire(shared));
    int status = bide_condition_wait(shared);
    bide_condition_release(shared);
    if (status == 0)
        CHECK_INT(arg.as.i, woken++);
    return status;
}

static BIDE_ASYNC int wait_item(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value item = BIDE_NONE;
    BIDE_TRY(bide_queue_get(shared, &item));
    CHECK_INT(arg.as.i, woken);
    CHECK_INT(item.as.i, woken++);
    return 0;
}

static bide_value start(bide_body *body)
{
    bide_value tasks = bide_list();
    woken = 0;
    for (int i = 0; i < many; i++)
        CHECK_INT(bide_list_append(
                      tasks, bide_task(bide_coro_at(BIDE__ORIGIN(body), body, bide_int(i)), NULL)),
                  0);
    return tasks;
}

/* Every third is cancelled while it waits: the others keep their order. */
static BIDE_ASYNC int wake_all(bide_value arg, bide_value *result)
{
    bide_value tasks;
    shared = bide_event();
    tasks = start(wait_event);
    BIDE_TRY(bide_sleep(0));
    CHECK_INT(bide_event_set(shared), 0);
    BIDE_TRY(bide_await(bide_gather(tasks, false), NULL));
    CHECK_INT(woken, many);
    bide_drop(shared);

    shared = bide_condition(BIDE_NONE);
    tasks = start(wait_condition);
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_condition_acquire(shared));
    CHECK_INT(bide_condition_notify_all(shared), 0);
    CHECK_INT(bide_condition_release(shared), 0);
    BIDE_TRY(bide_await(bide_gather(tasks, false), NULL));
    CHECK_INT(woken, many);
    bide_drop(shared);

    shared = bide_queue(0);
    tasks = start(wait_item);
    BIDE_TRY(bide_sleep(0));
    for (int i = 0; i < many; i++)
        CHECK_INT(bide_queue_put_nowait(shared, bide_int(i)), 0);
    BIDE_TRY(bide_await(bide_gather(tasks, false), NULL));
    CHECK_INT(woken, many);
    bide_drop(shared);
    return 0;
}

static void test_everyone_at_once(void)
{
    run(wake_all);
}

/* --- lists of futures --------------------------------------------------------------- */

static BIDE_ASYNC int nap(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_MS(arg.as.i)));
    return bide_return(result, arg);
}

static bide_value napping(int ms)
{
    return bide_task(bide_coro(nap, bide_int(ms)), NULL);
}

/* Neither may have one twice, not even a coroutine, which is then one task. */
static BIDE_ASYNC int given_twice(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value a = napping(2), b = napping(1), done = BIDE_NONE, pending = BIDE_NONE;
    BIDE_TRY(bide_wait(bide_list(bide_ref(a), bide_ref(b), bide_ref(a)), BIDE_NEVER,
                       BIDE_FIRST_COMPLETED, &done, &pending));
    CHECK(bide_size(done) == 1 && bide_is(bide_item(done, 0), b));
    CHECK(bide_size(pending) == 1 && bide_is(bide_item(pending, 0), a));
    bide_clear(&done);
    bide_clear(&pending);
    BIDE_TRY(bide_wait(bide_list(bide_ref(a), bide_ref(b), bide_ref(a)), BIDE_NEVER,
                       BIDE_ALL_COMPLETED, &done, NULL));
    CHECK(bide_size(done) == 2 && bide_is(bide_item(done, 0), a));

    BIDE_SCOPED bide_value coro = bide_coro(nap, bide_int(3));
    BIDE_FOR (next, bide_as_completed(bide_list(bide_ref(coro), bide_coro(nap, bide_int(1)),
                                                bide_ref(coro), bide_ref(a)),
                                      BIDE_NEVER)) {
        BIDE_SCOPED bide_value v = BIDE_NONE;
        BIDE_TRY(bide_await(bide_ref(next), &v));
        note("%d", (int)v.as.i);
    }
    return 0;
}

static void test_given_twice(void)
{
    run(given_twice);
    CHECK_NOTES("2, 1, 3");
}

/* In any order of their ends. */
static BIDE_ASYNC int end_in_disorder(bide_value arg, bide_value *result)
{
    bide_value tasks = bide_list();
    for (int i = 0; i < many; i++)
        CHECK_INT(bide_list_append(tasks, bide_coro(nap, bide_int(i * 7919 % many))), 0);
    int next = 0;
    BIDE_ASYNC_FOR (task, bide_as_completed(bide_ref(tasks), BIDE_NEVER)) {
        BIDE_SCOPED bide_value v = BIDE_NONE;
        CHECK_INT(bide_future_result(task, &v), 0);
        CHECK_INT(v.as.i, next++);
    }
    bide_drop(tasks);
    CHECK_INT(next, many);
    BIDE_ASYNC_WITH (group, bide_group()) {
        for (int i = 0; i < many; i++)
            BIDE_WITH_TRY(group,
                          bide_group_start(group, bide_coro(nap, bide_int(i * 7919 % many))));
    }
    BIDE_END_WITH(group);
    CHECK_INT(bide_now(), BIDE_MS(2 * (many - 1)));
    return 0;
}

static void test_ends_in_disorder(void)
{
    run(end_in_disorder);
}

/* Of a group that lasts, no more results are kept than it has tasks, and a few. */
static BIDE_ASYNC int serve(bide_value arg, bide_value *result)
{
    size_t before = bide_debug_live(), most = 0;
    BIDE_ASYNC_WITH (group, bide_group()) {
        for (int i = 0; i < 200; i++) {
            BIDE_WITH_TRY(group, bide_group_start(group, bide_coro(nap, bide_int(1))));
            BIDE_WITH_TRY(group, bide_sleep(BIDE_MS(1)));
            if (bide_debug_live() - before > most)
                most = bide_debug_live() - before;
        }
    }
    BIDE_END_WITH(group);
    CHECK(most < 60);
    return 0;
}

static void test_a_group_that_lasts(void)
{
    run(serve);
}

static BIDE_ASYNC int forget(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value futures = bide_list();
    for (int i = 0; i < 40; i++)
        CHECK_INT(bide_list_append(futures, bide_future()), 0);
    bide_value last = bide_item(futures, 39), first = bide_item(futures, 2);
    for (int i = 0; i < 40; i++)
        if (i % 20 != 2 && i != 39)
            CHECK_INT(bide_future_set_result(bide_item(futures, (size_t)i), BIDE_NONE), 0);
    bide__forget_done(futures, 16); /* half of them and a few are no reason */
    CHECK_INT((int64_t)bide_size(futures), 40);
    bide_debug_fail_allocation(1);
    bide__forget_done(futures, 3);
    bide_debug_fail_allocation(0);
    CHECK(!bide_error_pending());
    CHECK_INT((int64_t)bide_size(futures), 40);
    bide__forget_done(futures, 3);
    CHECK_INT((int64_t)bide_size(futures), 3);
    CHECK(bide_is(bide_item(futures, 0), first) && bide_is(bide_item(futures, 2), last));
    return 0;
}

static void test_forgetting(void)
{
    run(forget);
}

/* --- without memory ----------------------------------------------------------------- */

static BIDE_ASYNC int use_all(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value a = napping(1);
    BIDE_TRY(
        bide_wait(bide_list(bide_ref(a), bide_ref(a)), BIDE_NEVER, BIDE_ALL_COMPLETED, NULL, NULL));
    BIDE_FOR (next, bide_as_completed(bide_list(bide_ref(a), napping(2)), BIDE_SECONDS(1)))
        BIDE_TRY(bide_await(bide_ref(next), NULL));
    return 0;
}

static void test_without_memory(void)
{
    bool failed = true;
    bide_set_exception_handler(ignore_report);
    bide_set_warning_hook(ignore_warning);
    for (size_t n = 1; failed; n++) {
        bide_debug_fail_allocation(n);
        int status = bide_run(bide_coro(use_all, BIDE_NONE), NULL);
        failed = bide_debug_allocations() >= n;
        bide_debug_fail_allocation(0);
        CHECK(status == 0 || bide_error_matches(BIDE_MemoryError));
        bide_error_clear();
        CHECK_INT((int64_t)bide_debug_live(), 0);
    }
    bide_set_warning_hook(NULL);
    bide_set_exception_handler(NULL);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_nobody_is_looked_at_twice);
    RUN(test_who_leaves_is_not_chosen);
    RUN(test_everyone_at_once);
    RUN(test_given_twice);
    RUN(test_ends_in_disorder);
    RUN(test_a_group_that_lasts);
    RUN(test_forgetting);
    RUN(test_without_memory);
    return check_end();
}
