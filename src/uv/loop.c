/* loop.c - Bide's loop in an application's, and libuv's loop for others.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/uv.h>

#include "loop/run.h"
#include "object/exec.h"
#include "uv/op.h"

bide_value bide_uv_loop(uv_loop_t *application)
{
    bide_host *host = bide__host_uv(application);
    if (!host)
        bide__raise_no_memory();
    return bide_object_value(bide__loop_with(host));
}

uv_loop_t *bide_uv_running_loop(void)
{
    bide__uv_host *host = bide__uv_required();
    if (!host)
        return NULL;
    host->exposed = true;
    host->base.busy = true;
    return host->uv;
}
