/* The dump of tasks: who waits for whom, through every kind of wait, and where in the source; and
 * the deadlock report, which is made of it.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

/* Where it awaits is noted as "(here)": tests/unit/loop.c checks that lines are right. */
static void note_without_places(const char *text)
{
    const char *file = __FILE__;
    while (*text) {
        const char *place = strstr(text, file);
        size_t length = place ? (size_t)(place - text) : strlen(text);
        size_t used = strlen(check__notes);
        snprintf(check__notes + used, sizeof check__notes - used, "%.*s%s", (int)length, text,
                 place ? "here" : "");
        text += length;
        if (place)
            text += strlen(file) + 1 + strspn(text + strlen(file) + 1, "0123456789");
    }
}

static void note_dump(void)
{
    bide_value text = bide_tasks_text();
    note_without_places(bide_failed(text) ? "no text" : bide_cstr(text));
    bide_drop(text);
}

static int note_dump_later(bide_value arg)
{
    note_dump();
    return 0;
}

static void dump_after(int64_t delay)
{
    bide_drop(bide_call_later(delay, note_dump_later, BIDE_NONE));
}

static BIDE_ASYNC int named_main(bide_value coro, bide_value *result)
{
    BIDE_SCOPED bide_value me = bide_current_task();
    BIDE_TRY(bide_task_set_name(me, "main"));
    return bide_await(bide_ref(coro), result);
}

#define START(body, arg, name) bide_task(bide_coro(body, arg), name)
#define RUN_MAIN(body)                                                                             \
    CHECK_STEP("=> None", bide_run, bide_coro(named_main, bide_coro(body, BIDE_NONE)))

/* --- kinds of waits ----------------------------------------------------------------- */

static BIDE_ASYNC int sleeper(bide_value arg, bide_value *result)
{
    return bide_sleep(arg.as.i);
}

static BIDE_ASYNC int getter(bide_value arg, bide_value *result)
{
    return bide_queue_get(arg, result);
}

static BIDE_ASYNC int putter(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_queue_put(arg, bide_int(1)));
    return bide_queue_put(arg, bide_int(2));
}

static BIDE_ASYNC int locker(bide_value arg, bide_value *result)
{
    return bide_lock_acquire(arg);
}

static BIDE_ASYNC int listener(bide_value arg, bide_value *result)
{
    return bide_event_wait(arg);
}

static BIDE_ASYNC int counter(bide_value arg, bide_value *result)
{
    return bide_semaphore_acquire(arg);
}

static BIDE_ASYNC int iterating(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_FOR (item, bide_ref(arg))
        note_value("item", item);
    return 0;
}

static BIDE_ASYNC int all_kinds(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value empty = bide_queue(0), full = bide_queue(1), lock = bide_lock();
    BIDE_SCOPED bide_value event = bide_event(), semaphore = bide_semaphore(0);
    BIDE_TRY(bide_lock_acquire(lock));
    BIDE_SCOPED bide_value one = START(sleeper, bide_int(BIDE_MS(3500)), "sleeping");
    BIDE_SCOPED bide_value two = START(getter, bide_ref(empty), "getting");
    BIDE_SCOPED bide_value three = START(putter, bide_ref(full), "putting");
    BIDE_SCOPED bide_value four = START(locker, bide_ref(lock), "locking");
    BIDE_SCOPED bide_value five = START(listener, bide_ref(event), "listening");
    BIDE_SCOPED bide_value six = START(counter, bide_ref(semaphore), "counting");
    BIDE_SCOPED bide_value seven = START(iterating, bide_ref(empty), "iterating");
    BIDE_TRY(bide_sleep(0));
    BIDE_SCOPED bide_value eight = START(sleeper, bide_int(0), "new");
    note_dump();
    return 0;
}

static void test_every_kind_of_wait(void)
{
    RUN_MAIN(all_kinds);
    CHECK_NOTES(
        "9 tasks at 0.0 s:\n"
        "  task 'main': named_main (here), running\n"
        "  task 'sleeping': sleeper (here) > sleep until 3.5 s\n"
        "  task 'getting': getter (here) > Queue.get on <Queue object>\n"
        "  task 'putting': putter (here) > Queue.put on <Queue object>\n"
        "  task 'locking': locker (here) > Lock.acquire on <Lock object>, held by task 'main'\n"
        "  task 'listening': listener (here) > Event.wait on <Event object>\n"
        "  task 'counting': counter (here) > Semaphore.acquire on <Semaphore object>\n"
        "  task 'iterating': iterating (here) > __anext__ > Queue.get on <Queue object>\n"
        "  task 'new': sleeper, not started\n");
}

/* --- the tree ----------------------------------------------------------------------- */

static BIDE_ASYNC int joins(bide_value arg, bide_value *result)
{
    return bide_await(bide_ref(arg), result);
}

