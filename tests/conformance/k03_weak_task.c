/* A task that nobody refers to but the future it waits for: CPython's collector takes it away
 * while it waits, Bide's loop owns it until it is done.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int background(bide_value arg, bide_value *result)
{
    int status = bide_await(bide_future(), NULL);
    if (status < 0 && !bide_error_matches(BIDE_CancelledError))
        return status;
    print("background finally");
    return status;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    bide_drop(spawn(bide_coro(background, BIDE_NONE)));
    BIDE_TRY(bide_sleep(BIDE_SECONDS(1)));
    BIDE_SCOPED bide_value all = bide_all_tasks();
    BIDE_TRY(0);
    log("after collect", bide_size(all));
    return 0;
}

int k03_weak_task(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
