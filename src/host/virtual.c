/* virtual.c - a clock that starts at 0 and jumps: an hour of timeouts takes a millisecond, and
 * every run is the same run.
 *
 * Descriptors are real even so. What is readable now comes first; then the clock jumps to the
 * deadline; only where there is no deadline does the host really wait.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "host/posix.h"

static int64_t now(bide_host *host)
{
    return ((struct bide__posix_host *)host)->virtual_now;
}

static int wait_until(bide_host *host, int64_t deadline)
{
    struct bide__posix_host *self = (struct bide__posix_host *)host;
    if (self->count > 0) {
        int error = bide__posix_poll(self, deadline == INT64_MAX ? -1 : 0);
        if (error)
            return error;
    }
    if (deadline != INT64_MAX && deadline > self->virtual_now)
        self->virtual_now = deadline;
    return 0;
}

static void advance(bide_host *host, int64_t now)
{
    ((struct bide__posix_host *)host)->virtual_now = now;
}

bide_host *bide__host_virtual(void)
{
    bide_host *host = bide__host_posix();
    if (host) {
        host->now = now;
        host->wait = wait_until;
        host->advance = advance;
    }
    return host;
}
