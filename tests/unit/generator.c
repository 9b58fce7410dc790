/* Generators: driving them, yield from, and what BIDE_FOR does on every way out of a loop.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

/* Yields n, n - 1, ..., 1; returns 'done'. Notes what is sent. */
static BIDE_GENERATOR int countdown(bide_value arg, bide_value *result)
{
    for (int64_t n = arg.as.i; n > 0; n--) {
        bide_value in;
        BIDE_TRY(bide_yield(bide_int(n), &in));
        if (!bide_is_none(in))
            note_value("sent", in);
        bide_drop(in);
    }
    return bide_return(result, "done");
}

/* Notes how it is left. */
static BIDE_GENERATOR int guarded(bide_value arg, bide_value *result)
{
    for (int64_t n = arg.as.i; n > 0; n--)
        if (bide_yield(bide_strf("item %d", (int)n), NULL) < 0) {
            note("%s", bide_error_matches(BIDE_GeneratorExit) ? "closed" : "thrown at");
            return BIDE_RAISED;
        }
    note("exhausted");
    return 0;
}

static BIDE_GENERATOR int fail_after(bide_value arg, bide_value *result)
{
    for (int64_t n = arg.as.i; n > 0; n--)
        BIDE_TRY(bide_yield(bide_int(n), NULL));
    return bide_raise(BIDE_ValueError, "worn out");
}

/* --- driving ---------------------------------------------------------------------- */

static void test_a_life(void)
{
    bide_value gen = bide_gen(countdown, bide_int(3));
    CHECK_STR(bide_type_name(gen), "generator");
    CHECK_STR(bide_state_name(gen), "GEN_CREATED");
    CHECK_STEP("!! TypeError: can't send non-None value to a just-started generator", bide_send,
               gen, bide_int(1));
    CHECK_STEP("-> 3", bide_next, gen);
    CHECK_STR(bide_state_name(gen), "GEN_SUSPENDED");
    CHECK_STEP("-> 2", bide_send, gen, bide_str("x"));
    CHECK_STEP("-> 1", bide_next, gen);
    CHECK_STEP("=> 'done'", bide_next, gen);
    CHECK_STR(bide_state_name(gen), "GEN_CLOSED");
    CHECK_STEP("=> None", bide_next, gen);
    CHECK_STEP("=> None", bide_send, gen, bide_str("dropped"));
    CHECK_STEP("=> None", bide_close, gen);
    CHECK_STEP("!! KeyError: k", bide_throw, gen, bide_error_new(BIDE_KeyError, "k"));
    CHECK_NOTES("sent 'x'");
    bide_drop(gen);
}

static bide_value self;

static BIDE_GENERATOR int reenter(bide_value arg, bide_value *result)
{
    CHECK_STEP("!! ValueError: generator already executing", bide_next, self);
    CHECK_STEP("!! ValueError: generator already executing", bide_close, self);
    CHECK_RAISES("!! ValueError: generator already executing",
                 bide_yield_from(bide_ref(self), NULL));
    return 0;
}

static void test_a_running_one_refuses(void)
{
    self = bide_gen(reenter, BIDE_NONE);
    CHECK_STEP("=> None", bide_next, self);
    bide_drop(self);
}

static BIDE_GENERATOR int stop_inside(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_yield(BIDE_NONE, NULL));
    return bide_raise(BIDE_StopIteration, NULL);
}

static void test_stop_iteration_inside(void)
{
    bide_value gen = bide_gen(stop_inside, BIDE_NONE);
    CHECK_STEP("-> None", bide_next, gen);
    CHECK_STEP("!! RuntimeError: generator raised StopIteration", bide_next, gen);
    bide_drop(gen);
    gen = bide_gen(countdown, bide_int(1));
    CHECK_STEP("-> 1", bide_next, gen);
    CHECK_STEP("!! RuntimeError: generator raised StopIteration", bide_throw, gen,
               bide_error_new(BIDE_StopIteration, NULL));
    bide_drop(gen);
}

static BIDE_GENERATOR int refuse(bide_value arg, bide_value *result)
{
    if (bide_yield(bide_int(1), NULL) < 0)
        bide_error_clear();
    return bide_yield(bide_int(2), NULL);
}

