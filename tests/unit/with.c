/* async with: every way out of the block, exits that swallow, await, raise; the same as a plain
 * function.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

/* A manager that notes what happens, and whose exit does what `on_exit` says. */
enum on_exit { LET_GO, SWALLOW, EXIT_RAISES, EXIT_AWAITS, SWALLOW_AFTER_AWAIT };

typedef struct {
    bide_object base;
    enum on_exit on_exit;
} manager;

static BIDE_ASYNC int enter(bide_value arg, bide_value *result)
{
    note("enter");
    BIDE_TRY(bide_suspend(bide_str("entering"), NULL));
    return bide_return(result, "entered");
}

static bide_value manager_aenter(void *self)
{
    return bide_coro(enter, BIDE_NONE);
}

/* (on_exit, error) */
static BIDE_ASYNC int leave(bide_value arg, bide_value *result)
{
    enum on_exit how = (enum on_exit)bide_item(arg, 0).as.i;
    note_value("exit", bide_item(arg, 1));
    if (how == EXIT_RAISES)
        return bide_raise(BIDE_OSError, "exit");
    if (how == EXIT_AWAITS || how == SWALLOW_AFTER_AWAIT)
        BIDE_TRY(bide_suspend(bide_str("exiting"), NULL));
    return bide_return(result, (bool)(how == SWALLOW || how == SWALLOW_AFTER_AWAIT));
}

static bide_value manager_aexit(void *self, bide_value error)
{
    return bide_coro(leave, bide_tuple((int)((manager *)self)->on_exit, bide_ref(error)));
}

static const bide_type manager_type = {
    .name = "Manager", .aenter = manager_aenter, .aexit = manager_aexit};

static bide_value new_manager(enum on_exit on_exit)
{
    manager *self = bide_object_new(&manager_type, sizeof *self);
    if (self)
        self->on_exit = on_exit;
    return bide_object_value(self);
}

/* --- ways out --------------------------------------------------------------------- */

enum exit { FALL, BREAK, CONTINUE, RETURN, RETURN_VALUE, RAISE, TRY_RAISES, RETURN_RAISED };

static BIDE_ASYNC int fail(void)
{
    return bide_raise(BIDE_KeyError, "block");
}

/* (manager, how) */
static BIDE_ASYNC int block(bide_value arg, bide_value *result)
{
    enum exit how = (enum exit)bide_item(arg, 1).as.i;
    for (int round = 0; round < 2; round++) {
        BIDE_ASYNC_WITH (v, bide_ref(bide_item(arg, 0))) {
            note("%s", bide_cstr(v));
            if (how == BREAK)
                break;
            if (how == CONTINUE)
                continue;
            if (how == RETURN)
                return 0;
            if (how == RETURN_VALUE)
                return bide_return(result, "value");
            if (how == RAISE)
                BIDE_WITH_TRY(v, fail());
            if (how == TRY_RAISES)
                BIDE_TRY(fail());
            if (how == RETURN_RAISED)
                return fail();
            note("end of block");
        }
        BIDE_END_WITH(v);
        note("after block");
        if (how != CONTINUE)
            break;
    }
    note("end");
    return 0;
}

static int run_to_end(bide_value coro, bide_value *out)
{
    int status;
    while ((status = bide_send(coro, BIDE_NONE, out)) == BIDE_YIELDED)
        bide_drop(*out);
    bide_drop(coro);
    return status;
}

static void check_block(enum on_exit on_exit, enum exit how, const char *ends, const char *notes)
{
    CHECK_STEP(ends, run_to_end, bide_coro(block, bide_tuple(new_manager(on_exit), (int)how)));
    CHECK_NOTES(notes);
}

static void test_every_way_out(void)
{
    check_block(LET_GO, FALL, "=> None",
                "enter, entered, end of block, exit None, after block, end");
    check_block(LET_GO, BREAK, "=> None", "enter, entered, exit None, end");
    check_block(LET_GO, CONTINUE, "=> None",
                "enter, entered, exit None, enter, entered, exit None, end");
    check_block(LET_GO, RETURN, "=> None", "enter, entered, exit None");
    check_block(LET_GO, RETURN_VALUE, "=> 'value'", "enter, entered, exit None");
    check_block(LET_GO, RAISE, "!! KeyError: block", "enter, entered, exit KeyError('block')");
    check_block(LET_GO, TRY_RAISES, "!! KeyError: block", "enter, entered, exit KeyError('block')");
    check_block(LET_GO, RETURN_RAISED, "!! KeyError: block",
                "enter, entered, exit KeyError('block')");
    check_block(EXIT_AWAITS, RETURN_VALUE, "=> 'value'", "enter, entered, exit None");
    check_block(EXIT_AWAITS, RAISE, "!! KeyError: block", "enter, entered, exit KeyError('block')");
}

static void test_an_exit_that_swallows(void)
{
    check_block(SWALLOW, FALL, "=> None",
                "enter, entered, end of block, exit None, after block, end");
    check_block(SWALLOW, RAISE, "=> None",
                "enter, entered, exit KeyError('block'), after block, end");
    check_block(SWALLOW_AFTER_AWAIT, RAISE, "=> None",
                "enter, entered, exit KeyError('block'), after block, end");
    check_block(SWALLOW, BREAK, "=> None", "enter, entered, exit None, end");
    /* There is no after to go on with when the function itself was left. */
    const char *wanted =
        "!! RuntimeError: 'block' returned BIDE_RAISED without an exception; an exit that swallows "
        "one is left by BIDE_WITH_TRY, not by BIDE_TRY";
    check_block(SWALLOW, TRY_RAISES, wanted, "enter, entered, exit KeyError('block')");
    check_block(SWALLOW, RETURN_RAISED, wanted, "enter, entered, exit KeyError('block')");
}

