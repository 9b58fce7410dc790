/* A coroutine that is awaited while nobody else can reach it runs on the stack of the one that
 * awaits it. Nobody may be able to tell: every scenario here runs once that way and once with the
 * coroutines kept, so that each has a stack of its own, and both must leave the same trace.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

enum { LEVELS = 3, KEPT = 16 };

/* What a level does when its await raises. */
enum reaction { PASS_ON, SWALLOW, REPLACE, SUSPEND_AGAIN, AWAIT_AGAIN, DEFER, REACTIONS };

static enum reaction reactions[LEVELS];
static bool keep;
static bide_value kept[KEPT];
static int kept_count;

/* The coroutine, which can then be reached by others too if `keep` says so. */
static bide_value made(bide_value coro)
{
    if (keep && kept_count < KEPT)
        kept[kept_count++] = bide_ref(coro);
    return coro;
}

static BIDE_ASYNC int suspend_once(bide_value arg, bide_value *result)
{
    return bide_suspend(bide_ref(arg), NULL);
}

static int note_cleanup(bide_value arg)
{
    note("cleanup %d", (int)arg.as.i);
    return 0;
}

static BIDE_ASYNC int react(int level, bide_value *result)
{
    bide_value error = bide_error_take(), text = bide_error_text(error);
    note("%d raised %s", level, bide_cstr(text));
    bide_drop(text);
    if (reactions[level] == PASS_ON || reactions[level] == DEFER)
        return bide_error_restore(error);
    bide_drop(error);
    switch (reactions[level]) {
    case SWALLOW:
        return bide_return(result, bide_strf("swallowed %d", level));
    case REPLACE:
        return bide_raise(BIDE_ValueError, "replaced %d", level);
    case SUSPEND_AGAIN:
        BIDE_TRY(bide_suspend(bide_strf("again %d", level), NULL));
        break;
    default:
        BIDE_TRY(bide_await(made(bide_coro(suspend_once, bide_strf("again %d", level))), NULL));
        break;
    }
    note("%d goes on", level);
    return bide_return(result, bide_strf("late %d", level));
}

static BIDE_ASYNC int run_level(bide_value arg, bide_value *result)
{
    int level = (int)arg.as.i;
    bide_value inner = BIDE_NONE;
    int status;
    if (reactions[level] == DEFER)
        BIDE_TRY(bide_defer(note_cleanup, bide_int(level)));
    if (level == LEVELS - 1)
        status = bide_suspend(bide_str("first"), &inner);
    else
        status = bide_await(made(bide_coro(run_level, bide_int(level + 1))), &inner);
    if (status < 0)
        return react(level, result);
    note_value("got", inner);
    return bide_return(result, bide_list(level, inner));
}

static void note_unraisable(bide_value error, const char *where)
{
    bide_value text = bide_error_text(error);
    note("unraisable %s", bide_cstr(text));
    bide_drop(text);
}

static void note_step(int status, bide_value out)
{
    if (status < 0)
        note_error("!!");
    else
        note_value(status ? "->" : "=>", out);
    bide_drop(out);
}

/* Does what the letters say: Send, Throw, throw generatorExit, Close; then drops everything. */
static void play(const char *script, char *trace, size_t size)
{
    bide_value out, coro = bide_coro(run_level, bide_int(0));
    check__notes[0] = '\0';
    for (; *script; script++) {
        switch (*script) {
        case 'S':
            note_step(bide_send(coro, BIDE_NONE, &out), out);
            break;
        case 'T':
            note_step(bide_throw(coro, bide_error_new(BIDE_KeyError, "k"), &out), out);
            break;
        case 'E':
            note_step(bide_throw(coro, bide_error_new(BIDE_GeneratorExit, "mine"), &out), out);
            break;
        default:
            note_step(bide_close(coro, &out), out);
            break;
        }
        note("%s", bide_state_name(coro));
    }
    bide_drop(coro);
    note("dropped");
    while (kept_count > 0)
        bide_drop(kept[--kept_count]);
    snprintf(trace, size, "%s", check__notes);
    check__notes[0] = '\0';
}

static void compare(const char *script)
{
    char inlined[2000], separate[2000];
    keep = false;
    play(script, inlined, sizeof inlined);
    keep = true;
    play(script, separate, sizeof separate);
    if (strcmp(inlined, separate) != 0)
        check__fail(__FILE__, __LINE__,
                    "%s with reactions %d %d %d\n  inlined:  %s\n  separate: %s", script,
                    reactions[0], reactions[1], reactions[2], inlined, separate);
}

static void compare_all(const char *script)
{
    for (int i = 0; i < REACTIONS * REACTIONS * REACTIONS; i++) {
        reactions[0] = (enum reaction)(i / (REACTIONS * REACTIONS));
        reactions[1] = (enum reaction)(i / REACTIONS % REACTIONS);
        reactions[2] = (enum reaction)(i % REACTIONS);
        compare(script);
    }
}

static void test_running_to_the_end(void)
{
    compare_all("SS");
    compare_all("SSS");
}

static void test_throwing(void)
{
    compare_all("STS");
    compare_all("STSS");
    compare_all("STTT");
}

