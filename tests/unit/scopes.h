/* scopes.h - what the tests of cancel scopes share.
 *
 * SPDX-License-Identifier: MIT */
#ifndef SCOPES_H
#define SCOPES_H

#include "check.h"

static inline void run(bide_body *body)
{
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
}

static inline BIDE_ASYNC int nap(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_MS(arg.as.i)));
    note("%d", (int)arg.as.i);
    return bide_return(result, arg);
}

static inline bide_value napping(int ms)
{
    return bide_coro(nap, bide_int(ms));
}

static inline int cancel_scope(bide_value scope)
{
    CHECK_INT(bide_scope_cancel(scope, "why"), 1);
    CHECK_INT(bide_scope_cancel(scope, "again"), 0);
    return 0;
}

/* Cancels the scope after some time. */
static inline void cancel_in(int ms, bide_value scope)
{
    bide_drop(bide_call_later(BIDE_MS(ms), cancel_scope, bide_ref(scope)));
}

/* Cancels the task `ms` from now. */
static inline int cancel_task(bide_value task)
{
    CHECK_INT(bide_future_cancel(task, "task"), 1);
    return 0;
}

static inline void cancel_me_in(int ms)
{
    bide_drop(bide_call_later(BIDE_MS(ms), cancel_task, bide_current_task()));
}

#endif
