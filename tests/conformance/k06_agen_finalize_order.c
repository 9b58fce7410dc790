/* break in an async for: Python's, which BIDE_ASYNC_FOR_OPEN is, leaves the cleanup to another
 * task, the outer generator's before the inner's; BIDE_ASYNC_FOR awaits it where the loop is left.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <string.h>

static bool open;

/* finally: log(name, 'closed in', ...) */
static int closed(const char *name)
{
    BIDE_SCOPED bide_value error = bide_error_take(), current = bide_current_task();
    log(name, "closed in", strcmp(bide_task_name(current), "M") == 0 ? "main" : "another task");
    return bide_is_none(error) ? 0 : bide_error_restore(bide_ref(error));
}

static BIDE_ASYNC_GENERATOR int inner(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_yield(bide_int(1), NULL), return closed("inner"));
    BIDE_TRY(bide_yield(bide_int(2), NULL), return closed("inner"));
    return closed("inner");
}

static BIDE_ASYNC_GENERATOR int pass_on(void)
{
    if (open) {
        BIDE_ASYNC_FOR_OPEN (x, bide_agen(inner, BIDE_NONE))
            BIDE_TRY(bide_yield(bide_ref(x), NULL));
    } else {
        BIDE_ASYNC_FOR (x, bide_agen(inner, BIDE_NONE))
            BIDE_TRY(bide_yield(bide_ref(x), NULL));
    }
    return 0;
}

static BIDE_ASYNC_GENERATOR int outer(bide_value arg, bide_value *result)
{
    pass_on();
    return closed("outer");
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value current = bide_current_task();
    BIDE_TRY(bide_task_set_name(current, "M"));
    if (open) {
        BIDE_ASYNC_FOR_OPEN (x, bide_agen(outer, BIDE_NONE))
            break;
    } else {
        BIDE_ASYNC_FOR (x, bide_agen(outer, BIDE_NONE))
            break;
    }
    BIDE_TRY(0);
    log("after loop");
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_sleep(0));
    BIDE_TRY(bide_sleep(0));
    log("end");
    return 0;
}

int k06_agen_finalize_order(void)
{
    print("BIDE_ASYNC_FOR_OPEN");
    open = true;
    top(bide_coro(async_main, BIDE_NONE));
    print("BIDE_ASYNC_FOR");
    open = false;
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
