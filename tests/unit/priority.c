/* Priority queues: what compares with what, and what is refused, as Python's < has it.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

static bide_value queue;

static int put(bide_value item)
{
    return bide_queue_put_nowait(queue, item);
}

/* Takes everything: "1, 2, 3". */
static void check_order(const char *wanted)
{
    while (!bide_queue_empty(queue)) {
        bide_value item;
        CHECK_INT(bide_queue_get_nowait(queue, &item), 0);
        note_value("", item);
        bide_drop(item);
    }
    CHECK_NOTES(wanted);
}

static void test_numbers(void)
{
    queue = bide_priority_queue(0);
    CHECK_INT(put(bide_int(3)), 0);
    CHECK_INT(put(bide_float(2.5)), 0);
    CHECK_INT(put(bide_bool(true)), 0);
    CHECK_INT(put(bide_int(INT64_MIN)), 0);
    CHECK_INT(put(bide_int(INT64_MAX)), 0);
    check_order(" -9223372036854775808,  True,  2.5,  3,  9223372036854775807");
    bide_drop(queue);
}

static void test_texts(void)
{
    queue = bide_priority_queue(0);
    CHECK_INT(put(bide_str("b")), 0);
    CHECK_INT(put(bide_str("")), 0);
    CHECK_INT(put(bide_str("ba")), 0);
    CHECK_INT(put(bide_str("a")), 0);
    CHECK_RAISES("!! TypeError: '<' not supported between instances of 'bytes' and 'str'",
                 put(bide_bytes("a", 1)));
    check_order(" '',  'a',  'b',  'ba'");
    bide_drop(queue);
}

/* The first items that are not equal decide; whether what is equal has an order does not matter. */
static void test_tuples(void)
{
    queue = bide_priority_queue(0);
    CHECK_INT(put(bide_tuple(1, BIDE_NONE, 2)), 0);
    CHECK_INT(put(bide_tuple(1, BIDE_NONE, 1)), 0);
    CHECK_INT(put(bide_tuple(1, BIDE_NONE)), 0);
    CHECK_INT(put(bide_tuple(1, BIDE_NONE)), 0);
    CHECK_INT(put(bide_tuple(0, bide_tuple(2, 3))), 0);
    CHECK_INT(put(bide_tuple(0, bide_tuple(2))), 0);
    check_order(" (0, (2,)),  (0, (2, 3)),  (1, None),  (1, None),  (1, None, 1),  (1, None, 2)");
    bide_value event = bide_event();
    CHECK_INT(put(bide_tuple(7, bide_ref(event))), 0);
    CHECK_INT(put(bide_tuple(7, bide_ref(event))), 0);
    CHECK_INT((int64_t)bide_queue_size(queue), 2);
    bide_drop(event);
    bide_drop(queue);
}

/* Refused wherever in the heap it meets what it does not compare with; the queue is as it was. */
static void test_what_has_no_order(void)
{
    queue = bide_priority_queue(0);
    CHECK_INT(put(bide_tuple(0, "a")), 0);
    CHECK_INT(put(bide_tuple(1, BIDE_NONE)), 0);
    CHECK_INT(put(bide_tuple(2, "b")), 0);
    CHECK_RAISES("!! TypeError: '<' not supported between instances of 'list' and 'NoneType'",
                 put(bide_tuple(1, bide_list())));
    CHECK_RAISES("!! TypeError: '<' not supported between instances of 'str' and 'tuple'",
                 put(bide_str("c")));
    check_order(" (0, 'a'),  (1, None),  (2, 'b')");
    bide_drop(queue);
}

/* One alone is compared with nothing, whatever it is. */
static void test_one_alone(void)
{
    queue = bide_priority_queue(0);
    CHECK_INT(put(BIDE_NONE), 0);
    CHECK_RAISES("!! TypeError: '<' not supported between instances of 'NoneType' and 'NoneType'",
                 put(BIDE_NONE));
    check_order(" None");
    CHECK_INT(put(bide_event()), 0);
    CHECK_RAISES("!! TypeError: '<' not supported between instances of 'int' and 'Event'",
                 put(bide_int(1)));
    check_order(" <Event object>");
    bide_drop(queue);
}

/* --- those that have no order, and come next to each other only when one is taken --------- */

static const char no_order[] =
    "!! TypeError: '<' not supported between instances of 'str' and 'NoneType'";

static void put_what_has_no_order(void)
{
    CHECK_INT(put(bide_tuple(1, "a")), 0);
    CHECK_INT(put(bide_tuple(2, BIDE_NONE)), 0);
    CHECK_INT(put(bide_tuple(2, "x")), 0);
}