static void test_closing(void)
{
    bide_value gen = bide_gen(guarded, bide_int(5));
    CHECK_STEP("=> None", bide_close, gen);
    CHECK_NOTES("");
    bide_drop(gen);
    gen = bide_gen(guarded, bide_int(5));
    CHECK_STEP("-> 'item 5'", bide_next, gen);
    CHECK_STEP("=> None", bide_close, gen);
    CHECK_NOTES("closed");
    bide_drop(gen);
    gen = bide_gen(refuse, BIDE_NONE);
    CHECK_STEP("-> 1", bide_next, gen);
    CHECK_STEP("!! RuntimeError: generator ignored GeneratorExit", bide_close, gen);
    CHECK_STEP("=> None", bide_next, gen);
    bide_drop(gen);
    gen = bide_gen(guarded, bide_int(5));
    CHECK_STEP("-> 'item 5'", bide_next, gen);
    bide_drop(gen);
    CHECK_NOTES("closed");
}

/* --- yield from ------------------------------------------------------------------- */

static BIDE_GENERATOR int delegate(bide_value arg, bide_value *result)
{
    bide_value v;
    if (bide_yield_from(bide_ref(arg), &v) < 0) {
        BIDE_EXCEPT(BIDE_KeyError, NULL);
        note("caught outside");
        v = BIDE_NONE;
    }
    note_value("returned", v);
    bide_drop(v);
    BIDE_TRY(bide_yield(bide_str("after"), NULL));
    return 0;
}

static void test_yield_from_forwards(void)
{
    bide_value inner = bide_gen(countdown, bide_int(2));
    bide_value outer = bide_gen(delegate, bide_ref(inner));
    CHECK_STEP("-> 2", bide_next, outer);
    CHECK(bide_is(bide_awaiting(outer), inner));
    CHECK_STEP("-> 1", bide_send, outer, bide_int(9));
    CHECK_STEP("-> 'after'", bide_next, outer);
    CHECK(bide_is_none(bide_awaiting(outer)));
    CHECK_STEP("=> None", bide_next, outer);
    CHECK_NOTES("sent 9, returned 'done'");
    bide_drop(outer);
    bide_drop(inner);
}

static void test_yield_from_forwards_throw_and_close(void)
{
    bide_value outer = bide_gen(delegate, bide_gen(guarded, bide_int(3)));
    CHECK_STEP("-> 'item 3'", bide_next, outer);
    CHECK_STEP("-> 'after'", bide_throw, outer, bide_error_new(BIDE_KeyError, NULL));
    CHECK_NOTES("thrown at, caught outside, returned None");
    bide_drop(outer);
    outer = bide_gen(delegate, bide_gen(guarded, bide_int(3)));
    CHECK_STEP("-> 'item 3'", bide_next, outer);
    CHECK_STEP("=> None", bide_close, outer);
    CHECK_NOTES("closed");
    bide_drop(outer);
    outer = bide_gen(delegate, bide_gen(guarded, bide_int(3)));
    CHECK_STEP("-> 'item 3'", bide_next, outer);
    bide_drop(outer);
    CHECK_NOTES("closed");
}

static void test_yield_from_a_list(void)
{
    bide_value outer = bide_gen(delegate, bide_list("a", "b"));
    CHECK_STEP("-> 'a'", bide_next, outer);
    CHECK_STEP("!! AttributeError: 'list_iterator' object has no attribute 'send'", bide_send,
               outer, bide_int(1));
    bide_drop(outer);
    outer = bide_gen(delegate, bide_tuple(1));
    CHECK_STEP("-> 1", bide_next, outer);
    CHECK_STEP("-> 'after'", bide_throw, outer, bide_error_new(BIDE_KeyError, NULL));
    bide_drop(outer);
    outer = bide_gen(delegate, bide_int(3));
    CHECK_STEP("!! TypeError: 'int' object is not iterable", bide_next, outer);
    bide_drop(outer);
    check__notes[0] = '\0';
}

static int never(bide_value arg, bide_value *result)
{
    note("never");
    return 0;
}

static void test_yield_from_a_coroutine(void)
{
    bide_value coro = bide_coro(never, BIDE_NONE);
    bide_value outer = bide_gen(delegate, bide_ref(coro));
    CHECK_STEP("!! TypeError: cannot 'yield from' a coroutine object in a non-coroutine generator",
               bide_next, outer);
    bide_drop(outer);
    bide_close(coro, NULL);
    bide_drop(coro);
    outer = bide_awaitable_gen(delegate, bide_coro(never, BIDE_NONE));
    CHECK_STEP("-> 'after'", bide_next, outer);
    CHECK_NOTES("never, returned None");
    bide_drop(outer);
}

/* --- BIDE_FOR --------------------------------------------------------------------- */

enum exit { FALL, BREAK, CONTINUE, RETURN, GOTO, RAISE };

