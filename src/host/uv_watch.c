/* uv_watch.c - interest in descriptors, on libuv's loop.
 *
 * SPDX-License-Identifier: MIT */
#include "host/uv_watch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct poller {
    bide__uv_handle handle;
    int own_fd; /* a duplicate, where libuv polls the descriptor already; or -1 */
};

static void free_poller(void *block)
{
    struct poller *self = block;
    if (self->own_fd >= 0)
        close(self->own_fd);
    free(self);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    bide__uv_handle *handle = (bide__uv_handle *)((char *)poll - offsetof(bide__uv_handle, uv));
    bide_watch *watch = handle->owner;
    (void)status; /* reading tells */
    (void)events;
    if (watch)
        watch->ready(watch);
}

static void lost(bide__uv_handle *handle)
{
    (void)handle; /* whoever watched has gone before the loop does */
}

/* uv_poll_init, which leaves the flags of the descriptor as they were. */
static int init(bide__uv_host *host, uv_poll_t *poll, int fd)
{
    int flags = fcntl(fd, F_GETFL);
    int error = uv_poll_init(host->uv, poll, fd);
    if (flags >= 0)
        fcntl(fd, F_SETFL, flags);
    return error;
}

static struct poller *open_poller(bide__uv_host *host, int fd)
{
    struct poller *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->own_fd = -1;
    int error = init(host, &self->handle.uv.poll, fd);
    if (error == UV_EEXIST && (self->own_fd = dup(fd)) >= 0)
        error = init(host, &self->handle.uv.poll, self->own_fd);
    if (error < 0) {
        free_poller(self);
        return NULL;
    }
    self->handle.free = free_poller;
    self->handle.lost = lost;
    return self;
}

void bide__uv_watch(bide_host *base, bide_watch *watch)
{
    bide__uv_host *host = (bide__uv_host *)base;
    struct poller *self = open_poller(host, watch->fd);
    watch->poller = self;
    if (!self) {
        watch->next = host->refused;
        host->refused = watch;
        base->busy = true;
        return;
    }
    bide__uv_opened(host, &self->handle);
    self->handle.owner = watch;
    uv_ref(&self->handle.uv.handle);
    uv_poll_start(&self->handle.uv.poll, UV_READABLE, on_readable);
}

void bide__uv_unwatch(bide_host *base, bide_watch *watch)
{
    bide__uv_host *host = (bide__uv_host *)base;
    struct poller *self = watch->poller;
    if (self) {
        bide__uv_close(&self->handle);
        return;
    }
    bide_watch **at = &host->refused;
    while (*at && *at != watch)
        at = &(*at)->next;
    if (*at)
        *at = watch->next;
}

void bide__uv_call_refused(bide__uv_host *self)
{
    for (bide_watch *watch = self->refused, *next; watch; watch = next) {
        next = watch->next; /* the callback may take the interest back */
        watch->ready(watch);
    }
}
