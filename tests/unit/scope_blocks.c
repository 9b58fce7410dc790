/* Cancel scopes around task groups, gather and conditions; async generators that yield in a block.
 *
 * SPDX-License-Identifier: MIT */
#include "scopes.h"

/* --- with groups, gather and others ------------------------------------------------- */

static BIDE_ASYNC int slow_to_end(bide_value arg, bide_value *result)
{
    if (bide_sleep(BIDE_SECONDS(9)) < 0) {
        bide_value error = bide_error_take();
        BIDE_TRY(bide_sleep(BIDE_MS(5)));
        note("child ended");
        return bide_error_restore(error);
    }
    return 0;
}

static BIDE_ASYNC int group_in_scope(bide_value arg, bide_value *result)
{
    for (int in_body = 0; in_body < 2; in_body++) {
        int64_t start = bide_now();
        BIDE_ASYNC_WITH (scope, bide_scope(BIDE_MS(10))) {
            BIDE_ASYNC_WITH (group, bide_group()) {
                BIDE_WITH_TRY(group, bide_group_start(group, bide_coro(slow_to_end, BIDE_NONE)));
                if (in_body)
                    BIDE_WITH_TRY(group, bide_sleep(BIDE_SECONDS(1)));
            }
            BIDE_END_WITH(group, BIDE_LEAVE(scope));
            note("not here");
        }
        CHECK_INT(bide_now() - start, BIDE_MS(15)); /* its tasks are waited for */
        BIDE_END_WITH(scope);
        note("left");
    }
    return 0;
}

static BIDE_ASYNC int fail(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_MS(arg.as.i)));
    return bide_raise(BIDE_ValueError, "child");
}

/* A group inside a shield cancels its own body; one around it waits for the shield to end. */
static BIDE_ASYNC int group_and_shield(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (shield, bide_shielded_scope(BIDE_NEVER)) {
        BIDE_ASYNC_WITH (group, bide_group()) {
            BIDE_WITH_TRY(group, bide_group_start(group, bide_coro(fail, bide_int(1))));
            BIDE_WITH_TRY(group, bide_sleep(BIDE_SECONDS(1)));
        }
        BIDE_END_WITH(group, (void)0);
        CHECK(bide_catch(BIDE_ExceptionGroup, NULL));
        CHECK_INT(bide_now(), BIDE_MS(1));
        CHECK_INT(bide_sleep(1), 0);
    }
    BIDE_END_WITH(shield);
    BIDE_ASYNC_WITH (group, bide_group()) {
        BIDE_WITH_TRY(group, bide_group_start(group, bide_coro(fail, bide_int(1))));
        BIDE_ASYNC_WITH (shield, bide_shielded_scope(BIDE_NEVER)) {
            CHECK_INT(bide_sleep(BIDE_MS(5)), 0);
            note("undisturbed");
        }
        BIDE_END_WITH(shield, BIDE_LEAVE(group));
        note("not here");
    }
    BIDE_END_WITH(group, (void)0);
    CHECK(bide_catch(BIDE_ExceptionGroup, NULL));
    CHECK_INT(bide_sleep(1), 0);
    return 0;
}

static BIDE_ASYNC int gathered(bide_value arg, bide_value *result)
{
    bide_value a = bide_task(napping(100), NULL), b = bide_task(napping(100), NULL);
    BIDE_ASYNC_WITH (scope, bide_scope(BIDE_MS(10))) {
        BIDE_WITH_TRY(scope,
                      bide_await(bide_gather(bide_list(bide_ref(a), bide_ref(b)), false), NULL));
        note("not here");
    }
    CHECK(bide_future_cancelled(a) && bide_future_cancelled(b));
    BIDE_END_WITH(scope);
    bide_drop(a);
    bide_drop(b);

    /* Two tasks wait for the same one, the scope of one of them is cancelled. */
    BIDE_ASYNC_WITH (scope, bide_scope(BIDE_NEVER)) {
        bide_scope_cancel(scope, "new");
        CHECK_STEP("!! CancelledError: new", bide_await,
                   bide_gather(bide_list(napping(1), napping(2)), true));
    }
    BIDE_END_WITH(scope);
    return 0;
}

static BIDE_ASYNC int swallow(bide_value arg, bide_value *result)
{
    if (bide_sleep(BIDE_SECONDS(1)) < 0)
        bide_error_clear();
    return bide_return(result, "anyway");
}

static BIDE_ASYNC int awaited_task_goes_on(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (scope, bide_scope(BIDE_MS(1))) {
        CHECK_STEP("=> 'anyway'", bide_await, bide_task(bide_coro(swallow, BIDE_NONE), NULL));
        BIDE_WITH_TRY(scope, bide_sleep(0));
        note("not here");
    }
    BIDE_END_WITH(scope);
    return 0;
}

static BIDE_ASYNC int condition_in_scope(bide_value arg, bide_value *result)
{
    bide_value condition = bide_condition(BIDE_NONE);
    CHECK_INT(bide_condition_acquire(condition), 0);
    BIDE_ASYNC_WITH (scope, bide_scope(BIDE_MS(1))) {
        int status = bide_condition_wait(condition);
        CHECK(bide_condition_locked(condition));
        BIDE_WITH_TRY(scope, status);
        note("not here");
    }
    BIDE_END_WITH(scope);
    bide_condition_release(condition);
    bide_drop(condition);
    return 0;
}

