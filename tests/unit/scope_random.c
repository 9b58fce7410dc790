/* Programs from seeds, of nested scopes, shields, timeouts and task groups that are cancelled at
 * random. None of them swallows a cancellation, so each must arrive where it belongs: at its scope,
 * its timeout, its group, or at the end of the task.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

enum { SEEDS = 2000, DEPTH = 4 };

static uint64_t state;
static unsigned seed;

static unsigned random_below(unsigned n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 33) % n;
}

#define EXPECT(condition)                                                                          \
    ((condition) ? (void)0                                                                         \
                 : check__fail(__FILE__, __LINE__, "seed %u: not so: %s", seed, #condition))

static int64_t some_time(void)
{
    return BIDE_MS(random_below(12));
}

/* How often which end was seen: a program that has none of something tests nothing of it. */
static struct {
    int caught, timed_out, groups, cancelled, held;
} seen;

static BIDE_ASYNC int body(int depth);

static BIDE_ASYNC int nap(void)
{
    bool in_force = bide_scope_check() < 0;
    bide_error_clear();
    int status = random_below(4) ? bide_sleep(some_time()) : bide_await(bide_future(), NULL);
    EXPECT(status < 0 || !in_force);
    if (status < 0 && in_force)
        EXPECT(bide_error_matches(BIDE_CancelledError));
    return status;
}

static int cancel_scope(bide_value scope)
{
    bide_scope_cancel(scope, NULL);
    return 0;
}

static BIDE_ASYNC int in_scope(int depth)
{
    int64_t delay = random_below(2) ? some_time() : BIDE_NEVER;
    bool shield = random_below(3) == 0;
    bide_value scope = shield ? bide_shielded_scope(some_time()) : bide_scope(delay);
    bide_drop(bide_call_later(some_time(), cancel_scope, bide_ref(scope)));
    bide_value me = bide_current_task();
    int before = bide_task_cancelling(me);
    BIDE_TRY(bide_scope_enter(scope));
    int status = body(depth + 1);
    bide_value error = bide_error_take();
    bool own = bide_is(bide_error_value(error), scope);
    EXPECT((status < 0) == !bide_is_none(error));
    EXPECT(!own || bide_scope_cancelled(scope));
    if (status < 0)
        bide_error_restore(error);
    status = bide_scope_leave(scope);
    EXPECT(bide_scope_caught(scope) == own);
    EXPECT(!own || status == 0 || shield);
    seen.caught += own;
    seen.held += shield && status < 0 && bide_task_cancelling(me) > before;
    bide_drop(scope);
    bide_drop(me);
    return status;
}

static BIDE_ASYNC int in_timeout(int depth)
{
    BIDE_ASYNC_WITH (timeout, bide_timeout(some_time())) {
        BIDE_WITH_TRY(timeout, body(depth + 1));
    }
    BIDE_END_WITH(timeout, (void)0);
    if (bide_catch(BIDE_TimeoutError, NULL))
        seen.timed_out++;
    return bide_error_pending() ? BIDE_RAISED : 0;
}

static BIDE_ASYNC int child(bide_value depth, bide_value *result)
{
    BIDE_TRY(body((int)depth.as.i + 1));
    return random_below(4) ? 0 : bide_raise(BIDE_ValueError, "child");
}

static BIDE_ASYNC int in_group(int depth)
{
    BIDE_ASYNC_WITH (group, bide_group()) {
        for (unsigned n = random_below(3); n > 0; n--)
            BIDE_WITH_TRY(group, bide_group_start(group, bide_coro(child, bide_int(depth))));
        BIDE_WITH_TRY(group, body(depth + 1));
    }
    BIDE_END_WITH(group, (void)0);
    if (!bide_catch(BIDE_ExceptionGroup, NULL))
        return bide_error_pending() ? BIDE_RAISED : 0;
    seen.groups++;
    /* The task's own cancellation may be due now. A timeout that begins before it is delivered, and
     * expires, takes it for its own, as in CPython. */
    return bide_sleep(0);
}

static BIDE_ASYNC int body(int depth)
{
    for (unsigned n = 1 + random_below(3); n > 0; n--) {
        unsigned what = depth < DEPTH ? random_below(8) : 0;
        if (what < 3)
            BIDE_TRY(nap());
        else if (what < 6)
            BIDE_TRY(in_scope(depth));
        else if (what == 6)
            BIDE_TRY(in_timeout(depth));
        else
            BIDE_TRY(in_group(depth));
    }
    return 0;
}

static BIDE_ASYNC int root(bide_value arg, bide_value *result)
{
    return body(0);
}

/* Cancels the root, and at the end of all others what is left of it. */
static BIDE_ASYNC int program(bide_value arg, bide_value *result)
{
    bide_value task = bide_task(bide_coro(root, BIDE_NONE), "root"), error;
    bool cancel = random_below(2);
    int asked = 0;
    if (cancel) {
        BIDE_TRY(bide_sleep(some_time() * 2));
        asked = bide_future_cancel(task, "asked");
    }
    BIDE_TRY(bide_sleep(BIDE_SECONDS(100)));
    if (!bide_future_done(task)) /* it waits for a future that nobody ends, in no scope */
        asked += bide_future_cancel(task, "late");
    BIDE_TRY(bide_sleep(BIDE_SECONDS(100)));
    EXPECT(bide_future_done(task));
    EXPECT(bide_future_cancelled(task) == (asked > 0));
    EXPECT(bide_task_cancelling(task) == asked);
    if (bide_future_done(task) && !bide_future_cancelled(task)) {
        EXPECT(bide_future_exception(task, &error) == 0 && bide_is_none(error));
        bide_drop(error);
    }
    seen.cancelled += asked > 0;
    bide_drop(task);
    return 0;
}

static void test_programs(void)
{
    for (seed = 1; seed <= SEEDS; seed++) {
        state = seed * UINT64_C(0x9E3779B97F4A7C15);
        CHECK_STEP("=> None", bide_run, bide_coro(program, BIDE_NONE));
        EXPECT(bide_debug_live() == 0);
    }
    CHECK(seen.caught > SEEDS / 2 && seen.timed_out > 10 && seen.groups > 10);
    CHECK(seen.cancelled > 10 && seen.held > 3);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_programs);
    return check_end();
}
