/* Exceptions: the hierarchy, raising and catching, causes and contexts, groups, tracebacks, and
 * what is raised when there is no memory to raise anything.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include <errno.h>

/* --- the hierarchy -------------------------------------------------------------------------------
 */

#define ROW(type, parent_type) {BIDE_##type, BIDE_##parent_type, #type},
static const struct {
    const bide_error_type *type, *parent;
    const char *name;
} hierarchy[] = {BIDE_ERROR_TYPES(ROW)};

static void test_the_hierarchy(void)
{
    CHECK(BIDE_BaseException->parent == NULL);
    CHECK_STR(BIDE_BaseException->name, "BaseException");
    for (size_t i = 0; i < sizeof hierarchy / sizeof *hierarchy; i++) {
        CHECK_STR(hierarchy[i].type->name, hierarchy[i].name);
        CHECK(hierarchy[i].type->parent == hierarchy[i].parent);
        bide_value e = bide_error_new(hierarchy[i].type, NULL);
        CHECK(bide_is_error(e, hierarchy[i].type) && bide_is_error(e, hierarchy[i].parent));
        CHECK(bide_is_error(e, BIDE_BaseException));
        bide_drop(e);
    }
}

static void test_what_an_exception_is_not(void)
{
    bide_value cancelled = bide_error_new(BIDE_CancelledError, NULL);
    bide_value exit = bide_error_new(BIDE_GeneratorExit, NULL);
    CHECK(!bide_is_error(cancelled, BIDE_Exception));
    CHECK(!bide_is_error(exit, BIDE_Exception));
    CHECK(!bide_is_error(exit, BIDE_CancelledError));
    CHECK(!bide_is_error(bide_int(3), BIDE_BaseException));
    CHECK(bide_error_type_of(exit) == BIDE_GeneratorExit);
    CHECK(bide_error_type_of(BIDE_NONE) == NULL);
    bide_drop(cancelled);
    bide_drop(exit);
}

/* --- raising and catching --------------------------------------------------------- */

static const bide_error_type too_hot = {"TooHot", &bide__ValueError};

static void test_catching(void)
{
    bide_value e = BIDE_NONE;
    CHECK_INT(bide_raise(&too_hot, "%d degrees", 99), BIDE_RAISED);
    CHECK(bide_error_pending());
    CHECK(bide_error_matches(&too_hot) && bide_error_matches(BIDE_Exception));
    CHECK(!bide_error_matches(BIDE_KeyError));
    CHECK(!bide_catch(BIDE_KeyError, &e) && bide_is_none(e));
    CHECK(bide_catch(BIDE_ValueError, &e));
    CHECK(!bide_error_pending() && !bide_error_matches(BIDE_BaseException));
    CHECK_STR(bide_error_message(e), "99 degrees");
    CHECK_STR(bide_type_name(e), "TooHot");
    CHECK_INT(bide_error_restore(e), BIDE_RAISED);
    CHECK(bide_catch(BIDE_BaseException, NULL));
    CHECK(!bide_catch(BIDE_BaseException, NULL));
    CHECK(bide_is_none(bide_error_take()));
    bide_error_clear();
}

static void test_what_cannot_be_raised(void)
{
    CHECK_RAISES("!! TypeError: exceptions must derive from BaseException",
                 bide_raise_error(bide_str("not an exception")));
    CHECK_RAISES("!! TypeError: exceptions must derive from BaseException",
                 bide_error_restore(bide_int(3)));
}

static void test_values(void)
{
    bide_value e = bide_error_with(BIDE_KeyError, bide_str("k"));
    CHECK_REPR(bide_error_value(e), "'k'");
    bide_drop(e);
    e = bide_error_with(BIDE_StopIteration, bide_int(7));
    CHECK_STR(bide_error_message(e), "7");
    CHECK_INT(bide_error_value(e).as.i, 7);
    bide_drop(e);
    CHECK(bide_is_none(bide_error_value(bide_int(1))));
    CHECK_STR(bide_error_message(bide_int(1)), "");
}

