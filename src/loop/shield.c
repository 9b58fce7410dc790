/* shield.c - a future that follows another, without passing its own cancellation on.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/task.h"

#include "object/exec.h"

/* The shielded one is done: arg is the outer future. */
static int follow(bide_value inner, bide_value outer)
{
    bide_value v = BIDE_NONE;
    if (bide_future_done(outer)) {
        if (!bide_future_cancelled(inner) && bide_future_exception(inner, &v) == 0)
            bide_drop(v); /* looked at */
        return 0;
    }
    if (bide_future_cancelled(inner))
        return bide_future_cancel(outer, NULL) < 0 ? BIDE_RAISED : 0;
    if (bide_future_result(inner, &v) < 0)
        return bide_future_set_exception(outer, bide_error_take());
    return bide_future_set_result(outer, v);
}

/* The outer one is done first: its failures are for the inner's other waiters to see. */
static int let_go(bide_value outer, bide_value inner)
{
    if (bide_future_done(inner))
        return 0;
    return bide_future_remove_done_callback(inner, follow, bide_ref(outer)) < 0 ? BIDE_RAISED : 0;
}

bide_value bide_shield(bide_value awaitable)
{
    bide_value inner = bide__ensure_future(awaitable);
    if (bide_failed(inner) || bide_future_done(inner))
        return inner;
    bide_value outer = bide__future_for("shield", inner);
    if (bide_failed(outer) || bide_future_add_done_callback(inner, follow, bide_ref(outer)) < 0 ||
        bide_future_add_done_callback(outer, let_go, bide_ref(inner)) < 0) {
        bide_drop(outer);
        outer = BIDE_FAILED;
    }
    bide_drop(inner);
    return outer;
}