static BIDE_ASYNC int gathers(bide_value arg, bide_value *result)
{
    bide_value inner =
        bide_gather(bide_list(START(sleeper, bide_int(BIDE_SECONDS(9)), "b")), false);
    return bide_await(
        bide_gather(bide_list(START(sleeper, bide_int(BIDE_SECONDS(8)), "a"), inner), false),
        result);
}

static BIDE_ASYNC int through_a_helper(bide_value arg, bide_value *result)
{
    return bide_await(bide_coro(gathers, BIDE_NONE), result);
}

static BIDE_ASYNC int a_tree(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value top = START(through_a_helper, BIDE_NONE, "top");
    BIDE_SCOPED bide_value joining = START(joins, bide_ref(top), "joining");
    BIDE_SCOPED bide_value again = START(joins, bide_ref(top), "again");
    dump_after(BIDE_MS(1500));
    return bide_await(bide_ref(joining), NULL);
}

static void test_the_tree(void)
{
    RUN_MAIN(a_tree);
    CHECK_NOTES("6 tasks at 1.5 s:\n"
                "  task 'main': named_main (here) > a_tree (here) > task 'joining'\n"
                "    task 'joining': joins (here) > task 'top'\n"
                "      task 'top': through_a_helper (here) > gathers (here) > gather\n"
                "        task 'a': sleeper (here) > sleep until 8.0 s\n"
                "        gather\n"
                "          task 'b': sleeper (here) > sleep until 9.0 s\n"
                "  task 'again': joins (here) > task 'top'\n");
}

static int cancel(bide_value arg)
{
    bide_future_cancel(arg, NULL);
    return 0;
}

static BIDE_ASYNC int grouped(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (group, bide_group()) {
        bide_value coro = bide_coro(sleeper, bide_int(BIDE_SECONDS(1)));
        BIDE_SCOPED bide_value first = bide_group_task(group, coro, "first");
        coro = bide_coro(joins, bide_future());
        BIDE_SCOPED bide_value second = bide_group_task(group, coro, "second");
        dump_after(BIDE_MS(500));
        dump_after(BIDE_SECONDS(2));
        bide_drop(bide_call_later(BIDE_SECONDS(3), cancel, bide_ref(second)));
    }
    BIDE_END_WITH(group);
    return 0;
}

static void test_a_group(void)
{
    RUN_MAIN(grouped);
    CHECK_NOTES("3 tasks at 0.5 s:\n"
                "  task 'main': named_main (here) > grouped (here) > __aexit__ > TaskGroup\n"
                "    task 'first': sleeper (here) > sleep until 1.0 s\n"
                "    task 'second': joins (here) > Future made at here\n"
                "2 tasks at 2.0 s:\n"
                "  task 'main': named_main (here) > grouped (here) > __aexit__ > TaskGroup\n"
                "    task 'second': joins (here) > Future made at here\n");
}

static BIDE_ASYNC int waits(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value a = START(sleeper, bide_int(BIDE_SECONDS(1)), "a");
    BIDE_SCOPED bide_value b = START(sleeper, bide_int(BIDE_SECONDS(2)), "b");
    BIDE_SCOPED bide_value both = bide_list(bide_ref(a), bide_ref(b));
    dump_after(BIDE_MS(1500));
    return bide_wait(bide_ref(both), BIDE_NEVER, BIDE_ALL_COMPLETED, NULL, NULL);
}

static BIDE_ASYNC int shields(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value a = START(sleeper, bide_int(BIDE_SECONDS(1)), "a");
    dump_after(BIDE_MS(500));
    return bide_wait_for(bide_shield(bide_ref(a)), BIDE_SECONDS(7), NULL);
}

static void test_wait_shield_and_timeouts(void)
{
    RUN_MAIN(waits);
    CHECK_NOTES("2 tasks at 1.5 s:\n"
                "  task 'main': named_main (here) > waits (here) > wait\n"
                "    task 'b': sleeper (here) > sleep until 2.0 s\n");
    RUN_MAIN(shields);
    CHECK_NOTES("2 tasks at 0.5 s:\n"
                "  task 'main': named_main (here) > shields (here) > shield [timeout at 7.0 s]\n"
                "    task 'a': sleeper (here) > sleep until 1.0 s\n");
}

/* --- generators --------------------------------------------------------------------- */

static BIDE_ASYNC_GENERATOR int source(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    return bide_yield(bide_int(1), NULL);
}

static BIDE_ASYNC_GENERATOR int pipeline(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_FOR (item, bide_agen(source, BIDE_NONE))
        BIDE_TRY(bide_yield(bide_ref(item), NULL));
    return 0;
}

