/* Shuffling by a seed: a race that the specified order hides comes out, the same seed gives the
 * same order, and what has an order keeps it.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "loop/shuffle.h"

enum { SEEDS = 50 };

/* Runs `body` with a seed, and takes what it noted. */
static void noted_with_seed(bide_body *body, int64_t seed, char *text, size_t size)
{
    check__notes[0] = '\0';
    bide_use_seed(seed);
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
    bide_use_seed(BIDE_NO_SEED);
    snprintf(text, size, "%s", check__notes);
    check__notes[0] = '\0';
}

/* How many different things it notes with different seeds; each seed notes the same again. */
static int count_orders(bide_body *body)
{
    static char seen[SEEDS][256];
    int count = 0;
    for (int64_t seed = 0; seed < SEEDS; seed++) {
        char again[256];
        bool known = false;
        noted_with_seed(body, seed, seen[count], sizeof *seen);
        noted_with_seed(body, seed, again, sizeof again);
        CHECK_STR(again, seen[count]);
        for (int i = 0; i < count; i++)
            known |= strcmp(seen[i], seen[count]) == 0;
        count += !known;
    }
    return count;
}

/* --- the numbers -------------------------------------------------------------------- */

static void test_numbers_are_the_same_everywhere(void)
{
    bide__loop loop = {0};
    bide__shuffle_from(&loop, 42);
    CHECK(bide__random(&loop) == UINT64_C(13679457532755275413));
    CHECK(bide__random(&loop) == UINT64_C(2949826092126892291));
}

/* --- a race ------------------------------------------------------------------------- */

static int64_t balance;

/* Reads, lets others run, and writes: what a lock would be for. */
static BIDE_ASYNC int deposit(bide_value arg, bide_value *result)
{
    int64_t before = balance;
    BIDE_TRY(bide_sleep(before == 0 ? 0 : BIDE_MS(1)));
    balance = before + arg.as.i;
    return 0;
}

/* In the specified order the first task has written before the others read. */
static BIDE_ASYNC int opens_then_deposits(bide_value arg, bide_value *result)
{
    balance = 0;
    BIDE_ASYNC_WITH (group, bide_group()) {
        BIDE_WITH_TRY(group, bide_group_start(group, bide_coro(deposit, bide_int(10))));
        BIDE_WITH_TRY(group, bide_sleep(0));
        BIDE_WITH_TRY(group, bide_sleep(0));
        BIDE_WITH_TRY(group, bide_group_start(group, bide_coro(deposit, bide_int(5))));
    }
    BIDE_END_WITH(group);
    note("%d", (int)balance);
    return 0;
}

static BIDE_ASYNC int two_that_race(bide_value arg, bide_value *result)
{
    balance = 1;
    BIDE_ASYNC_WITH (group, bide_group()) {
        BIDE_WITH_TRY(group, bide_group_start(group, bide_coro(deposit, bide_int(10))));
        BIDE_WITH_TRY(group, bide_group_start(group, bide_coro(deposit, bide_int(5))));
    }
    BIDE_END_WITH(group);
    note("%d", (int)balance);
    return 0;
}

static void test_a_race_comes_out(void)
{
    char text[256];
    noted_with_seed(two_that_race, BIDE_NO_SEED, text, sizeof text);
    CHECK_STR(text, "6"); /* the last to write wins */
    CHECK_INT(count_orders(two_that_race), 2);
    noted_with_seed(opens_then_deposits, BIDE_NO_SEED, text, sizeof text);
    CHECK_STR(text, "15");
    CHECK_INT(count_orders(opens_then_deposits), 1); /* one iteration and the next */
}

/* --- what is shuffled --------------------------------------------------------------- */

static BIDE_ASYNC int note_name(bide_value arg, bide_value *result)
{
    note("%s", bide_cstr(arg));
    BIDE_TRY(bide_sleep(0));
    note("%s", bide_cstr(arg));
    return 0;
}

static BIDE_ASYNC int three_tasks(bide_value arg, bide_value *result)
{
    return bide_await(bide_gather(bide_list(bide_coro(note_name, bide_str("a")),
                                            bide_coro(note_name, bide_str("b")),
                                            bide_coro(note_name, bide_str("c"))),
                                  false),
                      NULL);
}

static void test_steps_of_tasks(void)
{
    char text[256];
    noted_with_seed(three_tasks, BIDE_NO_SEED, text, sizeof text);
    CHECK_STR(text, "a, b, c, a, b, c");
    CHECK(count_orders(three_tasks) > 15); /* of 36 */
}

