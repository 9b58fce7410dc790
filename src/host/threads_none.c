/* threads_none.c - where there are no threads.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "host/thread.h"

bool bide__threads_exist(void)
{
    return false;
}

unsigned bide__processors(void)
{
    return 1;
}

int bide__thread_start(bide__thread **out, void (*fn)(void *arg), void *arg)
{
    (void)fn;
    (void)arg;
    *out = NULL;
    return ENOTSUP;
}

void bide__thread_join(bide__thread *thread)
{
    (void)thread;
}

void bide__thread_detach(bide__thread *thread)
{
    (void)thread;
}

void bide__threads_lock(void)
{
}

void bide__threads_unlock(void)
{
}

void bide__signal_init(bide__signal *signal)
{
    (void)signal;
}

void bide__signal_destroy(bide__signal *signal)
{
    (void)signal;
}

int64_t bide__threads_clock(void)
{
    return 0;
}

bool bide__signal_wait(bide__signal *signal, int64_t deadline)
{
    (void)signal;
    (void)deadline;
    return false; /* nobody could raise it */
}

void bide__signal_raise(bide__signal *signal)
{
    (void)signal;
}

int bide__wakeup_open(int fds[2])
{
    fds[0] = fds[1] = -1;
    return ENOTSUP;
}

void bide__wakeup_write(int fd)
{
    (void)fd;
}

void bide__wakeup_clear(int fd)
{
    (void)fd;
}

void bide__wakeup_close(const int fds[2])
{
    (void)fds;
}