static int fails_with(const bide_error_type *type)
{
    return type ? bide_raise(type, "it") : 0;
}

static int except(const bide_error_type *type)
{
    bide_value e = BIDE_NONE;
    BIDE_TRY(fails_with(type), goto except);
    return 1;
except:
    BIDE_EXCEPT(BIDE_LookupError, &e);
    note_value("caught", e);
    bide_drop(e);
    return 2;
}

static void test_try_and_except(void)
{
    CHECK_INT(except(NULL), 1);
    CHECK_INT(except(BIDE_KeyError), 2);
    CHECK_NOTES("caught KeyError('it')");
    CHECK_RAISES("!! ValueError: it", except(BIDE_ValueError));
}

static void test_errno(void)
{
    static const struct {
        int number;
        const bide_error_type *type;
    } table[] = {
        {ENOENT, BIDE_FileNotFoundError},
        {EACCES, BIDE_PermissionError},
        {EPERM, BIDE_PermissionError},
        {EISDIR, BIDE_IsADirectoryError},
        {EPIPE, BIDE_BrokenPipeError},
        {ETIMEDOUT, BIDE_TimeoutError},
        {ECONNREFUSED, BIDE_ConnectionRefusedError},
        {ECONNRESET, BIDE_ConnectionResetError},
        {EEXIST, BIDE_FileExistsError},
        {ENOTDIR, BIDE_NotADirectoryError},
        {EBADF, BIDE_OSError},
        {ENOMEM, BIDE_MemoryError},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        bide_value e = BIDE_NONE;
        CHECK_INT(bide_raise_errno(table[i].number, NULL), BIDE_RAISED);
        CHECK(bide_catch(BIDE_BaseException, &e));
        CHECK(bide_error_type_of(e) == table[i].type);
        if (table[i].number != ENOMEM)
            CHECK_STR(bide_error_message(e), strerror(table[i].number));
        CHECK_INT(bide_error_errno(e), table[i].number == ENOMEM ? 0 : table[i].number);
        bide_drop(e);
    }
    char wanted[200];
    snprintf(wanted, sizeof wanted, "!! FileNotFoundError: %s: a.txt", strerror(ENOENT));
    CHECK_RAISES(wanted, bide_raise_errno(ENOENT, "a.txt"));
}

/* --- causes and contexts ---------------------------------------------------------- */

static void test_cause(void)
{
    bide_value cause = bide_error_new(BIDE_KeyError, "why");
    bide_value e = bide_error_from(bide_error_new(BIDE_ValueError, "what"), bide_ref(cause));
    CHECK(bide_is(bide_error_cause(e), cause));
    CHECK(bide_is_none(bide_error_context(e)));
    e = bide_error_from(e, bide_error_new(BIDE_OSError, NULL)); /* replaces it */
    CHECK(bide_is_error(bide_error_cause(e), BIDE_OSError));
    bide_drop(cause);
    bide_drop(e);
}

static void test_what_is_pending_becomes_the_context(void)
{
    bide_value e, context;
    bide_raise(BIDE_KeyError, "first");
    bide_raise(BIDE_ValueError, "second");
    bide_raise(BIDE_OSError, "third");
    CHECK(bide_catch(BIDE_OSError, &e));
    context = bide_error_context(e);
    CHECK_STR(bide_error_message(context), "second");
    CHECK_STR(bide_error_message(bide_error_context(context)), "first");
    CHECK(bide_is_none(bide_error_context(bide_error_context(context))));
    /* Raised again while one of its own contexts is pending: no circle. */
    bide_error_restore(bide_ref(context));
    bide_raise_error(bide_ref(e));
    CHECK(bide_catch(BIDE_OSError, NULL));
    CHECK(bide_is(bide_error_context(e), context));
    bide_raise_error(bide_ref(e)); /* nor with itself pending */
    bide_raise_error(bide_ref(e));
    CHECK(bide_catch(BIDE_OSError, NULL));
    bide_drop(e);
}

