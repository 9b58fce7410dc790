/* threads_posix.c - threads by POSIX.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "host/thread.h"

struct bide__thread {
    pthread_t id;
};

struct start {
    void (*fn)(void *arg);
    void *arg;
};

_Static_assert(sizeof(pthread_cond_t) <= sizeof(bide__signal), "a signal has room for a condition");

enum { SECOND = 1000000000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

bool bide__threads_exist(void)
{
    return true;
}

unsigned bide__processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (unsigned)count : 1;
}

/* --- threads ------------------------------------------------------------------------ */

static void *run(void *owned)
{
    struct start start = *(struct start *)owned;
    free(owned);
    start.fn(start.arg);
    return NULL;
}

int bide__thread_start(bide__thread **out, void (*fn)(void *arg), void *arg)
{
    bide__thread *self = malloc(sizeof *self);
    struct start *start = malloc(sizeof *start);
    int error = ENOMEM;
    if (self && start) {
        *start = (struct start){fn, arg};
        error = pthread_create(&self->id, NULL, run, start);
    }
    if (error) {
        free(start);
        free(self);
    }
    *out = error ? NULL : self;
    return error;
}

void bide__thread_join(bide__thread *thread)
{
    pthread_join(thread->id, NULL);
    free(thread);
}

void bide__thread_detach(bide__thread *thread)
{
    pthread_detach(thread->id);
    free(thread);
}

/* --- the lock and signals ----------------------------------------------------------- */

void bide__threads_lock(void)
{
    pthread_mutex_lock(&lock);
}

void bide__threads_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

void bide__signal_init(bide__signal *signal)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init((pthread_cond_t *)signal, &attributes);
    pthread_condattr_destroy(&attributes);
}

void bide__signal_destroy(bide__signal *signal)
{
    pthread_cond_destroy((pthread_cond_t *)signal);
}

int64_t bide__threads_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

bool bide__signal_wait(bide__signal *signal, int64_t deadline)
{
    if (deadline == INT64_MAX)
        return pthread_cond_wait((pthread_cond_t *)signal, &lock) == 0;
    struct timespec until = {.tv_sec = (time_t)(deadline / SECOND),
                             .tv_nsec = (long)(deadline % SECOND)};
    return pthread_cond_timedwait((pthread_cond_t *)signal, &lock, &until) != ETIMEDOUT;
}

void bide__signal_raise(bide__signal *signal)
{
    pthread_cond_broadcast((pthread_cond_t *)signal);
}

/* --- ending a poll ------------------------------------------------------------------ */

int bide__wakeup_open(int fds[2])
{
    if (pipe(fds) < 0)
        return errno;
    for (int i = 0; i < 2; i++) {
        fcntl(fds[i], F_SETFD, FD_CLOEXEC);
        fcntl(fds[i], F_SETFL, O_NONBLOCK);
    }
    return 0;
}

void bide__wakeup_write(int fd)
{
    /* A pipe that is full is readable: nothing is lost then. */
    while (write(fd, "", 1) < 0 && errno == EINTR)
        continue;
}

void bide__wakeup_clear(int fd)
{
    char buffer[64];
    while (read(fd, buffer, sizeof buffer) > 0)
        continue;
}

void bide__wakeup_close(const int fds[2])
{
    close(fds[0]);
    close(fds[1]);
}
