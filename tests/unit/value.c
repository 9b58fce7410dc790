/* Values: constructors, looking at them, equality and truth, text as Python prints it, lists,
 * boxing, references, and poison: what a constructor that raised leaves behind.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include <math.h>

/* An object that counts how many of its kind are alive. */
static int things;

static void thing_finalize(void *self)
{
    things--;
}

static bide_value thing_repr(void *self)
{
    return bide_str("<a thing>");
}

static const bide_type thing_type = {
    .name = "Thing", .finalize = thing_finalize, .repr = thing_repr};
static const bide_type plain_type = {.name = "Plain"};

static bide_value new_thing(void)
{
    bide_value v = bide_object_value(bide_object_new(&thing_type, sizeof(bide_object)));
    things += !bide_failed(v);
    return v;
}

/* --- making and looking -------------------------------------------------------------------------
 */

static void test_plain_kinds(void)
{
    int target = 0;
    CHECK_INT(BIDE_NONE.kind, BIDE_KIND_NONE);
    CHECK(bide_is_none(BIDE_NONE) && !bide_is_none(bide_int(0)));
    CHECK_INT(bide_int(INT64_MIN).as.i, INT64_MIN);
    CHECK(bide_bool(true).as.b && !bide_bool(false).as.b);
    CHECK(bide_float(0.5).as.f == 0.5);
    CHECK(bide_ptr(&target).as.ptr == &target);
    CHECK(bide_failed(BIDE_FAILED) && !bide_failed(BIDE_NONE));
    CHECK(bide_failed(bide_object_value(NULL)));
    CHECK_INT(sizeof(bide_value), 16);
}

static void test_type_names(void)
{
    bide_value values[] = {BIDE_NONE,     bide_bool(true),
                           bide_int(1),   bide_float(1),
                           bide_str("s"), bide_bytes("b", 1),
                           bide_list(),   bide_tuple(),
                           new_thing(),   bide_error_new(BIDE_KeyError, NULL)};
    const char *names[] = {"NoneType", "bool", "int",   "float", "str",
                           "bytes",    "list", "tuple", "Thing", "KeyError"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        CHECK_STR(bide_type_name(values[i]), names[i]);
        bide_drop(values[i]);
    }
    CHECK_INT(things, 0);
}

static void test_text_and_bytes(void)
{
    bide_value v = bide_strn("abc\0def", 7);
    CHECK_INT(bide_size(v), 7);
    CHECK_STR(bide_cstr(v), "abc");
    CHECK(memcmp(bide_data(v), "abc\0def", 8) == 0); /* and a NUL after it */
    bide_drop(v);
    v = bide_bytes("xyz", 2);
    CHECK_INT(bide_size(v), 2);
    CHECK(memcmp(bide_data(v), "xy", 2) == 0);
    bide_drop(v);
    v = bide_bytes(NULL, 5);
    CHECK(memcmp(bide_data(v), "\0\0\0\0", 5) == 0);
    memcpy(bide_data(v), "12345", 5);
    CHECK_REPR(v, "b'12345'");
    bide_drop(v);
    v = bide_str("");
    CHECK_INT(bide_size(v), 0);
    bide_drop(v);
    CHECK_INT(bide_size(bide_int(5)), 0);
}

static void test_format(void)
{
    bide_value v = BIDE_NONE;
    CHECK_INT(bide_format(&v, "%s %d", "a", 7), 0);
    CHECK_STR(bide_cstr(v), "a 7");
    bide_drop(v);
    /* Longer than any buffer on the way. */
    v = bide_strf("%05000d", 7);
    CHECK_INT(bide_size(v), 5000);
    CHECK_STR(bide_cstr(v) + 4998, "07");
    bide_drop(v);
    for (int size = 120; size < 136; size++) {
        v = bide_strf("%0*d", size, 1);
        CHECK_INT(bide_size(v), size);
        CHECK_INT(strlen(bide_cstr(v)), size);
        bide_drop(v);
    }
}

/* --- lists ------------------------------------------------------------------------ */

