/* posix.c - poll(2) and the monotonic clock, natively and under WASI alike; and the virtual clock's
 * way of looking at descriptors, which is the same.
 *
 * SPDX-License-Identifier: MIT */
#include "host/posix.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "host/thread.h"

static int64_t monotonic(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t now(bide_host *host)
{
    (void)host;
    return monotonic();
}

/* Milliseconds for poll, rounded up so that a deadline has passed when poll says so. */
static int timeout_until(int64_t deadline)
{
    if (deadline == INT64_MAX)
        return -1;
    int64_t time = monotonic();
    if (deadline <= time)
        return 0; /* also INT64_MIN, from which nothing can be subtracted */
    int64_t ms = (deadline - time + 999999) / 1000000;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* Rebuilds the poll set after a change of interests. */
static int gather(struct bide__posix_host *self)
{
    if (!self->changed)
        return 0;
    if (self->count > self->room) {
        size_t room = self->count * 2;
        struct pollfd *fds = realloc(self->fds, room * sizeof *fds);
        if (fds)
            self->fds = fds;
        bide_watch **watches = realloc(self->polled, room * sizeof *watches);
        if (watches)
            self->polled = watches;
        if (!fds || !watches)
            return ENOMEM;
        self->room = room;
    }
    size_t i = 0;
    for (bide_watch *watch = self->watches; watch; watch = watch->next, i++) {
        self->fds[i] = (struct pollfd){.fd = watch->fd, .events = POLLIN};
        self->polled[i] = watch;
    }
    self->polled_count = i;
    self->changed = false;
    return 0;
}

/* Under WASI one descriptor that cannot be polled makes the whole call fail. Calls back for each
 * such, so that reading it tells what is wrong; whether there was one. */
static bool call_unpollable(struct bide__posix_host *self)
{
    bool any = false;
    for (size_t i = 0; i < self->polled_count; i++) {
        if (!self->polled[i] || poll(&self->fds[i], 1, 0) >= 0)
            continue;
        any = true;
        self->polled[i]->ready(self->polled[i]);
    }
    return any;
}

int bide__posix_poll(struct bide__posix_host *self, int timeout_ms)
{
    int error = gather(self);
    if (error)
        return error;
    size_t count = self->count;
    int ready = poll(self->fds, (nfds_t)count, timeout_ms);
    if (ready < 0) {
        error = errno;
        return error == EINTR || call_unpollable(self) ? 0 : error;
    }
    for (size_t i = 0; ready > 0 && i < count; i++) {
        if (!self->fds[i].revents)
            continue;
        ready--;
        /* A callback before this one may have taken the interest back. */
        if (self->polled[i])
            self->polled[i]->ready(self->polled[i]);
    }
    return 0;
}

static int wait_until(bide_host *host, int64_t deadline)
{
    struct bide__posix_host *self = (struct bide__posix_host *)host;
    int timeout = timeout_until(deadline);
    if (self->count == self->own && timeout == 0)
        return 0;
    return bide__posix_poll(self, timeout);
}

bool bide__posix_alive(bide_host *host)
{
    const struct bide__posix_host *self = (struct bide__posix_host *)host;
    return self->count > self->own;
}

void bide__posix_watch(bide_host *host, bide_watch *watch)
{
    struct bide__posix_host *self = (struct bide__posix_host *)host;
    watch->next = self->watches;
    watch->previous = NULL;
    if (self->watches)
        self->watches->previous = watch;
    self->watches = watch;
    self->count++;
    self->changed = true;
    host->busy = self->count > self->own;
}

void bide__posix_unwatch(bide_host *host, bide_watch *watch)
{
    struct bide__posix_host *self = (struct bide__posix_host *)host;
    if (watch->next)
        watch->next->previous = watch->previous;
    if (watch->previous)
        watch->previous->next = watch->next;
    else
        self->watches = watch->next;
    for (size_t i = 0; i < self->polled_count; i++)
        if (self->polled[i] == watch)
            self->polled[i] = NULL;
    self->count--;
    self->changed = true;
    host->busy = self->count > self->own;
}

static void clear_wakeup(bide_watch *wakeup)
{
    bide__wakeup_clear(wakeup->fd);
}

int bide__posix_open_wake(bide_host *host)
{
    struct bide__posix_host *self = (struct bide__posix_host *)host;
    int error = self->own ? 0 : bide__wakeup_open(self->wakeup_fds);
    if (error || self->own)
        return error;
    self->own = 1;
    self->wakeup = (bide_watch){.fd = self->wakeup_fds[0], .ready = clear_wakeup};
    bide__posix_watch(host, &self->wakeup);
    return 0;
}

void bide__posix_wake(bide_host *host)
{
    bide__wakeup_write(((struct bide__posix_host *)host)->wakeup_fds[1]);
}

void bide__posix_close(bide_host *host)
{
    struct bide__posix_host *self = (struct bide__posix_host *)host;
    if (self->own)
        bide__wakeup_close(self->wakeup_fds);
    free(self->fds);
    free(self->polled);
    free(self);
}

bide_host *bide__host_posix(void)
{
    struct bide__posix_host *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->base = (bide_host){
        .now = now,
        .wait = wait_until,
        .alive = bide__posix_alive,
        .watch = bide__posix_watch,
        .unwatch = bide__posix_unwatch,
        .close = bide__posix_close,
        .open_wake = bide__posix_open_wake,
        .wake = bide__posix_wake,
    };
    return &self->base;
}