/* --- groups ----------------------------------------------------------------------- */

static void test_groups(void)
{
    bide_value inner = bide_error_group("inner", bide_list(bide_error_new(BIDE_KeyError, "k")));
    bide_value group =
        bide_error_group("outer", bide_tuple(bide_error_new(BIDE_ValueError, "v"), inner));
    CHECK_STR(bide_type_name(group), "ExceptionGroup");
    CHECK(bide_is_error(group, BIDE_BaseExceptionGroup));
    CHECK_INT(bide_size(bide_error_members(group)), 2);
    CHECK_INT(bide_error_members(inner).kind, BIDE_KIND_TUPLE);
    bide_value text = bide_error_text(group);
    CHECK_STR(bide_cstr(text),
              "ExceptionGroup(outer)[ValueError: v, ExceptionGroup(inner)[KeyError: k]]");
    bide_drop(text);
    bide_drop(group);
    group = bide_error_group("base", bide_list(bide_error_new(BIDE_CancelledError, NULL)));
    CHECK_STR(bide_type_name(group), "BaseExceptionGroup");
    bide_drop(group);
}

static void test_what_is_no_group(void)
{
    CHECK_FAILS("!! TypeError: second argument (exceptions) must be a sequence",
                bide_error_group("g", bide_int(1)));
    CHECK_FAILS("!! ValueError: second argument (exceptions) must be a non-empty sequence",
                bide_error_group("g", bide_list()));
    CHECK_FAILS("!! ValueError: Item 1 of second argument (exceptions) is not an exception",
                bide_error_group("g", bide_list(bide_error_new(BIDE_KeyError, NULL), "x")));
}

/* --- tracebacks ------------------------------------------------------------------- */

static int line_of_raise, line_of_await;

static BIDE_ASYNC int fail(bide_value arg, bide_value *result)
{
    line_of_raise = __LINE__ + 1;
    return bide_raise(BIDE_ValueError, "deep");
}

static BIDE_ASYNC int middle(bide_value arg, bide_value *result)
{
    line_of_await = __LINE__ + 1;
    return bide_await(bide_coro(fail, BIDE_NONE), result);
}

static void test_a_traceback_shows_the_awaits(void)
{
    char wanted[1000];
    bide_value coro = bide_coro(middle, BIDE_NONE);
    CHECK_INT(bide_send(coro, BIDE_NONE, NULL), BIDE_RAISED);
    bide_value e = bide_error_take();
    bide_value text = bide_error_traceback(e);
    snprintf(wanted, sizeof wanted,
             "Traceback (most recent await last):\n"
             "  File \"%s\", line %d, in middle\n"
             "  File \"%s\", line %d, in fail\n"
             "ValueError: deep\n",
             __FILE__, line_of_await, __FILE__, line_of_raise);
    CHECK_STR(bide_cstr(text), wanted);
    bide_drop(text);
    bide_drop(e);
    bide_drop(coro);
}

static void test_a_traceback_shows_causes_and_contexts(void)
{
    bide_value e = bide_error_from(bide_error_new(BIDE_ValueError, "what"),
                                   bide_error_new(BIDE_KeyError, "why"));
    bide_value text = bide_error_traceback(e);
    CHECK_STR(bide_cstr(text), "KeyError: why\n\nThe above exception was the direct cause of the "
                               "following exception:\n\nValueError: what\n");
    bide_drop(text);
    bide_drop(e);
    bide_error_restore(bide_error_new(BIDE_KeyError, "one"));
    bide_raise_error_at(NULL, bide_error_new(BIDE_ValueError, "two"));
    e = bide_error_take();
    text = bide_error_traceback(e);
    CHECK_STR(bide_cstr(text), "KeyError: one\n\nDuring handling of the above exception, another "
                               "exception occurred:\n\nValueError: two\n");
    bide_drop(text);
    bide_drop(e);
}