static void test_lists(void)
{
    bide_value list = bide_list(1, "two", 3.5, BIDE_NONE, (bool)true);
    CHECK_REPR(list, "[1, 'two', 3.5, None, True]");
    CHECK_INT(bide_size(list), 5);
    CHECK_STR(bide_cstr(bide_item(list, 1)), "two");
    for (int i = 0; i < 20; i++)
        CHECK_INT(bide_list_append(list, bide_int(i)), 0);
    CHECK_INT(bide_size(list), 25);
    CHECK_INT(bide_item(list, 24).as.i, 19);
    CHECK_INT(bide_list_append(list, new_thing()), 0);
    bide_drop(list);
    CHECK_INT(things, 0);
    list = bide_list(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    CHECK_REPR(list, "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]");
    bide_drop(list);
    bide_value items[] = {bide_str("a"), new_thing()};
    list = bide_tuple_of(items, 2);
    CHECK_REPR(list, "('a', <a thing>)");
    CHECK_RAISES("!! TypeError: bide_list_append needs a list, not 'tuple'",
                 bide_list_append(list, new_thing()));
    bide_drop(list);
    CHECK_RAISES("!! TypeError: bide_list_append needs a list, not 'int'",
                 bide_list_append(bide_int(3), bide_str("dropped")));
    list = bide_list_of(NULL, 0);
    CHECK_REPR(list, "[]");
    bide_drop(list);
}

static void test_boxing(void)
{
    const char *constant = "constant";
    char text[] = "text";
    unsigned char byte = 200;
    short small = -3;
    float single = 0.5F;
    bide_value list = bide_list(constant, text, byte, small, single, 2.0, 7U, 8L, 9ULL, (bool)false,
                                (int64_t)-1, (size_t)10);
    CHECK_REPR(list, "['constant', 'text', 200, -3, 0.5, 2.0, 7, 8, 9, False, -1, 10]");
    bide_drop(list);
}

/* --- comparing -------------------------------------------------------------------- */

static bool equal(bide_value a, bide_value b)
{
    bool answer = bide_equal(a, b);
    CHECK(bide_equal(b, a) == answer);
    bide_drop(a);
    bide_drop(b);
    return answer;
}

static void test_equality(void)
{
    CHECK(equal(BIDE_NONE, BIDE_NONE));
    CHECK(equal(bide_int(1), bide_float(1)));
    CHECK(equal(bide_int(1), bide_bool(true)));
    CHECK(equal(bide_bool(false), bide_float(-0.0)));
    CHECK(!equal(bide_int(1), bide_int(2)));
    CHECK(!equal(bide_int(0), BIDE_NONE));
    CHECK(!equal(bide_float(NAN), bide_float(NAN)));
    CHECK(equal(bide_float(0.0), bide_float(-0.0)));
    /* As Python, exactly: no rounding to a double on the way. */
    CHECK(!equal(bide_int(9007199254740993), bide_float(9007199254740992.0)));
    CHECK(!equal(bide_int(INT64_MAX), bide_float(0x1p63)));
    CHECK(equal(bide_int(INT64_MIN), bide_float(-0x1p63)));
    CHECK(!equal(bide_int(0), bide_float(INFINITY)));
    CHECK(equal(bide_str("ab"), bide_str("ab")));
    CHECK(!equal(bide_str("ab"), bide_str("abc")));
    CHECK(!equal(bide_str("ab"), bide_bytes("ab", 2)));
    CHECK(equal(bide_list(1, bide_list("x")), bide_list(1.0, bide_list("x"))));
    CHECK(!equal(bide_list(1, 2), bide_tuple(1, 2)));
    CHECK(!equal(bide_list(1, 2), bide_list(1, 3)));
    CHECK(!equal(new_thing(), new_thing()));
    bide_value thing = new_thing();
    CHECK(equal(bide_ref(thing), thing));
    CHECK(!equal(bide_str("1"), bide_int(1)));
}

static void test_identity(void)
{
    bide_value a = bide_str("same"), b = bide_str("same");
    CHECK(bide_is(a, a) && !bide_is(a, b));
    CHECK(bide_is(bide_int(5), bide_int(5)) && !bide_is(bide_int(1), bide_bool(true)));
    CHECK(bide_is(BIDE_NONE, BIDE_NONE));
    CHECK(bide_is(bide_ptr(&things), bide_ptr(&things)) &&
          !bide_is(bide_ptr(&things), bide_ptr(0)));
    bide_drop(a);
    bide_drop(b);
}

static bool truthy(bide_value v)
{
    bool answer = bide_truthy(v);
    bide_drop(v);
    return answer;
}

static void test_truth(void)
{
    CHECK(!truthy(BIDE_NONE) && !truthy(bide_int(0)) && !truthy(bide_bool(false)));
    CHECK(!truthy(bide_float(-0.0)) && !truthy(bide_str("")) && !truthy(bide_bytes("", 0)));
    CHECK(!truthy(bide_list()) && !truthy(bide_tuple()) && !truthy(bide_ptr(NULL)));
    CHECK(!truthy(BIDE_FAILED));
    CHECK(truthy(bide_int(-1)) && truthy(bide_bool(true)) && truthy(bide_float(NAN)));
    CHECK(truthy(bide_str(" ")) && truthy(bide_bytes("\0", 1)) && truthy(bide_list(BIDE_NONE)));
    CHECK(truthy(new_thing()) && truthy(bide_ptr(&things)));
}

static void test_conversion(void)
{
    int64_t i;
    double f;
    bide_value text = bide_str("7");
    CHECK(bide_to_int(bide_int(7), &i) == 0 && i == 7);
    CHECK(bide_to_int(bide_bool(true), &i) == 0 && i == 1);
    CHECK(bide_to_int(bide_float(-8.0), &i) == 0 && i == -8);
    CHECK(bide_to_int(bide_float(-0x1p63), &i) == 0 && i == INT64_MIN);
    CHECK_RAISES("!! TypeError: an int is expected, got 'float'", bide_to_int(bide_float(0.5), &i));
    CHECK_RAISES("!! TypeError: an int is expected, got 'float'", bide_to_int(bide_float(NAN), &i));
    CHECK_RAISES("!! TypeError: an int is expected, got 'float'",
                 bide_to_int(bide_float(0x1p63), &i));
    CHECK_RAISES("!! TypeError: an int is expected, got 'str'", bide_to_int(text, &i));
    CHECK_RAISES("!! TypeError: an int is expected, got 'NoneType'", bide_to_int(BIDE_NONE, &i));
    CHECK(bide_to_float(bide_int(7), &f) == 0 && f == 7);
    CHECK(bide_to_float(bide_float(0.25), &f) == 0 && f == 0.25);
    CHECK_RAISES("!! TypeError: a float is expected, got 'str'", bide_to_float(text, &f));
    bide_drop(text);
}

/* --- text ------------------------------------------------------------------------- */

static void test_floats_print_as_in_python(void)
{
    static const struct {
        double value;
        const char *text;
    } table[] = {
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {1.0, "1.0"},
        {-2.5, "-2.5"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {100000.0, "100000.0"},
        {1e15, "1000000000000000.0"},
        {123456789012345.6, "123456789012345.6"},
        {9999999999999998.0, "9999999999999998.0"},
        {1e16, "1e+16"},
        {1.5e300, "1.5e+300"},
        {0.0001, "0.0001"},
        {0.00012345, "0.00012345"},
        {0.00001, "1e-05"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
        {NAN, "nan"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        CHECK_REPR(bide_float(table[i].value), table[i].text);
}

static void check_both(bide_value v, const char *repr, const char *text)
{
    bide_value got = bide_text(v);
    CHECK_STR(bide_cstr(got), text);
    bide_drop(got);
    CHECK_REPR(v, repr);
    bide_drop(v);
}

static void test_text_and_repr(void)
{
    check_both(BIDE_NONE, "None", "None");
    check_both(bide_bool(true), "True", "True");
    check_both(bide_int(INT64_MIN), "-9223372036854775808", "-9223372036854775808");
    check_both(bide_str("plain"), "'plain'", "plain");
    check_both(bide_str("it's"), "\"it's\"", "it's");
    check_both(bide_str("'\""), "'\\'\"'", "'\"");
    check_both(bide_str("a\n\t\r\\b"), "'a\\n\\t\\r\\\\b'", "a\n\t\r\\b");
    check_both(bide_strn("\0\x1b\x7f", 3), "'\\x00\\x1b\\x7f'", "");
    check_both(bide_str("\xc3\xa9"), "'\xc3\xa9'", "\xc3\xa9");
    check_both(bide_bytes("a'\xff\0", 4), "b\"a'\\xff\\x00\"", "b\"a'\\xff\\x00\"");
    check_both(bide_tuple(), "()", "()");
    check_both(bide_tuple(1), "(1,)", "(1,)");
    check_both(bide_tuple("a", bide_list("b")), "('a', ['b'])", "('a', ['b'])");
    check_both(new_thing(), "<a thing>", "<a thing>");
    check_both(bide_object_value(bide_object_new(&plain_type, sizeof(bide_object))),
               "<Plain object>", "<Plain object>");
    check_both(bide_error_new(BIDE_ValueError, "bad"), "ValueError('bad')", "bad");
    check_both(bide_error_new(BIDE_ValueError, NULL), "ValueError()", "");
}

static bide_value raising_repr(void *self)
{
    bide_raise(BIDE_ValueError, "no repr");
    return BIDE_FAILED;
}

static void test_a_repr_that_raises(void)
{
    static const bide_type type = {.name = "Shy", .repr = raising_repr};
    bide_value shy = bide_object_value(bide_object_new(&type, sizeof(bide_object)));
    bide_value in_a_list = bide_list(1, bide_ref(shy));
    CHECK_FAILS("!! ValueError: no repr", bide_repr(shy));
    CHECK_FAILS("!! ValueError: no repr", bide_text(in_a_list));
    bide_drop(in_a_list);
    bide_drop(shy);
}

/* --- references ------------------------------------------------------------------- */

static void test_references(void)
{
    bide_value thing = new_thing();
    bide_drop(bide_ref(thing));
    CHECK_INT(things, 1);
    {
        BIDE_SCOPED bide_value scoped = bide_ref(thing);
        bide_drop(thing);
        CHECK_INT(things, 1);
        CHECK(bide_is(scoped, thing));
    }
    CHECK_INT(things, 0);
    thing = new_thing();
    bide_clear(&thing);
    CHECK_INT(things, 0);
    CHECK(bide_is_none(thing));
    bide_clear(&thing);
}

static void test_objects_of_a_type(void)
{
    bide_value thing = new_thing();
    CHECK(bide_object_of(thing, &thing_type) == thing.as.object);
    CHECK(bide_object_of(thing, &plain_type) == NULL);
    CHECK_RAISES("!! TypeError: 'Plain' object is expected, got 'Thing'", BIDE_RAISED);
    CHECK(bide_object_of(bide_int(3), &thing_type) == NULL);
    CHECK_RAISES("!! TypeError: 'Thing' object is expected, got 'int'", BIDE_RAISED);
    bide_drop(thing);
}

/* --- poison ----------------------------------------------------------------------- */

static bide_value poison(void)
{
    bide_raise(BIDE_LookupError, "poison");
    return BIDE_FAILED;
}

static int never_called(bide_value arg, bide_value *result)
{
    note("called");
    return 0;
}

static void test_poison_passes_through(void)
{
    const char *wanted = "!! LookupError: poison";
    CHECK_FAILS(wanted, bide_list(1, poison(), new_thing()));
    CHECK_FAILS(wanted, bide_tuple(new_thing(), poison()));
    CHECK_FAILS(wanted, bide_coro(never_called, poison()));
    CHECK_FAILS(wanted, bide_gen(never_called, bide_list(poison())));
    CHECK_FAILS(wanted, bide_text(poison()));
    CHECK_FAILS(wanted, bide_repr(poison()));
    CHECK_FAILS(wanted, bide_iter(poison()));
    CHECK_FAILS(wanted, bide_aiter(poison()));
    CHECK_FAILS(wanted, bide_await_iter(poison()));
    CHECK_FAILS(wanted, bide_anext(poison()));
    CHECK_FAILS(wanted, bide_anext_or(poison(), new_thing()));
    CHECK_FAILS(wanted, bide_error_with(BIDE_KeyError, poison()));
    CHECK_FAILS(wanted, bide_error_group("g", poison()));
    CHECK_FAILS(wanted, bide_context_manager(poison()));
    CHECK_FAILS(wanted, bide_aclosing(poison()));
    CHECK_STEP(wanted, bide_next, poison());
    CHECK_STEP(wanted, bide_send, poison(), new_thing());
    CHECK_STEP(wanted, bide_close, poison());
    CHECK_STEP(wanted, bide_throw, poison(), BIDE_NONE);
    CHECK_RAISES(wanted, bide_error_restore(poison()));
    CHECK_RAISES(wanted, bide_raise_error(poison()));
    CHECK_RAISES(wanted, bide_defer(NULL, poison()));
    bide_value list = bide_list();
    CHECK_RAISES(wanted, bide_list_append(list, poison()));
    CHECK_INT(bide_size(list), 0);
    bide_drop(list);
    CHECK_STEP(wanted, bide_run, poison());
    CHECK_INT(things, 0);
    CHECK_NOTES("");
}

/* Poison that is used again after its exception was taken still raises something. */
static void test_stale_poison_raises(void)
{
    const char *wanted = "!! MemoryError";
    CHECK_FAILS(wanted, bide_list(BIDE_FAILED));
    CHECK_FAILS(wanted, bide_coro(never_called, BIDE_FAILED));
    CHECK_FAILS(wanted, bide_text(BIDE_FAILED));
    CHECK_FAILS(wanted, bide_repr(BIDE_FAILED));
    CHECK_STEP(wanted, bide_next, BIDE_FAILED);
    CHECK_RAISES(wanted, bide_error_restore(BIDE_FAILED));
    bide_drop(BIDE_FAILED);
}

int main(void)
{
    RUN(test_plain_kinds);
    RUN(test_type_names);
    RUN(test_text_and_bytes);
    RUN(test_format);
    RUN(test_lists);
    RUN(test_boxing);
    RUN(test_equality);
    RUN(test_identity);
    RUN(test_truth);
    RUN(test_conversion);
    RUN(test_floats_print_as_in_python);
    RUN(test_text_and_repr);
    RUN(test_a_repr_that_raises);
    RUN(test_references);
    RUN(test_objects_of_a_type);
    RUN(test_poison_passes_through);
    RUN(test_stale_poison_raises);
    return check_end();
}
