/* bridge.c - what the tests of the JavaScript bridge call: a module without main.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bide_value item(bide_value args, size_t i)
{
    return bide_ref(bide_item(args, i));
}

/* --- values -------------------------------------------------------------------------- */

static BIDE_ASYNC int echo(bide_value arg, bide_value *result)
{
    *result = bide_ref(arg);
    return 0;
}
BIDE_EXPORT_COROUTINE(echo);

static BIDE_ASYNC int describe(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value text = bide_repr(arg);
    if (bide_failed(text))
        return BIDE_RAISED;
    return bide_format(result, "%s %s", bide_type_name(arg), bide_cstr(text));
}
BIDE_EXPORT_COROUTINE(describe);

static BIDE_ASYNC int give_int(bide_value arg, bide_value *result)
{
    *result = bide_int(strtoll(bide_cstr(arg), NULL, 10));
    return 0;
}
BIDE_EXPORT_COROUTINE(give_int);

static BIDE_ASYNC int give_pointer(bide_value arg, bide_value *result)
{
    *result = bide_ptr(result);
    return 0;
}
BIDE_EXPORT_COROUTINE(give_pointer);

static BIDE_ASYNC int give_endless(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value list = bide_list();
    bide_value inner = bide_list();
    for (int i = 0; i < 100; i++)
        inner = bide_list(inner);
    BIDE_TRY(bide_list_append(list, inner));
    *result = bide_ref(list);
    return 0;
}
BIDE_EXPORT_COROUTINE(give_endless);

/* What is kept between two calls. */
static bide_value kept;

static BIDE_ASYNC int keep(bide_value arg, bide_value *result)
{
    bide_drop(kept);
    kept = bide_ref(arg);
    return 0;
}
BIDE_EXPORT_COROUTINE(keep);

static BIDE_ASYNC int take(bide_value arg, bide_value *result)
{
    *result = kept;
    kept = BIDE_NONE;
    return 0;
}
BIDE_EXPORT_COROUTINE(take);

/* --- awaiting ------------------------------------------------------------------------ */

static BIDE_ASYNC int await_it(bide_value arg, bide_value *result)
{
    return bide_await(bide_ref(arg), result);
}
BIDE_EXPORT_COROUTINE(await_it);

static BIDE_ASYNC int sleep_ms(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_MS(arg.as.i)));
    *result = bide_ref(arg);
    return 0;
}
BIDE_EXPORT_COROUTINE(sleep_ms);

/* name, then what to call it with */
static BIDE_ASYNC int call_import(bide_value args, bide_value *result)
{
    BIDE_SCOPED bide_value list = bide_list();
    for (size_t i = 1; i < bide_size(args); i++)
        BIDE_TRY(bide_list_append(list, item(args, i)));
    return bide_await(bide_js_call(bide_cstr(bide_item(args, 0)), bide_ref(list), NULL), result);
}
BIDE_EXPORT_COROUTINE(call_import);

static BIDE_ASYNC int await_and_note(bide_value args, bide_value *result)
{
    bide_value answer;
    BIDE_TRY(bide_await(item(args, 0), &answer));
    bide_drop(answer);
    return bide_await(bide_js_call("note", bide_list(item(args, 1)), NULL), result);
}
BIDE_EXPORT_COROUTINE(await_and_note);

/* [what, ...]: the answers, or the messages of the exceptions */
static BIDE_ASYNC int gather(bide_value list, bide_value *result)
{
    return bide_await(bide_gather(bide_ref(list), true), result);
}
BIDE_EXPORT_COROUTINE(gather);

static BIDE_ASYNC int collect(bide_value iterable, bide_value *result)
{
    BIDE_SCOPED bide_value list = bide_list();
    BIDE_ASYNC_FOR (x, bide_ref(iterable))
        BIDE_TRY(bide_list_append(list, bide_ref(x)));
    *result = bide_ref(list);
    return 0;
}
BIDE_EXPORT_COROUTINE(collect);

static BIDE_ASYNC int first_of(bide_value iterable, bide_value *result)
{
    BIDE_ASYNC_FOR (x, bide_ref(iterable)) {
        *result = bide_ref(x);
        break;
    }
    return 0;
}
BIDE_EXPORT_COROUTINE(first_of);

static BIDE_ASYNC int read_stdin(bide_value arg, bide_value *result)
{
    bide_value text = bide_str("");
    BIDE_ASYNC_FOR (chunk, bide_fd_stream(0)) {
        bide_value longer =
            bide_strf("%s%.*s|", bide_cstr(text), (int)bide_size(chunk), (char *)bide_data(chunk));
        bide_drop(text);
        text = longer;
    }
    *result = text;
    return 0;
}
BIDE_EXPORT_COROUTINE(read_stdin);

/* --- failing ------------------------------------------------------------------------- */

static const bide_error_type too_hot = {"TooHot", BIDE_ValueError};

