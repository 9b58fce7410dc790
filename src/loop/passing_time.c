/* passing_time.c - making time pass on purpose: for tests of programs on the virtual clock.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/runner.h>

#include "loop/loop.h"
#include "object/exec.h"

int bide_advance(int64_t ns)
{
    bide__loop *loop = bide__loop_required();
    if (!loop)
        return BIDE_RAISED;
    if (!loop->host->advance)
        return bide_raise(BIDE_RuntimeError, "only the virtual clock can be advanced: run with "
                                             "BIDE_HOST=virtual, or call bide_use_host");
    if (ns < 0)
        return bide_raise(BIDE_ValueError, "time cannot go back");
    int64_t now = loop->host->now(loop->host);
    loop->host->advance(loop->host, ns > BIDE_NEVER - now ? BIDE_NEVER : now + ns);
    loop->stale = true;
    return 0;
}

static int stop(bide_value loop)
{
    ((bide__loop *)loop.as.ptr)->stopping = true;
    return 0;
}

int bide_loop_run_for(bide_value v, int64_t ns)
{
    int64_t begun = bide_loop_time(v);
    if (bide_error_pending())
        return BIDE_RAISED;
    int64_t end = ns > BIDE_NEVER - begun ? BIDE_NEVER : begun + ns;
    bide_value timer = bide__call_at_on(bide__loop_of(v), end, stop, bide_ptr(v.as.object));
    if (bide_failed(timer))
        return BIDE_RAISED;
    int status = bide_loop_run_forever(v);
    bide_value error = bide_error_take();
    bide_handle_cancel(timer);
    bide_drop(timer);
    return status < 0 ? bide_error_restore(error) : 0;
}