static BIDE_ASYNC int iterates(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value agen = bide_agen(pipeline, BIDE_NONE), item = BIDE_NONE;
    dump_after(BIDE_MS(500));
    BIDE_TRY(bide_await(bide_anext_or(agen, BIDE_NONE), &item));
    return bide_await(bide_aclose(agen), NULL);
}

static void test_async_generators(void)
{
    RUN_MAIN(iterates);
    CHECK_NOTES("1 task at 0.5 s:\n"
                "  task 'main': named_main (here) > iterates (here) > pipeline (here) > "
                "source (here) > sleep until 1.0 s\n");
}

/* --- deadlocks ---------------------------------------------------------------------- */

static void note_deadlock(bide_body *body)
{
    bide_value error = BIDE_NONE;
    bide_value coro = bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE);
    CHECK_INT(bide_run(bide_coro(named_main, coro), NULL), BIDE_RAISED);
    CHECK(bide_catch(BIDE_RuntimeError, &error));
    const char *lines = strchr(bide_error_message(error), '\n');
    note_without_places(lines ? lines : "no lines");
    /* The lines have the places that matter: where in Bide it was made is not told. */
    bide_value text = bide_error_traceback(error);
    CHECK(strncmp(bide_cstr(text), "RuntimeError: deadlock", 22) == 0);
    bide_drop(text);
    bide_drop(error);
}

static BIDE_ASYNC int gathers_in_vain(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value future = bide_future(), all = BIDE_NONE;
    all = bide_gather(bide_list(bide_ref(future), bide_shield(bide_ref(future))), false);
    int status = bide_await(bide_ref(all), result);
    bide_value error = bide_error_take();
    bide_future_cancel(future, NULL);
    return status < 0 ? bide_error_restore(error) : 0;
}

static void test_a_gather_of_what_nobody_will_finish(void)
{
    note_deadlock(gathers_in_vain);
    CHECK_NOTES("\n  task 'main': named_main (here) > body (here) > gather\n"
                "    Future made at here\n"
                "    shield\n"
                "      Future made at here");
}

/* The future that a shield followed goes before the gather that has the shield. */
static BIDE_ASYNC int gathers_a_cancelled_shield(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value future = bide_future(), inner = bide_future(), all = BIDE_NONE;
    bide_value shield = bide_shield(bide_ref(inner));
    all = bide_gather(bide_list(bide_ref(future), bide_ref(shield)), true);
    bide_future_cancel(shield, NULL);
    bide_drop(shield);
    BIDE_TRY(bide_sleep(0));
    bide_drop(inner);
    inner = BIDE_NONE;
    int status = bide_await(bide_ref(all), result);
    bide_value error = bide_error_take();
    bide_future_cancel(future, NULL);
    return status < 0 ? bide_error_restore(error) : 0;
}

static void test_a_gather_of_what_was_shielded(void)
{
    note_deadlock(gathers_a_cancelled_shield);
    CHECK_NOTES("\n  task 'main': named_main (here) > body (here) > gather\n"
                "    Future made at here");
}

/* Two tasks that wait for each other: there is no first one. */
static BIDE_ASYNC int joins_the_other(bide_value arg, bide_value *result)
{
    return bide_await(bide_ref(*(const bide_value *)arg.as.ptr), NULL);
}

static BIDE_ASYNC int circle(bide_value arg, bide_value *result)
{
    static bide_value one, two;
    one = START(joins_the_other, bide_ptr(&two), "one");
    two = START(joins_the_other, bide_ptr(&one), "two");
    int status = bide_await(bide_future(), NULL);
    bide_drop(one);
    bide_drop(two);
    return status;
}

static void test_a_circle(void)
{
    note_deadlock(circle);
    CHECK_NOTES("\n  task 'main': named_main (here) > body (here) > Future made at here\n"
                "  task 'one': joins_the_other (here) > task 'two'\n"
                "    task 'two': joins_the_other (here) > task 'one'");
}

/* --- locks, scopes, joins ----------------------------------------------------------- */

static BIDE_ASYNC int locks_both(bide_value locks, bide_value *result)
{
    BIDE_TRY(bide_lock_acquire(bide_item(locks, 0)));
    BIDE_TRY(bide_sleep(0));
    return bide_lock_acquire(bide_item(locks, 1));
}

static BIDE_ASYNC int the_classic(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value a = bide_lock(), b = bide_fair_lock();
    BIDE_SCOPED bide_value one = START(locks_both, bide_tuple(bide_ref(a), bide_ref(b)), "one");
    BIDE_SCOPED bide_value two = START(locks_both, bide_tuple(bide_ref(b), bide_ref(a)), "two");
    return bide_await(bide_gather(bide_list(bide_ref(one), bide_ref(two)), false), NULL);
}

