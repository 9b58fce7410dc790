/* uv.h - the host on libuv's loop: one of its own, or a place in an application that runs one.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_HOST_UV_H
#define BIDE_HOST_UV_H

#include <uv.h>

#include "host/host.h"

typedef struct bide__uv_host bide__uv_host;

/* What is known of an open handle of Bide's; at the beginning of the block that holds the handle,
 * which is freed when libuv has closed it. */
typedef struct bide__uv_handle {
    bide__uv_host *host; /* held */
    struct bide__uv_handle *next, *previous;
    /* The loop ends: whoever owns the handle must forget it; it is closed after that. */
    void (*lost)(struct bide__uv_handle *self);
    void (*free)(void *block);
    void *owner;      /* borrowed; NULL once the owner has let go */
    unsigned waiting; /* how many wait for it: only then does it keep the loop alive */
    union uv_any_handle uv;
} bide__uv_handle;

struct bide__uv_host {
    bide_host base;
    uv_loop_t *uv;
    bool owned;   /* the loop is the host's own */
    bool exposed; /* others may have handles on it */
    bool closing;
    size_t holds; /* handles, requests and the loop that still refer to this */
    bide__uv_handle *handles;
    uv_prepare_t prepare;
    uv_check_t check;
    uv_idle_t idle;
    uv_timer_t timer;
    uv_async_t wakeup;   /* from other threads */
    bool wakeable;       /* it is open */
    bide_watch *refused; /* linked: watches that libuv cannot poll */
    uv_loop_t own;
};

/* NULL if there is no memory, or if libuv can give no loop. With a loop of the application's the
 * iterations run whenever the application runs that. */
bide_host *bide__host_uv(uv_loop_t *application);
/* The host if it is one of these, else NULL. */
bide__uv_host *bide__uv_host_of(bide_host *host);

/* A handle was initialised in self->uv: from now on `bide__uv_close` ends it. */
void bide__uv_opened(bide__uv_host *host, bide__uv_handle *self);
/* Closes it, and frees the block when libuv is done with it. */
void bide__uv_close(bide__uv_handle *self);

void bide__uv_host_hold(bide__uv_host *self);
void bide__uv_host_release(bide__uv_host *self);

#endif
