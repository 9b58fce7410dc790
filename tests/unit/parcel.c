/* Parcels: what crosses is copied, whatever holds it; what does not cross is refused.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

/* The value, packed and opened. v moves in. */
static bide_value crossed(bide_value v)
{
    bide_parcel *parcel = bide_parcel_pack(v);
    return parcel ? bide_parcel_open(parcel) : BIDE_FAILED;
}

#define CHECK_CROSSES(v, wanted)                                                                   \
    do {                                                                                           \
        bide_value check__copy = crossed(v);                                                       \
        CHECK_REPR(check__copy, wanted);                                                           \
        bide_drop(check__copy);                                                                    \
    } while (0)

static void test_plain_values(void)
{
    int anything;
    CHECK_CROSSES(BIDE_NONE, "None");
    CHECK_CROSSES(bide_bool(true), "True");
    CHECK_CROSSES(bide_int(INT64_MIN), "-9223372036854775808");
    CHECK_CROSSES(bide_float(0.5), "0.5");
    CHECK(crossed(bide_ptr(&anything)).as.ptr == &anything);
}

static void test_copies(void)
{
    bide_value text = bide_strn("with\0nul", 8), copy = crossed(bide_ref(text));
    CHECK(bide_equal(text, copy));
    CHECK(!bide_is(text, copy));
    CHECK_INT(bide_size(copy), 8);
    bide_drop(text);
    bide_drop(copy);
    CHECK_CROSSES(bide_str(""), "''");
    CHECK_CROSSES(bide_bytes("\x01z", 2), "b'\\x01z'");
    CHECK_CROSSES(bide_list(), "[]");
    CHECK_CROSSES(bide_tuple(1, bide_list("two", bide_tuple(3.5)), BIDE_NONE),
                  "(1, ['two', (3.5,)], None)");
}

/* Long values, so that the parcel has to grow. */
static void test_long_values(void)
{
    bide_value list = bide_list(), copy;
    for (int i = 0; i < 1000; i++)
        CHECK_INT(bide_list_append(list, bide_strf("item %d", i)), 0);
    copy = crossed(bide_ref(list));
    CHECK(bide_equal(list, copy));
    bide_drop(list);
    bide_drop(copy);
}

static const bide_error_type too_hot = {"TooHot", BIDE_ValueError};

static int raise_from(void)
{
    bide_raise(BIDE_KeyError, "handled");
    bide_value cause = bide_error_new(BIDE_OSError, "the cause");
    return bide_raise_error(bide_error_from(bide_error_new(&too_hot, "%d degrees", 90), cause));
}

static void test_exceptions(void)
{
    CHECK_INT(raise_from(), BIDE_RAISED);
    bide_value error = bide_error_take(), copy = crossed(bide_ref(error));
    bide_value before = bide_error_traceback(error), after = bide_error_traceback(copy);
    CHECK(bide_is_error(copy, &too_hot));
    CHECK_STR(bide_cstr(after), bide_cstr(before));
    CHECK(strstr(bide_cstr(after), "the cause") && strstr(bide_cstr(after), "raise_from"));
    CHECK_STR(bide_error_message(bide_error_context(copy)), "handled");
    bide_drop(before);
    bide_drop(after);
    bide_drop(error);
    bide_drop(copy);
}

static void test_groups(void)
{
    bide_value members = bide_list(bide_error_new(BIDE_ValueError, "a"),
                                   bide_error_with(BIDE_KeyError, bide_int(2)));
    bide_value copy = crossed(bide_error_group("both", members)), text = bide_error_text(copy);
    CHECK_STR(bide_cstr(text), "ExceptionGroup(both)[ValueError: a, KeyError: 2]");
    CHECK_REPR(bide_error_value(bide_item(bide_error_members(copy), 1)), "2");
    bide_drop(text);
    bide_drop(copy);
}

static BIDE_ASYNC int nothing(bide_value arg, bide_value *result)
{
    return 0;
}

/* A value of an exception that does not cross is left out, and the exception crosses all the same.
 */