static void test_throwing_generator_exit(void)
{
    compare_all("SES");
    compare_all("SEE");
    compare_all("SETS");
}

static void test_closing(void)
{
    compare_all("SC");
    compare_all("SCS");
    compare_all("STC");
    compare_all("STSC");
}

static void test_dropping(void)
{
    compare_all("S");
    compare_all("ST");
    compare_all("SE");
}

/* What the traces are, for one of them: that both are alike proves little if both are empty. */
static void test_what_closing_does(void)
{
    char trace[2000];
    for (int i = 0; i < 2; i++) {
        keep = i;
        reactions[0] = DEFER;
        reactions[1] = REPLACE;
        reactions[2] = SWALLOW;
        play("SC", trace, sizeof trace);
        CHECK_STR(trace, "-> 'first', CORO_SUSPENDED, 2 raised GeneratorExit, "
                         "1 raised GeneratorExit, 0 raised ValueError: replaced 1, cleanup 0, "
                         "!! ValueError: replaced 1, CORO_CLOSED, dropped");
        reactions[1] = PASS_ON;
        reactions[2] = SUSPEND_AGAIN;
        play("SC", trace, sizeof trace);
        CHECK(strstr(trace, "!! RuntimeError: coroutine ignored GeneratorExit") != NULL);
    }
}

/* --- the same awaits are noted in a traceback ------------------------------------- */

static BIDE_ASYNC int fail_below(bide_value arg, bide_value *result)
{
    if (arg.as.i == 0)
        return bide_raise(BIDE_ValueError, "bottom");
    return bide_await(made(bide_coro(fail_below, bide_int(arg.as.i - 1))), result);
}

static void test_tracebacks(void)
{
    bide_value texts[2];
    for (int i = 0; i < 2; i++) {
        keep = i;
        bide_value coro = bide_coro(fail_below, bide_int(4));
        CHECK_INT(bide_send(coro, BIDE_NONE, NULL), BIDE_RAISED);
        bide_value error = bide_error_take();
        texts[i] = bide_error_traceback(error);
        bide_drop(error);
        bide_drop(coro);
        while (kept_count > 0)
            bide_drop(kept[--kept_count]);
    }
    CHECK_STR(bide_cstr(texts[0]), bide_cstr(texts[1]));
    CHECK(strstr(bide_cstr(texts[0]), "in fail_below\n") != NULL);
    bide_drop(texts[0]);
    bide_drop(texts[1]);
}

/* --- one that is reached only while it runs --------------------------------------- */

static bide_value found;

static BIDE_ASYNC int be_found(bide_value arg, bide_value *result)
{
    /* The awaiter says what it awaits: a reference to one that runs inlined. */
    found = bide_ref(bide_awaiting(arg));
    note("%s", bide_state_name(found));
    CHECK_RAISES("!! ValueError: coroutine already executing", bide_await(bide_ref(found), NULL));
    BIDE_TRY(bide_suspend(bide_int(1), NULL));
    return bide_return(result, "done");
}

static bide_value finder;

static BIDE_ASYNC int find(bide_value arg, bide_value *result)
{
    return bide_await(bide_coro(be_found, bide_ref(finder)), result);
}

static void test_an_inlined_one_can_be_looked_at(void)
{
    finder = bide_coro(find, BIDE_NONE);
    CHECK_STEP("-> 1", bide_send, finder, BIDE_NONE);
    note("%s", bide_state_name(found));
    CHECK_STEP("=> 'done'", bide_send, finder, BIDE_NONE);
    note("%s", bide_state_name(found));
    CHECK_NOTES("CORO_RUNNING, CORO_SUSPENDED, CORO_CLOSED");
    bide_drop(finder);
    CHECK_STEP("!! RuntimeError: cannot reuse already awaited coroutine", bide_send, found,
               BIDE_NONE);
    bide_drop(found);
}

/* Reached while it is suspended on another's stack: it cannot be driven past that one. */
static void test_an_inlined_one_cannot_be_driven(void)
{
    finder = bide_coro(find, BIDE_NONE);
    CHECK_STEP("-> 1", bide_send, finder, BIDE_NONE);
    const char *wanted = "!! RuntimeError: coroutine is being awaited already";
    bide_value other = bide_await_iter(bide_ref(found));
    CHECK_STEP(wanted, bide_next, other);
    CHECK_STEP(wanted, bide_send, found, BIDE_NONE);
    CHECK_STEP(wanted, bide_throw, found, bide_error_new(BIDE_KeyError, NULL));
    CHECK_STEP(wanted, bide_close, found);
    CHECK_STR(bide_state_name(finder), "CORO_SUSPENDED");
    CHECK_STEP("=> 'done'", bide_send, finder, BIDE_NONE);
    bide_drop(other);
    bide_drop(found);
    bide_drop(finder);
}

int main(void)
{
    bide_set_unraisable_hook(note_unraisable);
    RUN(test_running_to_the_end);
    RUN(test_throwing);
    RUN(test_throwing_generator_exit);
    RUN(test_closing);
    RUN(test_dropping);
    RUN(test_what_closing_does);
    RUN(test_tracebacks);
    RUN(test_an_inlined_one_can_be_looked_at);
    RUN(test_an_inlined_one_cannot_be_driven);
    return check_end();
}