static BIDE_ASYNC int dive(bide_value arg, bide_value *result)
{
    if (arg.as.i == 0)
        return bide_raise(BIDE_ValueError, "deep");
    return bide_await(bide_coro(dive, bide_int(arg.as.i - 1)), result);
}

static void test_a_long_traceback_counts_the_rest(void)
{
    bide_value coro = bide_coro(dive, bide_int(20));
    CHECK_INT(bide_send(coro, BIDE_NONE, NULL), BIDE_RAISED);
    bide_value e = bide_error_take();
    bide_value text = bide_error_traceback(e);
    CHECK(strstr(bide_cstr(text), "  [13 more]\n") != NULL);
    bide_drop(text);
    bide_drop(e);
    bide_drop(coro);
}

/* --- without memory --------------------------------------------------------------- */

static void test_raising_without_memory(void)
{
    bide_value e;
    for (size_t n = 1; n <= 2; n++) {
        bide_debug_fail_allocation(n);
        bide_raise(BIDE_ValueError, "there is no memory for this");
        bide_debug_fail_allocation(0);
        CHECK(bide_catch(BIDE_MemoryError, &e));
        CHECK_STR(bide_error_message(e), "");
        bide_drop(e);
    }
    bide_debug_fail_allocation(1);
    CHECK_FAILS("!! MemoryError", bide_error_new(BIDE_ValueError, NULL));
    bide_debug_fail_allocation(0);
}

static void test_the_immortal_one_is_never_written_to(void)
{
    bide_debug_fail_allocation(1);
    bide_value failed = bide_str("x");
    bide_debug_fail_allocation(0);
    CHECK(bide_failed(failed));
    bide_value e = bide_error_take();
    e = bide_error_from(e, bide_error_new(BIDE_KeyError, "cause"));
    CHECK(bide_is_none(bide_error_cause(e)));
    bide_raise(BIDE_ValueError, "before");
    bide_raise_error(bide_ref(e));
    CHECK(bide_catch(BIDE_MemoryError, NULL));
    CHECK(bide_is_none(bide_error_context(e)));
    bide_value text = bide_error_traceback(e);
    CHECK_STR(bide_cstr(text), "MemoryError\n");
    bide_drop(text);
    bide_drop(e);
}

/* --- each stack has its own ------------------------------------------------------- */

static BIDE_GENERATOR int raise_and_yield(bide_value arg, bide_value *result)
{
    bide_raise(BIDE_KeyError, "kept");
    bide_value kept = bide_error_take();
    BIDE_TRY(bide_yield(BIDE_NONE, NULL));
    return bide_error_restore(kept);
}

static void test_pending_belongs_to_a_stack(void)
{
    bide_value gen = bide_gen(raise_and_yield, BIDE_NONE);
    bide_raise(BIDE_ValueError, "of the caller");
    CHECK_INT(bide_next(gen, NULL), BIDE_YIELDED);
    CHECK(bide_catch(BIDE_ValueError, NULL));
    CHECK_STEP("!! KeyError: kept", bide_next, gen);
    bide_drop(gen);
}

int main(void)
{
    RUN(test_the_hierarchy);
    RUN(test_what_an_exception_is_not);
    RUN(test_catching);
    RUN(test_what_cannot_be_raised);
    RUN(test_values);
    RUN(test_try_and_except);
    RUN(test_errno);
    RUN(test_cause);
    RUN(test_what_is_pending_becomes_the_context);
    RUN(test_groups);
    RUN(test_what_is_no_group);
    RUN(test_a_traceback_shows_the_awaits);
    RUN(test_a_traceback_shows_causes_and_contexts);
    RUN(test_a_long_traceback_counts_the_rest);
    RUN(test_raising_without_memory);
    RUN(test_the_immortal_one_is_never_written_to);
    RUN(test_pending_belongs_to_a_stack);
    return check_end();
}