static BIDE_ASYNC int fail(bide_value arg, bide_value *result)
{
    return bide_raise(&too_hot, "%s", bide_cstr(arg));
}
BIDE_EXPORT_COROUTINE(fail);

static BIDE_ASYNC int fail_from(bide_value reason, bide_value *result)
{
    bide_value ignored, cause;
    if (bide_await(bide_ref(reason), &ignored) == 0) {
        bide_drop(ignored);
        return 0;
    }
    if (!bide_catch(BIDE_JSError, &cause))
        return BIDE_RAISED;
    return bide_raise_error(
        bide_error_from(bide_error_new(BIDE_RuntimeError, "it did not work"), cause));
}
BIDE_EXPORT_COROUTINE(fail_from);

static BIDE_ASYNC int fail_in_group(bide_value arg, bide_value *result)
{
    bide_value members =
        bide_list(bide_error_new(BIDE_KeyError, "one"), bide_error_new(BIDE_IndexError, "two"));
    return bide_raise_error(bide_error_group("both", members));
}
BIDE_EXPORT_COROUTINE(fail_in_group);

static BIDE_ASYNC int catch_reason(bide_value promise, bide_value *result)
{
    bide_value answer, error;
    if (bide_await(bide_ref(promise), &answer) == 0) {
        *result = answer;
        return 0;
    }
    if (!bide_catch(BIDE_JSError, &error))
        return BIDE_RAISED;
    *result = bide_list(bide_error_message(error), bide_ref(bide_error_value(error)));
    bide_drop(error);
    return 0;
}
BIDE_EXPORT_COROUTINE(catch_reason);

static BIDE_ASYNC int trap(bide_value arg, bide_value *result)
{
    __builtin_trap();
}
BIDE_EXPORT_COROUTINE(trap);

static BIDE_ASYNC int leave(bide_value arg, bide_value *result)
{
    exit((int)arg.as.i);
}
BIDE_EXPORT_COROUTINE(leave);

static BIDE_ASYNC int lose_a_task(bide_value arg, bide_value *result)
{
    bide_drop(bide_task(bide_coro(fail, bide_str("nobody looks")), NULL));
    return bide_sleep(0);
}
BIDE_EXPORT_COROUTINE(lose_a_task);

/* --- cancelling ---------------------------------------------------------------------- */

static int say_cleaned(bide_value arg)
{
    puts(bide_cstr(arg));
    return 0;
}

static BIDE_ASYNC int wait_forever(bide_value text, bide_value *result)
{
    BIDE_TRY(bide_defer(say_cleaned, bide_ref(text)));
    return bide_await(bide_future(), result);
}
BIDE_EXPORT_COROUTINE(wait_forever);

static BIDE_ASYNC int shrug_off(bide_value arg, bide_value *result)
{
    bide_value nothing;
    if (bide_await(bide_future(), &nothing) < 0 && !bide_catch(BIDE_CancelledError, NULL))
        return BIDE_RAISED;
    *result = bide_str("still here");
    return 0;
}
BIDE_EXPORT_COROUTINE(shrug_off);

/* Awaits a slow import inside its cleanup. */
static BIDE_ASYNC int slow_cleanup(bide_value arg, bide_value *result)
{
    bide_value nothing, error;
    if (bide_await(bide_future(), &nothing) == 0)
        return 0;
    error = bide_error_take();
    if (bide_await(bide_js_call("flush", BIDE_NONE, NULL), &nothing) < 0)
        bide_error_clear();
    else
        bide_drop(nothing);
    return bide_error_restore(error);
}
BIDE_EXPORT_COROUTINE(slow_cleanup);

static BIDE_ASYNC int print(bide_value text, bide_value *result)
{
    puts(bide_cstr(text));
    return 0;
}
BIDE_EXPORT_COROUTINE(print);

/* Keeps the loop busy for that many iterations. */
static BIDE_ASYNC int spin(bide_value arg, bide_value *result)
{
    for (int64_t i = 0; i < arg.as.i; i++)
        BIDE_TRY(bide_sleep(0));
    *result = bide_ref(arg);
    return 0;
}
BIDE_EXPORT_COROUTINE(spin);

/* --- generators ---------------------------------------------------------------------- */

static BIDE_GENERATOR int countdown(bide_value n, bide_value *result)
{
    BIDE_TRY(bide_defer(say_cleaned, bide_str("countdown ends")));
    for (int64_t i = n.as.i; i > 0; i--)
        BIDE_TRY(bide_yield(bide_int(i), NULL));
    *result = bide_str("lift-off");
    return 0;
}
BIDE_EXPORT_GENERATOR(countdown);

