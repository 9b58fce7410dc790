/* Which pointers are tasks of a loop, and what a dump makes of that: who holds each of many locks,
 * and that nobody holds one whose holder has ended.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "loop/task_set.h"
#include "loop/task.h"

static const int many = CHECK_FIBERS(1000);

static BIDE_ASYNC int wait_in_line(bide_value lock, bide_value *result)
{
    return bide_lock_acquire(lock);
}

static BIDE_ASYNC int hold_and_wait(bide_value locks, bide_value *result)
{
    BIDE_TRY(bide_lock_acquire(bide_item(locks, 0)));
    BIDE_TRY(bide_sleep(0));
    return bide_lock_acquire(bide_item(locks, 1));
}

static BIDE_ASYNC int forget_to_release(bide_value lock, bide_value *result)
{
    return bide_lock_acquire(lock);
}

static BIDE_ASYNC int ask(bide_value arg, bide_value *result)
{
    struct bide__task_set set = {0};
    bide__loop *loop = bide__loop_required();
    BIDE_SCOPED bide_value lock = bide_lock(), me = bide_current_task(), tasks = bide_list();
    CHECK(!bide__task_set_has(&set, bide__task_of(me)));
    BIDE_TRY(bide_lock_acquire(lock));
    for (int i = 0; i < many; i++)
        BIDE_TRY(bide_list_append(tasks, bide_task(bide_coro(wait_in_line, bide_ref(lock)), NULL)));
    BIDE_TRY(bide_sleep(0));
    CHECK(bide__task_set_fill(&set, loop));
    CHECK(bide__task_set_has(&set, bide__task_of(me)));
    for (int i = 0; i < many; i++) {
        const bide__task *task = bide__task_of(bide_item(tasks, (size_t)i));
        CHECK(bide__task_set_has(&set, task));
        CHECK(!bide__task_set_has(&set, (const bide__task *)((const char *)task + 8)));
    }
    bide__task_set_free(&set);
    CHECK(!bide__task_set_has(&set, bide__task_of(me)));
    CHECK_INT(bide_lock_release(lock), 0);
    for (int i = 0; i < many; i++) {
        BIDE_TRY(bide_await(bide_ref(bide_item(tasks, (size_t)i)), NULL));
        CHECK_INT(bide_lock_release(lock), 0);
    }
    return 0;
}

static void test_the_set(void)
{
    CHECK_STEP("=> None", bide_run, bide_coro(ask, BIDE_NONE));
}

/* Each holds the lock with its number and waits for the next one's, the last for the first. */
static BIDE_ASYNC int dump_a_circle(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value locks = bide_list(), tasks = bide_list();
    for (int i = 0; i < many; i++)
        BIDE_TRY(bide_list_append(locks, bide_lock()));
    for (size_t i = 0; i < (size_t)many; i++) {
        bide_value mine = bide_ref(bide_item(locks, i));
        bide_value next = bide_ref(bide_item(locks, (i + 1) % (size_t)many));
        BIDE_SCOPED bide_value name = bide_strf("holder-%zu", i);
        bide_value task =
            bide_task(bide_coro(hold_and_wait, bide_tuple(mine, next)), bide_cstr(name));
        BIDE_TRY(bide_list_append(tasks, task));
    }
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_sleep(0));
    BIDE_SCOPED bide_value text = bide_tasks_text();
    const char *at = bide_cstr(text);
    for (int i = 0; at && i < many; i++) {
        BIDE_SCOPED bide_value wanted = bide_strf("task 'holder-%d': ", i);
        BIDE_SCOPED bide_value held = bide_strf(", held by task 'holder-%d'\n", (i + 1) % many);
        at = strstr(at, bide_cstr(wanted));
        at = at ? strstr(at, ", held") : NULL;
        CHECK(at && strncmp(at, bide_cstr(held), bide_size(held)) == 0);
    }
    return 0; /* which cancels them */
}

static void test_a_circle_of_locks(void)
{
    CHECK_STEP("=> None", bide_run, bide_coro(dump_a_circle, BIDE_NONE));
}

static BIDE_ASYNC int dump_an_orphan(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value lock = bide_lock();
    BIDE_TRY(bide_await(bide_task(bide_coro(forget_to_release, bide_ref(lock)), NULL), NULL));
    bide_drop(bide_task(bide_coro(wait_in_line, bide_ref(lock)), "waiting"));
    BIDE_TRY(bide_sleep(0));
    BIDE_SCOPED bide_value text = bide_tasks_text();
    CHECK(strstr(bide_cstr(text), "Lock.acquire on <Lock object>\n"));
    return 0;
}

static void test_a_holder_that_has_ended(void)
{
    CHECK_STEP("=> None", bide_run, bide_coro(dump_an_orphan, BIDE_NONE));
}

/* --- without memory ----------------------------------------------------------------- */

static BIDE_ASYNC int dump_without_memory(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value lock = bide_lock();
    BIDE_TRY(bide_lock_acquire(lock));
    bide_drop(bide_task(bide_coro(wait_in_line, bide_ref(lock)), "waiting"));
    BIDE_TRY(bide_sleep(0));
    bool failed = true;
    size_t n = 1;
    for (; failed; n++) {
        bide_debug_fail_allocation(n);
        bide_value text = bide_tasks_text();
        failed = bide_debug_allocations() >= n;
        bide_debug_fail_allocation(0);
        CHECK(bide_failed(text) == bide_catch(BIDE_MemoryError, NULL));
        CHECK(bide_failed(text) || strstr(bide_cstr(text), ", held by task 'Task-"));
        bide_drop(text);
    }
    CHECK(n > 3);
    return 0;
}

static void test_without_memory(void)
{
    CHECK_STEP("=> None", bide_run, bide_coro(dump_without_memory, BIDE_NONE));
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_the_set);
    RUN(test_a_circle_of_locks);
    RUN(test_a_holder_that_has_ended);
    RUN(test_without_memory);
    return check_end();
}
