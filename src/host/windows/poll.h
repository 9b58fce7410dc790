/* poll.h - the part of poll(2) that posix.c uses, for Windows, where no header has it: poll.c.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_HOST_WINDOWS_POLL_H
#define BIDE_HOST_WINDOWS_POLL_H

typedef unsigned long nfds_t;

struct pollfd {
    int fd;
    short events;
    short revents;
};

enum { POLLIN = 1, POLLOUT = 4, POLLERR = 8, POLLHUP = 16, POLLNVAL = 32 };

int poll(struct pollfd *fds, nfds_t count, int timeout);

#endif