static void test_an_exception_with_a_coroutine(void)
{
    bide_value coro = bide_coro(nothing, BIDE_NONE);
    CHECK_STEP("=> None", bide_close, coro);
    bide_value copy = crossed(bide_error_with(BIDE_KeyError, coro));
    CHECK(bide_is_error(copy, BIDE_KeyError));
    CHECK_REPR(bide_error_value(copy), "None");
    CHECK(strstr(bide_error_message(copy), "coroutine") != NULL);
    bide_drop(copy);
}

/* `raise from` makes the cause the context too: copied once, or 40 levels would be 2^40 copies. */
static void test_a_long_chain_of_causes(void)
{
    bide_value error = bide_error_new(BIDE_ValueError, "first"), copy, at;
    for (int i = 0; i < 40; i++) {
        bide_raise_error(error);
        bide_value next = bide_error_new(BIDE_ValueError, "%d", i);
        bide_raise_error(bide_error_from(next, bide_ref(error)));
        error = bide_error_take();
    }
    copy = crossed(error);
    at = copy;
    for (int i = 0; i < 40; i++) {
        CHECK(bide_is(bide_error_cause(at), bide_error_context(at)));
        at = bide_error_cause(at);
    }
    CHECK_STR(bide_error_message(at), "first");
    bide_drop(copy);
}

static void test_what_stays(void)
{
    CHECK_FAILS("!! TypeError: a generator stays on its thread: what crosses to another is copied; "
                "send what it holds, or a pointer",
                crossed(bide_list(1, bide_gen(nothing, BIDE_NONE))));
    bide_value lock = bide_lock();
    CHECK_FAILS("!! TypeError: a Lock stays on its thread: what crosses to another is copied; send "
                "what it holds, or a pointer",
                crossed(bide_tuple(bide_str("copied"), lock)));
    CHECK_FAILS("!! ValueError: no value",
                (bide_raise(BIDE_ValueError, "no value"), crossed(BIDE_FAILED)));
}

static bide_value nested(int levels)
{
    bide_value v = BIDE_NONE;
    for (int i = 0; i < levels; i++)
        v = bide_list(v);
    return v;
}

static void test_depth(void)
{
    bide_value deep = crossed(nested(100));
    CHECK(!bide_failed(deep));
    bide_drop(deep);
    CHECK_FAILS("!! RecursionError: a value that crosses to another thread may be nested 100 deep",
                crossed(nested(101)));
}

static void test_a_parcel_that_nobody_opens(void)
{
    bide_parcel_drop(bide_parcel_pack(bide_list("text", bide_error_new(BIDE_OSError, "lost"))));
    bide_parcel_drop(NULL);
}

static void test_failing_allocations(void)
{
    size_t n = 0;
    bool failed;
    do {
        bide_value members = bide_list(bide_error_new(BIDE_ValueError, "a"));
        bide_value v = bide_tuple(bide_error_group("group", members), bide_list("text", 1));
        bide_debug_fail_allocation(++n);
        bide_value copy = crossed(v);
        failed = bide_debug_allocations() >= n;
        bide_debug_fail_allocation(0);
        CHECK(failed == bide_failed(copy));
        if (bide_failed(copy))
            CHECK(bide_catch(BIDE_MemoryError, NULL));
        bide_drop(copy);
    } while (failed);
    CHECK(n > 5);
}

/* The exceptions that are there when memory is not cross as those of the other side. */
static void test_memory_error(void)
{
    bide_debug_fail_allocation(1);
    CHECK(bide_failed(bide_str("no memory")));
    bide_debug_fail_allocation(0);
    bide_value copy = crossed(bide_error_take());
    CHECK(bide_is_error(copy, BIDE_MemoryError));
    bide_drop(copy);
}

int main(void)
{
    RUN(test_plain_values);
    RUN(test_copies);
    RUN(test_long_values);
    RUN(test_exceptions);
    RUN(test_groups);
    RUN(test_an_exception_with_a_coroutine);
    RUN(test_a_long_chain_of_causes);
    RUN(test_what_stays);
    RUN(test_depth);
    RUN(test_a_parcel_that_nobody_opens);
    RUN(test_failing_allocations);
    RUN(test_memory_error);
    return check_end();
}