static int loop(enum exit how, bide_value iterable)
{
    BIDE_FOR (item, iterable) {
        note_value("got", item);
        if (how == BREAK)
            break;
        if (how == CONTINUE)
            continue;
        if (how == RETURN)
            return 7;
        if (how == GOTO)
            goto out;
        if (how == RAISE)
            return bide_raise(BIDE_KeyError, "from the body");
    }
    note("after");
    return 0;
out:
    note("out");
    return 1;
}

static void test_every_way_out_of_a_loop(void)
{
    CHECK_INT(loop(FALL, bide_gen(guarded, bide_int(2))), 0);
    CHECK_NOTES("got 'item 2', got 'item 1', exhausted, after");
    CHECK_INT(loop(CONTINUE, bide_gen(guarded, bide_int(2))), 0);
    CHECK_NOTES("got 'item 2', got 'item 1', exhausted, after");
    CHECK_INT(loop(BREAK, bide_gen(guarded, bide_int(2))), 0);
    CHECK_NOTES("got 'item 2', closed, after");
    CHECK_INT(loop(RETURN, bide_gen(guarded, bide_int(2))), 7);
    CHECK_NOTES("got 'item 2', closed");
    CHECK_INT(loop(GOTO, bide_gen(guarded, bide_int(2))), 1);
    CHECK_NOTES("got 'item 2', closed, out");
    CHECK_RAISES("!! KeyError: from the body", loop(RAISE, bide_gen(guarded, bide_int(2))));
    CHECK_NOTES("got 'item 2', closed");
    CHECK_INT(loop(FALL, bide_list(1, "two")), 0);
    CHECK_NOTES("got 1, got 'two', after");
    CHECK_INT(loop(FALL, bide_list()), 0);
    CHECK_NOTES("after");
}

static void test_an_iterator_that_raises(void)
{
    CHECK_RAISES("!! ValueError: worn out", loop(FALL, bide_gen(fail_after, bide_int(1))));
    CHECK_NOTES("got 1");
    CHECK_RAISES("!! TypeError: 'int' object is not iterable", loop(FALL, bide_int(1)));
    bide_raise(BIDE_OSError, "poison");
    CHECK_RAISES("!! OSError: poison", loop(FALL, BIDE_FAILED));
    CHECK_NOTES("");
}

static int loop_with_action(bide_value iterable)
{
    BIDE_FOR (item, iterable, goto failed)
        note_value("got", item);
    return 0;
failed:
    note_error("failed");
    return 1;
}

static void test_the_action_of_a_loop(void)
{
    CHECK_INT(loop_with_action(bide_gen(fail_after, bide_int(1))), 1);
    CHECK_NOTES("got 1, failed ValueError: worn out");
    CHECK_INT(loop_with_action(bide_tuple(1)), 0);
    CHECK_NOTES("got 1");
}

static int nested_loops(void)
{
    int sum = 0;
    BIDE_FOR (i, bide_gen(countdown, bide_int(3)))
        BIDE_FOR (j, bide_gen(countdown, bide_ref(i))) {
            if (j.as.i == 2)
                break;
            sum += (int)(i.as.i * 10 + j.as.i);
        }
    return sum;
}

static void test_nested_loops(void)
{
    CHECK_INT(nested_loops(), 33 + 11);
}

static void test_the_step_under_the_loop(void)
{
    bide_value kept;
    bide_value it = bide_iter(bide_gen(guarded, bide_int(2))), item = BIDE_NONE;
    bool exhausted = true;
    CHECK(bide_for_step(&it, &item, &exhausted) && !exhausted);
    kept = bide_ref(item);
    CHECK(bide_for_step(&it, &item, &exhausted) && !exhausted);
    CHECK(!bide_for_step(&it, &item, &exhausted) && exhausted);
    CHECK(bide_is_none(it) && bide_is_none(item));
    CHECK_REPR(kept, "'item 2'");
    bide_drop(kept);
}

int main(void)
{
    RUN(test_a_life);
    RUN(test_a_running_one_refuses);
    RUN(test_stop_iteration_inside);
    RUN(test_closing);
    RUN(test_yield_from_forwards);
    RUN(test_yield_from_forwards_throw_and_close);
    RUN(test_yield_from_a_list);
    RUN(test_yield_from_a_coroutine);
    RUN(test_every_way_out_of_a_loop);
    RUN(test_an_iterator_that_raises);
    RUN(test_the_action_of_a_loop);
    RUN(test_nested_loops);
    RUN(test_the_step_under_the_loop);
    return check_end();
}