static void test_two_locks(void)
{
    note_deadlock(the_classic);
    CHECK_NOTES("\n  task 'main': named_main (here) > body (here) > gather\n"
                "    task 'one': locks_both (here) > Lock.acquire on <Lock object>, held by task "
                "'two'\n"
                "    task 'two': locks_both (here) > Lock.acquire on <Lock object>, held by task "
                "'one'");
}

static BIDE_ASYNC int joins_in_a_scope(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value queue = bide_queue(0);
    BIDE_TRY(bide_queue_put_nowait(queue, BIDE_NONE));
    dump_after(BIDE_SECONDS(1));
    BIDE_ASYNC_WITH (scope, bide_scope(BIDE_SECONDS(3)))
        BIDE_WITH_TRY(scope, bide_queue_join(queue));
    BIDE_END_WITH(scope);
    return 0;
}

static void test_a_scope(void)
{
    RUN_MAIN(joins_in_a_scope);
    CHECK_NOTES("1 task at 1.0 s:\n"
                "  task 'main': named_main (here) > joins_in_a_scope (here) > Queue.join on <Queue "
                "object> [scope until 3.0 s]\n");
}

/* --- cancellations ------------------------------------------------------------------ */

static BIDE_ASYNC int swallows(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 2; i++)
        if (bide_sleep(BIDE_SECONDS(100)) < 0)
            BIDE_EXCEPT(BIDE_CancelledError, NULL);
    return bide_sleep(BIDE_SECONDS(1));
}

static BIDE_ASYNC int takes_back(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value me = bide_current_task();
    if (bide_sleep(BIDE_SECONDS(100)) < 0) {
        BIDE_EXCEPT(BIDE_CancelledError, NULL);
        bide_task_uncancel(me);
    }
    return bide_sleep(BIDE_SECONDS(1));
}

static BIDE_ASYNC int cancelling(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value bad = START(swallows, BIDE_NONE, "bad");
    BIDE_SCOPED bide_value good = START(takes_back, BIDE_NONE, "good");
    for (int i = 0; i < 2; i++) {
        BIDE_TRY(bide_sleep(0));
        bide_future_cancel(bad, NULL);
        BIDE_TRY(bide_sleep(0));
        BIDE_TRY(bide_sleep(0));
    }
    bide_future_cancel(good, NULL);
    note_dump();
    BIDE_TRY(bide_sleep(BIDE_MS(1)));
    CHECK_INT(bide_task_swallowed(bad), 2);
    CHECK_INT(bide_task_swallowed(good), 0);
    CHECK_INT(bide_task_swallowed(BIDE_NONE), 0);
    return 0;
}

static void test_swallowed_cancellations(void)
{
    bide_use_debug(true);
    RUN_MAIN(cancelling);
    bide_use_debug(false);
    CHECK_NOTES("3 tasks at 0.0 s:\n"
                "  task 'main': named_main (here), running\n"
                "  task 'bad': swallows (here) > sleep until 1.0 s [cancelled] "
                "[swallowed 2 cancellations]\n"
                "  task 'good': takes_back (here), ready [cancelled, not told yet]\n");
}

/* --- without a loop, and without memory --------------------------------------------- */

static void test_without_a_loop(void)
{
    CHECK_FAILS("!! RuntimeError: no running event loop", bide_tasks_text());
    puts("a line on stderr that there is no running event loop is meant to be there");
    bide_dump_tasks();
    CHECK(!bide_error_pending());
}

static BIDE_ASYNC int dump_without_memory(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value lock = bide_lock();
    BIDE_TRY(bide_lock_acquire(lock));
    BIDE_SCOPED bide_value locking = START(locker, bide_ref(lock), "locking");
    BIDE_TRY(bide_sleep(0));
    size_t n = 1, live = bide_debug_live();
    for (bool failed = true; failed; n++) {
        bide_debug_fail_allocation(n);
        bide_value text = bide_tasks_text();
        failed = bide_debug_allocations() >= n;
        bide_debug_fail_allocation(0);
        CHECK(bide_failed(text) == bide_catch(BIDE_MemoryError, NULL));
        bide_drop(text);
        CHECK_INT(bide_debug_live(), live);
    }
    CHECK(n > 3);
    return 0;
}

static void test_without_memory(void)
{
    RUN_MAIN(dump_without_memory);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_every_kind_of_wait);
    RUN(test_the_tree);
    RUN(test_a_group);
    RUN(test_wait_shield_and_timeouts);
    RUN(test_async_generators);
    RUN(test_a_gather_of_what_nobody_will_finish);
    RUN(test_a_gather_of_what_was_shielded);
    RUN(test_a_circle);
    RUN(test_two_locks);
    RUN(test_a_scope);
    RUN(test_swallowed_cancellations);
    RUN(test_without_a_loop);
    RUN(test_without_memory);
    return check_end();
}
