/* What the environment says: BIDE_HOST, BIDE_SEED and BIDE_DEBUG, what is refused there, and that
 * calls override it.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "loop/settings.h"

static BIDE_ASYNC int note_how_it_runs(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value loop = bide_running_loop();
    note("%s clock", bide_now() == 0 ? "virtual" : "real");
    note("%s", bide_loop_get_debug(loop) ? "debug" : "no debug");
    return 0;
}

static BIDE_ASYNC int nothing(bide_value arg, bide_value *result)
{
    return 0;
}

/* bide_run with a variable set. */
#define RUN_WITH(name, value, wanted)                                                              \
    do {                                                                                           \
        setenv(name, value, 1);                                                                    \
        CHECK_STEP(wanted, bide_run, bide_coro(note_how_it_runs, BIDE_NONE));                      \
        unsetenv(name);                                                                            \
    } while (0)

static void ignore_warning(const char *category, const char *message, const bide_origin *origin)
{
}

static void test_the_host(void)
{
    RUN_WITH("BIDE_HOST", "virtual", "=> None");
    CHECK_NOTES("virtual clock, no debug");
    RUN_WITH("BIDE_HOST", "", "=> None");
    CHECK_NOTES("real clock, no debug");
    const char *own = bide_js_available() ? "js" : "posix";
    RUN_WITH("BIDE_HOST", own, "=> None");
    CHECK_NOTES("real clock, no debug");
    char wanted[200];
    snprintf(wanted, sizeof wanted,
             "!! ValueError: BIDE_HOST is 'vitrual', which is no host: it can be %s or virtual",
             own);
    bide_set_warning_hook(ignore_warning);
    RUN_WITH("BIDE_HOST", "vitrual", wanted);
    bide_set_warning_hook(NULL);
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN_WITH("BIDE_HOST", own, "=> None");
    CHECK_NOTES("virtual clock, no debug");
    bide_use_host(BIDE_HOST_DEFAULT);
}

static bide_host *make_another(void)
{
    note("another");
    return bide_js_available() ? NULL : bide__host_virtual();
}

static void test_a_host_of_another_library(void)
{
    static bide__host_row row = {.name = "another", .make = make_another};
    bide__host_offer(&row);
    if (!bide_js_available()) {
        RUN_WITH("BIDE_HOST", "another", "=> None");
        CHECK_NOTES("another, virtual clock, no debug");
    }
    setenv("BIDE_HOST", "none", 1);
    bide_value loop = bide_loop();
    unsetenv("BIDE_HOST");
    bide_value error = bide_error_take();
    CHECK(bide_failed(loop));
    CHECK(strstr(bide_error_message(error), "it can be another, "));
    bide_drop(error);
}

static void test_the_seed(void)
{
    CHECK_INT(bide__settings_seed(), BIDE_NO_SEED);
    setenv("BIDE_SEED", "42", 1);
    CHECK_INT(bide__settings_seed(), 42);
    bide_set_warning_hook(ignore_warning);
    RUN_WITH("BIDE_SEED", "4 2",
             "!! ValueError: BIDE_SEED is '4 2': it must be a whole number, 0 or greater");
    RUN_WITH("BIDE_SEED", "-1",
             "!! ValueError: BIDE_SEED is '-1': it must be a whole number, 0 or greater");
    RUN_WITH("BIDE_SEED", "99999999999999999999",
             "!! ValueError: BIDE_SEED is '99999999999999999999': it must be a whole number, 0 or "
             "greater");
    bide_set_warning_hook(NULL);
    bide_use_seed(7);
    RUN_WITH("BIDE_SEED", "x", "=> None");
    CHECK_INT(bide__settings_seed(), 7);
    bide_use_seed(-5);
    CHECK_INT(bide__settings_seed(), BIDE_NO_SEED);
    check__notes[0] = '\0';
}

/* An exception that ends a shuffled program names the seed. */
static BIDE_ASYNC int fails(bide_value arg, bide_value *result)
{
    return bide_raise(BIDE_ValueError, NULL);
}

static void test_the_seed_is_told(void)
{
    bide_use_seed(7);
    puts("a traceback on stderr, and that BIDE_SEED=7 repeats it, are meant to be there");
    CHECK_INT(bide_main(bide_coro(fails, BIDE_NONE)), 1);
    bide_use_seed(BIDE_NO_SEED);
}

static void test_debug_mode(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN_WITH("BIDE_DEBUG", "0", "=> None");
    CHECK_NOTES("virtual clock, no debug");
    RUN_WITH("BIDE_DEBUG", "1", "=> None");
    CHECK_NOTES("virtual clock, debug");
    bide_use_debug(false);
    RUN_WITH("BIDE_DEBUG", "1", "=> None");
    CHECK_NOTES("virtual clock, no debug");
    bide_use_debug(true);
    bide_value loop = bide_loop();
    CHECK(bide_loop_get_debug(loop));
    CHECK_INT(bide_loop_set_debug(loop, false), 0);
    CHECK(!bide_loop_get_debug(loop));
    bide_loop_close(loop);
    bide_drop(loop);
    bide_use_debug(false);
    CHECK(!bide_loop_get_debug(BIDE_NONE));
    CHECK_RAISES("!! TypeError: 'EventLoop' object is expected, got 'NoneType'",
                 bide_loop_set_debug(BIDE_NONE, true));
    bide_use_host(BIDE_HOST_DEFAULT);
}