static void test_taking_what_has_no_order(void)
{
    queue = bide_priority_queue(0);
    put_what_has_no_order();
    CHECK_STEP(no_order, bide_queue_get_nowait, queue);
    CHECK_INT(bide_queue_size(queue), 3); /* CPython's has lost (1, 'a') */
    CHECK_RAISES(no_order, bide_queue_get_nowait(queue, NULL));
    CHECK_INT(put(bide_tuple(0, 7)), 0); /* now they are not compared */
    CHECK_STEP("=> (0, 7)", bide_queue_get_nowait, queue);
    CHECK_STEP(no_order, bide_queue_get_nowait, queue);
    CHECK_INT(bide_queue_size(queue), 3);
    CHECK_INT(bide_queue_shutdown(queue, true), 0);
    CHECK_INT(bide_queue_size(queue), 0);
    bide_drop(queue);
    queue = bide_priority_queue(0);
    put_what_has_no_order();
    bide_drop(queue);
}

/* Two pairs that have no order, one deeper in the heap than the other. */
static void test_the_deeper_pair(void)
{
    queue = bide_priority_queue(0);
    CHECK_INT(put(bide_tuple(0, 0)), 0);
    CHECK_INT(put(bide_tuple(1, 0)), 0);
    CHECK_INT(put(bide_tuple(9, 0)), 0);
    CHECK_INT(put(bide_tuple(2, BIDE_NONE)), 0);
    CHECK_INT(put(bide_tuple(2, "x")), 0);
    CHECK_INT(put(bide_tuple(9, 1)), 0);
    CHECK_STEP("!! TypeError: '<' not supported between instances of 'NoneType' and 'str'",
               bide_queue_get_nowait, queue);
    CHECK_INT(bide_queue_size(queue), 6);
    bide_drop(queue);
    queue = bide_priority_queue(0);
    CHECK_INT(put(bide_tuple(0, 0)), 0);
    CHECK_INT(put(bide_tuple(1, 0)), 0);
    CHECK_INT(put(bide_tuple(2, BIDE_NONE)), 0);
    CHECK_INT(put(bide_tuple(3, 0)), 0);
    CHECK_INT(put(bide_tuple(3, 1)), 0);
    CHECK_INT(put(bide_tuple(2, BIDE_NONE)), 0); /* equal: no order is needed */
    check_order(" (0, 0),  (1, 0),  (2, None),  (2, None),  (3, 0),  (3, 1)");
    bide_drop(queue);
}

static BIDE_ASYNC int get_one(bide_value arg, bide_value *result)
{
    CHECK_STEP(no_order, bide_queue_get, queue);
    note("raised");
    return 0;
}

/* Each of those who wait hears of it, and the items stay. */
static BIDE_ASYNC int put_to_waiting(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value one = bide_task(bide_coro(get_one, BIDE_NONE), NULL);
    BIDE_SCOPED bide_value two = bide_task(bide_coro(get_one, BIDE_NONE), NULL);
    BIDE_TRY(bide_sleep(0));
    put_what_has_no_order();
    BIDE_TRY(bide_await(bide_ref(one), NULL));
    BIDE_TRY(bide_await(bide_ref(two), NULL));
    CHECK_NOTES("raised, raised");
    CHECK_INT(bide_queue_size(queue), 3);
    return 0;
}

static void test_getters_that_wait(void)
{
    queue = bide_priority_queue(0);
    CHECK_STEP("=> None", bide_run, bide_coro(put_to_waiting, BIDE_NONE));
    bide_drop(queue);
}

/* --- the order of what is equal -------------------------------------------------------- */

static bide_value equal_to_others(int i)
{
    int n = i * 7 / 2 % 2, kind = i * 5 / 3 % 3;
    return kind == 0 ? bide_int(n) : kind == 1 ? bide_float(n) : bide_bool(n != 0);
}

/* As heapq gives them. */
static void test_equal_ones(void)
{
    queue = bide_priority_queue(0);
    for (int i = 0; i < 40; i++) {
        bide_value item;
        CHECK_INT(put(equal_to_others(i)), 0);
        if (i % 3 == 0)
            continue;
        CHECK_INT(bide_queue_get_nowait(queue, &item), 0);
        note_value("", item);
        bide_drop(item);
    }
    CHECK_NOTES(" 0,  1.0,  False,  0,  False,  0.0,  True,  0,  False,  1.0,  0.0,  False,  0.0,  "
                "0,  1,  False,  0.0,  1,  0,  0.0,  0,  False,  True,  0.0,  0,  1.0");
    bide_drop(queue);
}

static void test_many(void)
{
    enum { MANY = 1000 };
    queue = bide_priority_queue(0);
    for (int i = 0; i < MANY; i++)
        CHECK_INT(put(bide_tuple(i * 7919 % MANY, "x")), 0);
    for (int i = 0; i < MANY; i++) {
        bide_value item;
        CHECK_INT(bide_queue_get_nowait(queue, &item), 0);
        CHECK_INT(bide_item(item, 0).as.i, i);
        bide_drop(item);
    }
    bide_drop(queue);
}

int main(void)
{
    RUN(test_numbers);
    RUN(test_texts);
    RUN(test_tuples);
    RUN(test_what_has_no_order);
    RUN(test_one_alone);
    RUN(test_taking_what_has_no_order);
    RUN(test_the_deeper_pair);
    RUN(test_getters_that_wait);
    RUN(test_equal_ones);
    RUN(test_many);
    return check_end();
}
