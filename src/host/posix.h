/* posix.h - the poll set, which the posix host and the virtual one share.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_HOST_POSIX_H
#define BIDE_HOST_POSIX_H

#include <poll.h>

#include "host/host.h"

struct bide__posix_host {
    bide_host base;
    bide_watch *watches; /* borrowed, linked */
    size_t count;        /* how many */
    size_t own;          /* how many of them are the host's own: 1 once `wakeup` is watched */
    struct pollfd *fds;  /* owned; as of the last change, with the watch of each beside it */
    bide_watch **polled; /* NULL where the interest was taken back meanwhile */
    size_t polled_count, room;
    bool changed;
    bide_watch wakeup;   /* of wakeup_fds[0] */
    int wakeup_fds[2];   /* owned, if own > 0 */
    int64_t virtual_now; /* the virtual host's clock */
};

/* Polls for at most timeout_ms (-1: no limit) and calls back: 0, or an errno's value. */
int bide__posix_poll(struct bide__posix_host *self, int timeout_ms);
bool bide__posix_alive(bide_host *host);
void bide__posix_watch(bide_host *host, bide_watch *watch);
void bide__posix_unwatch(bide_host *host, bide_watch *watch);
int bide__posix_open_wake(bide_host *host);
void bide__posix_wake(bide_host *host);
void bide__posix_close(bide_host *host);

#endif
