/* exit.c - exceptions that end a run wherever they are raised.
 *
 * As in asyncio such an exception leaves the loop through whatever is under way. The rest of the
 * iteration is not run any more by this run, but by the one that ends the tasks that are left.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/exit.h"

#include <bide/error.h>

bool bide__is_exit(bide_value error)
{
    return bide_is_error(error, BIDE_SystemExit) || bide_is_error(error, BIDE_KeyboardInterrupt);
}

static void put_back(bide__loop *loop)
{
    bide__ready **end = &loop->batch;
    if (!loop->batch)
        return;
    while (*end)
        end = &(*end)->next;
    *end = loop->ready;
    if (!loop->ready)
        loop->ready_end = end;
    loop->ready = loop->batch;
    loop->batch = NULL;
}

bool bide__loop_exit(bide__loop *loop, bide_value error)
{
    if (!bide__is_exit(error) || !loop->main_task)
        return false;
    if (bide_is_none(loop->exit))
        loop->exit = bide_ref(error);
    loop->stopping = true;
    put_back(loop);
    return true;
}

void bide__callback_failed(bide__loop *loop)
{
    bide_value error = bide_error_take();
    if (bide__loop_exit(loop, error))
        bide_drop(error);
    else
        bide__loop_report("Exception in callback", error);
}
