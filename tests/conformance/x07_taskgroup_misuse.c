/* Tasks for a group before, after and while it ends; from its own children; groups within groups.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <string.h>

static BIDE_ASYNC int(w)(bide_value args, bide_value *result)
{
    bide_value n = item(args, 0), d = item(args, 1), e = item(args, 2);
    if (sleep_for(d) < 0)
        return log_cancelled(n);
    if (!bide_is_none(e))
        return bide_raise_error(bide_ref(e));
    return bide_return(result, bide_ref(n));
}
#define w(...) bide_coro(w, bide_tuple(__VA_ARGS__))

static bide_value ValueError(const char *message)
{
    return bide_error_new(BIDE_ValueError, "%s", message);
}

/* "<TaskGroup ...> is finished": what follows the group. */
static const char *after_group(bide_value error)
{
    const char *message = bide_error_message(error), *end = strstr(message, "> ");
    return end ? end + 2 : message;
}

static BIDE_ASYNC int tryspawn(bide_value g, const char *label)
{
    BIDE_SCOPED bide_value e = BIDE_NONE;
    if (bide_group_start(g, w("late", 1)) < 0) {
        BIDE_EXCEPT(BIDE_RuntimeError, &e);
        log(label, after_group(e));
    }
    return 0;
}

static BIDE_ASYNC int with_a(bide_value group)
{
    BIDE_ASYNC_WITH (g, bide_ref(group)) {
        BIDE_WITH_TRY(g, bide_group_start(g, w("a", 1)));
    }
    BIDE_END_WITH(g);
    return 0;
}

static BIDE_ASYNC int outside(void)
{
    BIDE_SCOPED bide_value g = bide_group(), e = BIDE_NONE;
    BIDE_TRY(tryspawn(g, "before"));
    BIDE_TRY(with_a(g));
    BIDE_TRY(tryspawn(g, "after"));
    if (with_a(g) < 0) {
        BIDE_EXCEPT(BIDE_RuntimeError, &e);
        log(after_group(e));
    }
    return 0;
}

static BIDE_ASYNC int aborting(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (g, bide_group()) {
        BIDE_SCOPED bide_value e = BIDE_NONE;
        BIDE_WITH_TRY(g, bide_group_start(g, w("x", 1, ValueError("x"))));
        if (bide_sleep(BIDE_SECONDS(5)) < 0) {
            BIDE_EXCEPT(BIDE_CancelledError, &e, BIDE_LEAVE(g));
            BIDE_WITH_TRY(g, tryspawn(g, "aborting"));
            bide_error_restore(bide_ref(e));
        }
        BIDE_LEAVE(g);
    }
    BIDE_END_WITH(g);
    return 0;
}

static BIDE_ASYNC int child(bide_value g, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    BIDE_TRY(bide_group_start(g, w("grandchild", 2)));
    log("child done");
    return 0;
}

static BIDE_ASYNC int fromchild(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (g, bide_group()) {
        BIDE_WITH_TRY(g, bide_group_start(g, bide_coro(child, bide_ref(g))));
    }
    BIDE_END_WITH(g);
    log("group left");
    return 0;
}

static BIDE_ASYNC int nested(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (a, bide_group()) {
        BIDE_WITH_TRY(a, bide_group_start(a, w("outer", 5)));
        BIDE_ASYNC_WITH (b, bide_group(), BIDE_LEAVE(a)) {
            BIDE_WITH_TRY(b, bide_group_start(b, w("inner", 1, ValueError("i"))));
            BIDE_WITH_TRY(b, bide_group_start(b, w("inner2", 5)));
        }
        BIDE_END_WITH(b, BIDE_LEAVE(a));
    }
    BIDE_END_WITH(a);
    return 0;
}

static BIDE_ASYNC int nested2(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (a, bide_group()) {
        BIDE_WITH_TRY(a, bide_group_start(a, w("outer", 1, ValueError("o"))));
        BIDE_ASYNC_WITH (b, bide_group(), BIDE_LEAVE(a)) {
            BIDE_WITH_TRY(b, bide_group_start(b, w("inner", 5)));
        }
        BIDE_END_WITH(b, BIDE_LEAVE(a));
    }
    BIDE_END_WITH(a);
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_TRY(outside());
    attempt("aborting", bide_coro(aborting, BIDE_NONE));
    attempt("child spawns", bide_coro(fromchild, BIDE_NONE));
    attempt("nested", bide_coro(nested, BIDE_NONE));
    attempt("nested outer fails", bide_coro(nested2, BIDE_NONE));
    return 0;
}

int x07_taskgroup_misuse(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