/* --- time on purpose ---------------------------------------------------------------- */

static BIDE_ASYNC int advances(bide_value arg, bide_value *result)
{
    CHECK_INT(bide_advance(BIDE_SECONDS(2)), 0);
    CHECK_INT(bide_now(), BIDE_SECONDS(2));
    CHECK_RAISES("!! ValueError: time cannot go back", bide_advance(-1));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    CHECK_INT(bide_now(), BIDE_SECONDS(3));
    return 0;
}

static BIDE_ASYNC int cannot_advance(bide_value arg, bide_value *result)
{
    return bide_advance(1);
}

static void test_advancing(void)
{
    CHECK_RAISES("!! RuntimeError: no running event loop", bide_advance(1));
    CHECK_STEP("!! RuntimeError: only the virtual clock can be advanced: run with "
               "BIDE_HOST=virtual, or call bide_use_host",
               bide_run, bide_coro(cannot_advance, BIDE_NONE));
    bide_use_host(BIDE_HOST_VIRTUAL);
    CHECK_STEP("=> None", bide_run, bide_coro(advances, BIDE_NONE));
    bide_use_host(BIDE_HOST_DEFAULT);
}

static BIDE_ASYNC int expires(bide_value arg, bide_value *result)
{
    return bide_wait_for(bide_future(), BIDE_SECONDS(1800), NULL);
}

static BIDE_ASYNC int ticks(bide_value arg, bide_value *result)
{
    for (int64_t *count = arg.as.ptr;; ++*count)
        BIDE_TRY(bide_sleep(BIDE_SECONDS(60)));
}

/* A host on which looking at the clock lets it go on. */
static int64_t looks;

static int64_t look(bide_host *host)
{
    return looks += BIDE_MS(1000);
}

static bide_host *make_looking(void)
{
    bide_host *host = bide__host_virtual();
    if (host)
        host->now = look;
    return host;
}

/* The clock is looked at once in an iteration, if at all, but then also if nothing ever waits. */
static BIDE_ASYNC int looks_at_the_clock(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 3; i++) {
        int64_t now = bide_now();
        CHECK_INT(bide_now(), now);
        BIDE_TRY(bide_sleep(0));
        BIDE_TRY(bide_sleep(0));
        CHECK_INT(bide_now(), now + BIDE_SECONDS(1));
    }
    return 0;
}

static void test_now_is_of_the_iteration(void)
{
    static bide__host_row row = {.name = "looking", .make = make_looking};
    bide__host_offer(&row);
    setenv("BIDE_HOST", "looking", 1);
    CHECK_STEP("=> None", bide_run, bide_coro(looks_at_the_clock, BIDE_NONE));
    unsetenv("BIDE_HOST");
}

/* An hour of timeouts, looked at from outside. */
static void test_an_hour(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    int64_t count = 0;
    bide_value loop = bide_loop();
    bide_value ticking = bide_loop_task(loop, bide_coro(ticks, bide_ptr(&count)), "ticks");
    bide_value expiring = bide_loop_task(loop, bide_coro(expires, BIDE_NONE), "expires");
    CHECK_INT(bide_loop_run_for(loop, BIDE_SECONDS(1799)), 0);
    CHECK(!bide_future_done(expiring));
    CHECK_INT(bide_loop_run_for(loop, BIDE_SECONDS(1801)), 0);
    CHECK_INT(bide_loop_time(loop), BIDE_SECONDS(3600));
    CHECK_INT(count, 59);
    CHECK_INT(bide_loop_run_for(loop, 0), 0);
    CHECK_INT(count, 60);
    CHECK_STEP("!! TimeoutError", bide_future_result, expiring);
    bide_future_cancel(ticking, NULL);
    CHECK_INT(bide_loop_run_for(loop, 0), 0);
    CHECK(bide_future_cancelled(ticking));
    bide_drop(ticking);
    bide_drop(expiring);
    bide_loop_close(loop);
    CHECK_RAISES("!! RuntimeError: Event loop is closed", bide_loop_run_for(loop, 1));
    bide_drop(loop);
    CHECK_STEP("=> None", bide_run, bide_coro(nothing, BIDE_NONE));
    bide_use_host(BIDE_HOST_DEFAULT);
}

int main(void)
{
    RUN(test_the_host);
    RUN(test_a_host_of_another_library);
    RUN(test_the_seed);
    RUN(test_the_seed_is_told);
    RUN(test_debug_mode);
    RUN(test_advancing);
    RUN(test_now_is_of_the_iteration);
    RUN(test_an_hour);
    return check_end();
}