/* Yields what it is sent, and "caught TYPE" for what is thrown. */
static BIDE_GENERATOR int parrot(bide_value arg, bide_value *result)
{
    bide_value v = bide_str("ready");
    for (;;) {
        bide_value in, error;
        if (bide_yield(v, &in) == 0) {
            v = in;
        } else {
            if (!bide_catch(BIDE_Exception, &error))
                return BIDE_RAISED;
            v = bide_list("caught", bide_ref(bide_error_value(error)));
            bide_drop(error);
        }
        if (v.kind == BIDE_KIND_STR && strcmp(bide_cstr(v), "fail") == 0) {
            bide_drop(v);
            return bide_raise(BIDE_ValueError, "told to");
        }
    }
}
BIDE_EXPORT_GENERATOR(parrot);

static BIDE_GENERATOR int stubborn(bide_value arg, bide_value *result)
{
    while (bide_yield(bide_int(1), NULL) == 0)
        ;
    bide_error_clear();
    return bide_yield(bide_int(2), NULL);
}
BIDE_EXPORT_GENERATOR(stubborn);

static BIDE_GENERATOR int noisy(bide_value arg, bide_value *result)
{
    puts("noise");
    return bide_yield(bide_int(1), NULL);
}
BIDE_EXPORT_GENERATOR(noisy);

/* --- async generators ---------------------------------------------------------------- */

/* from, to, milliseconds between */
static BIDE_ASYNC_GENERATOR int ticks(bide_value args, bide_value *result)
{
    BIDE_TRY(bide_defer(say_cleaned, bide_str("ticks end")));
    for (int64_t i = bide_item(args, 0).as.i; i < bide_item(args, 1).as.i; i++) {
        BIDE_TRY(bide_sleep(BIDE_MS(bide_item(args, 2).as.i)));
        BIDE_TRY(bide_yield(bide_int(i), NULL));
    }
    return 0;
}
BIDE_EXPORT_ASYNC_GENERATOR(ticks);

static BIDE_ASYNC_GENERATOR int async_parrot(bide_value arg, bide_value *result)
{
    bide_value v = bide_str("ready");
    for (;;) {
        bide_value in, error;
        if (bide_yield(v, &in) == 0) {
            v = in;
            continue;
        }
        if (!bide_catch(BIDE_Exception, &error))
            return BIDE_RAISED;
        v = bide_list("caught", bide_ref(bide_error_value(error)));
        bide_drop(error);
    }
}
BIDE_EXPORT_ASYNC_GENERATOR(async_parrot);

static BIDE_ASYNC_GENERATOR int relay(bide_value iterable, bide_value *result)
{
    BIDE_ASYNC_FOR (x, bide_ref(iterable))
        BIDE_TRY(bide_yield(bide_ref(x), NULL));
    return 0;
}
BIDE_EXPORT_ASYNC_GENERATOR(relay);

/* --- objects of C, given to JavaScript ----------------------------------------------- */

static BIDE_ASYNC int give_generator(bide_value arg, bide_value *result)
{
    *result = bide_gen(countdown, bide_ref(arg));
    return 0;
}
BIDE_EXPORT_COROUTINE(give_generator);

static BIDE_ASYNC int give_stream(bide_value arg, bide_value *result)
{
    *result = bide_agen(relay, bide_ref(arg));
    return 0;
}
BIDE_EXPORT_COROUTINE(give_stream);

static BIDE_ASYNC int give_tasks(bide_value arg, bide_value *result)
{
    bide_value done = bide_task(bide_coro(sleep_ms, bide_int(1)), NULL);
    *result = bide_list(bide_coro(sleep_ms, bide_int(2)), done, bide_coro(fail, bide_str("late")));
    return 0;
}
BIDE_EXPORT_COROUTINE(give_tasks);

static int point_close(void *self, bide_value *out)
{
    return 0;
}

static const bide_type point_type = {.name = "Point", .close = point_close};

static BIDE_ASYNC int give_point(bide_value arg, bide_value *result)
{
    *result = bide_object_value(bide_object_new(&point_type, sizeof(bide_object)));
    return 0;
}
BIDE_EXPORT_COROUTINE(give_point);

static BIDE_ASYNC int same(bide_value pair, bide_value *result)
{
    *result = bide_bool(bide_is(bide_item(pair, 0), bide_item(pair, 1)));
    return 0;
}
BIDE_EXPORT_COROUTINE(same);

/* --- without memory ------------------------------------------------------------------ */

/* The n-th allocation from the end of this call on fails. */
static BIDE_ASYNC int break_memory(bide_value n, bide_value *result)
{
    bide_debug_fail_allocation((size_t)n.as.i);
    return 0;
}
BIDE_EXPORT_COROUTINE(break_memory);

static int constructed;

__attribute__((constructor)) static void construct(void)
{
    constructed++;
}

/* How often the constructors have run. */
static BIDE_ASYNC int count_constructions(bide_value arg, bide_value *result)
{
    *result = bide_int(constructed);
    return 0;
}
BIDE_EXPORT_COROUTINE(count_constructions);
