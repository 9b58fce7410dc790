/* virtual.c - a clock that starts at 0 and jumps: an hour of timeouts takes a millisecond, and
 * every run is the same run.
 *
 * Descriptors are real even so. What is readable now comes first; then the clock jumps to the
 * deadline; only where there is no deadline does the host really wait. Threads are real too: while
 * they work for the loop the clock stands still, and the host waits for them.
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
    bool later = deadline > self->virtual_now;
    bool stands = later && (host->owed || deadline == INT64_MAX);
    if (self->count > 0) {
        int error = bide__posix_poll(self, stands ? -1 : 0);
        if (error)
            return error;
    }
    if (later && !stands)
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
