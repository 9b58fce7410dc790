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
    CHECK_RAISES("!! TypeError: '<' not supported between instances of 'NoneType' and 'NoneType'",
                 put(BIDE_NONE));
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
    RUN(test_many);
    return check_end();
}