static void test_an_exit_that_raises(void)
{
    check_block(EXIT_RAISES, FALL, "!! OSError: exit", "enter, entered, end of block, exit None");
    check_block(EXIT_RAISES, RETURN, "!! OSError: exit", "enter, entered, exit None");
    check_block(EXIT_RAISES, RETURN_VALUE, "!! OSError: exit", "enter, entered, exit None");
    check_block(EXIT_RAISES, RAISE, "!! OSError: exit", "enter, entered, exit KeyError('block')");
    check_block(EXIT_RAISES, RETURN_RAISED, "!! OSError: exit",
                "enter, entered, exit KeyError('block')");
    /* On a break the function goes on, and the exception with it: it must not be lost. */
    check_block(EXIT_RAISES, BREAK, "!! OSError: exit", "enter, entered, exit None, end");
}

static void test_an_exit_that_raises_after_the_block_did(void)
{
    bide_value error, coro = bide_coro(block, bide_tuple(new_manager(EXIT_RAISES), (int)RAISE));
    CHECK(bide_send(coro, BIDE_NONE, NULL) == BIDE_YIELDED);
    CHECK(bide_send(coro, BIDE_NONE, NULL) == BIDE_RAISED);
    CHECK(bide_catch(BIDE_OSError, &error));
    CHECK(bide_is_error(bide_error_context(error), BIDE_KeyError));
    bide_drop(error);
    bide_drop(coro);
    check__notes[0] = '\0';
}

/* Dropped inside the block, or while it is being entered or left. */
static void test_dropping_midway(void)
{
    static const char *const wanted[] = {"enter", "enter, entered, end of block, exit None"};
    for (int steps = 1; steps <= 2; steps++) {
        bide_value coro = bide_coro(block, bide_tuple(new_manager(EXIT_AWAITS), (int)FALL));
        for (int i = 0; i < steps; i++)
            CHECK(bide_send(coro, BIDE_NONE, NULL) == BIDE_YIELDED);
        bide_drop(coro);
        CHECK_NOTES(wanted[steps - 1]);
    }
}

static BIDE_ASYNC int suspend_inside(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (v, new_manager(LET_GO)) {
        BIDE_WITH_TRY(v, bide_suspend(bide_str("inside"), NULL));
    }
    BIDE_END_WITH(v);
    return 0;
}

static void test_dropping_inside(void)
{
    bide_value coro = bide_coro(suspend_inside, BIDE_NONE);
    CHECK_STEP("-> 'entering'", bide_send, coro, BIDE_NONE);
    CHECK_STEP("-> 'inside'", bide_send, coro, BIDE_NONE);
    bide_drop(coro);
    CHECK_NOTES("enter, exit GeneratorExit()");
}

static BIDE_ASYNC int nested(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (outer, new_manager(SWALLOW)) {
        BIDE_ASYNC_WITH (inner, new_manager(LET_GO), BIDE_LEAVE(outer)) {
            BIDE_WITH_TRY(inner, fail());
        }
        BIDE_END_WITH(inner, BIDE_LEAVE(outer));
        note("not here");
    }
    BIDE_END_WITH(outer);
    note("but here");
    return 0;
}

static void test_nested_blocks(void)
{
    CHECK_STEP("=> None", run_to_end, bide_coro(nested, BIDE_NONE));
    CHECK_NOTES("enter, enter, exit KeyError('block'), exit KeyError('block'), but here");
}

/* --- the plain function ----------------------------------------------------------- */

BIDE__UNCOLORED static int in_a_call(bide_value entered, void *data, bide_value *result)
{
    note("%s", bide_cstr(entered));
    *result = bide_list("result");
    return *(bool *)data ? fail() : 0;
}

/* (manager, whether to raise) */
static BIDE_ASYNC int call(bide_value arg, bide_value *result)
{
    bool raises = bide_item(arg, 1).as.b;
    return bide_async_with(bide_ref(bide_item(arg, 0)), in_a_call, &raises, result);
}

static void test_the_plain_function(void)
{
    CHECK_STEP("=> ['result']", run_to_end,
               bide_coro(call, bide_tuple(new_manager(LET_GO), (bool)false)));
    CHECK_STEP("!! KeyError: block", run_to_end,
               bide_coro(call, bide_tuple(new_manager(LET_GO), (bool)true)));
    CHECK_STEP("=> None", run_to_end,
               bide_coro(call, bide_tuple(new_manager(SWALLOW), (bool)true)));
    CHECK_STEP("!! OSError: exit", run_to_end,
               bide_coro(call, bide_tuple(new_manager(EXIT_RAISES), (bool)false)));
    CHECK_NOTES("enter, entered, exit None, enter, entered, exit KeyError('block'), "
                "enter, entered, exit KeyError('block'), enter, entered, exit None");
}

int main(void)
{
    RUN(test_every_way_out);
    RUN(test_an_exit_that_swallows);
    RUN(test_an_exit_that_raises);
    RUN(test_an_exit_that_raises_after_the_block_did);
    RUN(test_dropping_midway);
    RUN(test_dropping_inside);
    RUN(test_nested_blocks);
    RUN(test_the_plain_function);
    return check_end();
}
