/* The macros of the public headers where the compiler's extensions are off: this file is compiled
 * with -std=c11, in which the preprocessor leaves fewer commas out.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#if !defined(__STRICT_ANSI__)
#error "this is to be compiled with -std=c11"
#endif

static int fails(void)
{
    return bide_raise(BIDE_ValueError, "no");
}

static int tries(bide_value arg, bide_value *result)
{
    BIDE_TRY(fails());
    note("went on");
    return 0;
}

static int tries_otherwise(bide_value arg, bide_value *result)
{
    BIDE_TRY(fails(), goto except);
    note("went on");
    return 0;
except:
    BIDE_EXCEPT(BIDE_KeyError, NULL, note("no KeyError"));
    BIDE_EXCEPT(BIDE_TypeError, NULL);
    note("went on");
    return 0;
}

static void test_try(void)
{
    CHECK_STEP("!! ValueError: no", tries, BIDE_NONE);
    CHECK_STEP("!! ValueError: no", tries_otherwise, BIDE_NONE);
    CHECK_NOTES("no KeyError");
}

static BIDE_GENERATOR int two(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_yield(bide_int(1), NULL));
    BIDE_TRY(bide_yield(bide_int(2), NULL));
    return fails();
}

static int sums(bide_value arg, bide_value *result)
{
    int64_t sum = 0;
    BIDE_FOR (n, bide_gen(two, BIDE_NONE), break)
        sum += n.as.i;
    note("%d", (int)sum);
    bide_error_clear();
    BIDE_FOR (n, bide_gen(two, BIDE_NONE))
        sum += n.as.i;
    note("went on");
    return 0;
}

static void test_for(void)
{
    CHECK_STEP("!! ValueError: no", sums, BIDE_NONE);
    CHECK_NOTES("3");
}

static BIDE_ASYNC_GENERATOR int one(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_yield(bide_str("one"), NULL));
    note("closed");
    return fails();
}

static BIDE_ASYNC int uses_blocks(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_FOR (item, bide_agen(one, BIDE_NONE), break)
        note("%s", bide_cstr(item));
    bide_error_clear();
    BIDE_ASYNC_WITH (item, bide_context_manager(bide_agen(one, BIDE_NONE))) {
        note("%s", bide_cstr(item));
    }
    BIDE_END_WITH(item);
    note("went on");
    return 0;
}

static void test_blocks(void)
{
    CHECK_STEP("!! ValueError: no", bide_run, bide_coro(uses_blocks, BIDE_NONE));
    CHECK_NOTES("one, closed, one, closed");
}

static void test_items(void)
{
    BIDE_SCOPED bide_value some = bide_list(1, "two", 3.0), none = bide_tuple_of(NULL, 0);
    CHECK_REPR(some, "[1, 'two', 3.0]");
    CHECK_REPR(none, "()");
}

int main(void)
{
    RUN(test_try);
    RUN(test_for);
    RUN(test_blocks);
    RUN(test_items);
    return check_end();
}