static BIDE_ASYNC int hold_lock(bide_value condition, bide_value *result)
{
    BIDE_TRY(bide_condition_acquire(condition));
    BIDE_TRY(bide_sleep(BIDE_MS(10)));
    note("released");
    return bide_condition_release(condition);
}

/* The lock is had again however long that takes. */
static BIDE_ASYNC int condition_is_reacquired(bide_value arg, bide_value *result)
{
    bide_value condition = bide_condition(BIDE_NONE);
    CHECK_INT(bide_condition_acquire(condition), 0);
    bide_value other = bide_task(bide_coro(hold_lock, bide_ref(condition)), NULL);
    BIDE_ASYNC_WITH (scope, bide_scope(BIDE_MS(1))) {
        int status = bide_condition_wait(condition);
        CHECK_INT(bide_now(), BIDE_MS(10));
        BIDE_WITH_TRY(scope, status);
        note("not here");
    }
    BIDE_END_WITH(scope);
    bide_condition_release(condition);
    CHECK_STEP("=> None", bide_await, other);
    bide_drop(condition);
    return 0;
}

static void test_groups_and_others(void)
{
    run(group_in_scope);
    CHECK_NOTES("child ended, left, child ended, left");
    run(group_and_shield);
    CHECK_NOTES("undisturbed");
    run(gathered);
    CHECK_NOTES("");
    run(awaited_task_goes_on);
    run(condition_in_scope);
    CHECK_NOTES("");
    run(condition_is_reacquired);
    CHECK_NOTES("released");
}

/* --- yielding inside blocks --------------------------------------------------------- */

static BIDE_ASYNC_GENERATOR int yields_inside(bide_value arg, bide_value *result)
{
    bide_value manager = arg.as.i == 0   ? bide_scope(BIDE_MS(5))
                         : arg.as.i == 1 ? bide_timeout(BIDE_MS(5))
                                         : bide_group();
    BIDE_TRY(bide_yield(bide_str("before"), NULL));
    BIDE_ASYNC_WITH (block, manager) {
        BIDE_WITH_TRY(block, bide_sleep(1));
        BIDE_WITH_TRY(block, bide_yield(bide_str("inside"), NULL));
        note("went on");
    }
    BIDE_END_WITH(block);
    return bide_yield(bide_str("after"), NULL);
}

static BIDE_ASYNC int consume(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_FOR (item, bide_agen(yields_inside, bide_ref(arg)))
        note("%s", bide_cstr(item));
    return 0;
}

static BIDE_ASYNC int consumed(bide_value arg, bide_value *result)
{
    static const char *const names[] = {"cancel scope", "timeout", "task group"};
    for (int i = 0; i < 3; i++) {
        BIDE_SCOPED bide_value wanted = bide_strf(
            "async generator 'yields_inside' yields inside a %s, which would cancel its consumer: "
            "leave the block first, or use the generator with bide_context_manager",
            names[i]);
        CHECK_INT(bide_await(bide_coro(consume, bide_int(i)), NULL), BIDE_RAISED);
        BIDE_SCOPED bide_value error = bide_error_take();
        bide_value refusal = i == 2 ? bide_item(bide_error_members(error), 0) : error;
        CHECK(bide_is_error(refusal, BIDE_RuntimeError));
        CHECK_STR(bide_error_message(refusal), bide_cstr(wanted));
    }
    return 0;
}

static BIDE_ASYNC_GENERATOR int slow_items(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 3; i++) {
        BIDE_TRY(bide_sleep(BIDE_MS(4)), goto finally);
        BIDE_TRY(bide_yield(bide_int(i), NULL), goto finally);
    }
finally:
    note("closed");
    return bide_error_pending() ? BIDE_RAISED : 0;
}

/* The scope is the consumer's: a wait of the generator ends, or the loop's body does. */
static BIDE_ASYNC int consumer_in_scope(bide_value arg, bide_value *result)
{
    for (int in_body = 0; in_body < 2; in_body++) {
        BIDE_ASYNC_WITH (scope, bide_scope(BIDE_MS(10))) {
            BIDE_ASYNC_FOR (item, bide_agen(slow_items, BIDE_NONE), BIDE_LEAVE(scope)) {
                note("%d", (int)item.as.i);
                if (in_body)
                    BIDE_WITH_TRY(scope, bide_sleep(BIDE_SECONDS(1)));
            }
            note("not here");
        }
        BIDE_END_WITH(scope);
    }
    CHECK_INT(bide_now(), BIDE_MS(20));
    return 0;
}

static BIDE_ASYNC_GENERATOR int within_scope(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (scope, bide_scope(BIDE_MS(5))) {
        BIDE_WITH_TRY(scope, bide_yield(bide_ref(scope), NULL));
    }
    BIDE_END_WITH(scope);
    note("after");
    return 0;
}

static BIDE_ASYNC int as_a_manager(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (scope, bide_context_manager(bide_agen(within_scope, BIDE_NONE))) {
        BIDE_WITH_TRY(scope, bide_sleep(BIDE_SECONDS(1)));
    }
    BIDE_END_WITH(scope);
    CHECK_INT(bide_now(), BIDE_MS(5));
    return 0;
}

static void test_async_generators(void)
{
    run(consumed);
    CHECK_NOTES("before, before, before");
    run(as_a_manager);
    CHECK_NOTES("after");
    run(consumer_in_scope);
    CHECK_NOTES("0, 1, closed, 0, closed");
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_groups_and_others);
    RUN(test_async_generators);
    return check_end();
}
