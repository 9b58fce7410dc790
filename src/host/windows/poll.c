/* poll.c - waiting on Windows. Time passes by Sleep. The C library's descriptors cannot be waited
 * for there: each is said to be ready, and who reads from one that is not waits in the read.
 *
 * SPDX-License-Identifier: MIT */
#include "host/windows/poll.h"

#include <windows.h>

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    for (nfds_t i = 0; i < count; i++)
        fds[i].revents = fds[i].events;
    if (count == 0)
        Sleep(timeout < 0 ? INFINITE : (DWORD)timeout);
    return (int)count;
}
