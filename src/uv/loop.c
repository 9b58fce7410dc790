/* loop.c - Bide's loop on libuv's: offered to bide_run, or in an application's.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/uv.h>

#include "loop/settings.h"
#include "object/exec.h"
#include "uv/op.h"

static bide_host *own_loop(void)
{
    return bide__host_uv(NULL);
}

/* Kept in every program that is linked with this library; see libuv.cmake. */
void bide__uv_offer(void);

__attribute__((constructor)) void bide__uv_offer(void)
{
    static bide__host_row row = {.name = "uv", .make = own_loop, .preferred = true};
    bide__host_offer(&row);
}

bide_value bide_uv_loop(uv_loop_t *application)
{
    bide_host *host = bide__host_uv(application);
    if (!host)
        bide__raise_no_memory();
    return bide_object_value(bide__loop_new(host));
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