static int note_arg(bide_value arg)
{
    note("%s", bide_cstr(arg));
    return 0;
}

static BIDE_ASYNC int timers(bide_value arg, bide_value *result)
{
    bide_drop(bide_call_later(BIDE_MS(2), note_arg, bide_str("late")));
    bide_drop(bide_call_later(BIDE_MS(1), note_arg, bide_str("a")));
    bide_drop(bide_call_later(BIDE_MS(1), note_arg, bide_str("b")));
    return bide_sleep(BIDE_MS(3));
}

static void test_timers_with_the_same_deadline(void)
{
    CHECK_INT(count_orders(timers), 2);
}

/* Two deadlines that are both past when the loop comes round. */
static BIDE_ASYNC int overdue(bide_value arg, bide_value *result)
{
    bide_drop(bide_call_later(BIDE_MS(2), note_arg, bide_str("later")));
    bide_drop(bide_call_later(BIDE_MS(1), note_arg, bide_str("sooner")));
    BIDE_TRY(bide_advance(BIDE_MS(5)));
    return bide_sleep(0);
}

/* --- what keeps its order ----------------------------------------------------------- */

static BIDE_ASYNC int call_soon(bide_value arg, bide_value *result)
{
    for (const char *name = "abcdef"; *name; name++)
        bide_drop(bide_call_soon(note_arg, bide_strn(name, 1)));
    return bide_sleep(0);
}

static BIDE_ASYNC int get_one(bide_value arg, bide_value *result)
{
    bide_value item;
    BIDE_TRY(bide_queue_get(bide_item(arg, 0), &item));
    note("%s%d", bide_cstr(bide_item(arg, 1)), (int)item.as.i);
    return 0;
}

/* Each getter starts waiting in an iteration of its own; their items come all at once. */
static BIDE_ASYNC int getters(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value queue = bide_queue(0), tasks = bide_list();
    for (const char *name = "abcdef"; *name; name++) {
        bide_value getter = bide_tuple(bide_ref(queue), bide_strn(name, 1));
        BIDE_TRY(bide_list_append(tasks, bide_task(bide_coro(get_one, getter), NULL)));
        BIDE_TRY(bide_sleep(0));
        BIDE_TRY(bide_sleep(0));
    }
    for (int i = 0; i < 6; i++)
        BIDE_TRY(bide_queue_put_nowait(queue, bide_int(i)));
    return bide_await(bide_gather(bide_ref(tasks), false), NULL);
}

static int note_future(bide_value future, bide_value arg)
{
    return note_arg(arg);
}

static BIDE_ASYNC int callbacks(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value future = bide_future();
    for (const char *name = "abcdef"; *name; name++)
        BIDE_TRY(bide_future_add_done_callback(future, note_future, bide_strn(name, 1)));
    BIDE_TRY(bide_future_set_result(future, BIDE_NONE));
    return bide_sleep(BIDE_MS(1));
}

static void test_what_keeps_its_order(void)
{
    CHECK_INT(count_orders(overdue), 1);
    CHECK_INT(count_orders(call_soon), 1);
    CHECK_INT(count_orders(getters), 1);
    CHECK_INT(count_orders(callbacks), 1);
}

/* --- without memory ----------------------------------------------------------------- */

static void ignore_warning(const char *category, const char *message, const bide_origin *origin)
{
}

static void test_without_memory(void)
{
    bide_use_seed(1);
    bide_set_warning_hook(ignore_warning);
    for (size_t n = 1, made = n; made >= n; n++) {
        bide_value coro = bide_coro(three_tasks, BIDE_NONE);
        bide_debug_fail_allocation(n);
        if (bide_run(coro, NULL) < 0)
            CHECK(bide_catch(BIDE_MemoryError, NULL));
        made = bide_debug_allocations();
        bide_debug_fail_allocation(0);
        check__notes[0] = '\0';
        CHECK_INT(bide_debug_live(), 0);
    }
    bide_set_warning_hook(NULL);
    bide_use_seed(BIDE_NO_SEED);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_numbers_are_the_same_everywhere);
    RUN(test_a_race_comes_out);
    RUN(test_steps_of_tasks);
    RUN(test_timers_with_the_same_deadline);
    RUN(test_what_keeps_its_order);
    RUN(test_without_memory);
    return check_end();
}
