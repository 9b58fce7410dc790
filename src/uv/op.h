/* op.h - waiting for libuv: requests that end once, and events that come again and again.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_UV_OP_H
#define BIDE_UV_OP_H

#include <bide/uv.h>

#include "host/uv.h"
#include "loop/waiters.h"

/* The host of the running loop; NULL with RuntimeError if that is another. */
bide__uv_host *bide__uv_required(void);
/* Raises what libuv says: OSError and its kin, gaierror. `what` may be NULL. BIDE_RAISED. */
int bide__uv_raise(int64_t error, const char *what);

/* A request under way, at the beginning of a block from bide__uv_op_new. The block outlives whoever
 * waits: it is freed when both libuv and the waiting coroutine are done with it. */
typedef struct bide__uv_op {
    union uv_any_req req;   /* req.req.data is the op */
    bide__uv_host *host;    /* held */
    const char *verb;       /* a literal: what is done, for those who look */
    bide__parking *waiting; /* on the stack of who waits; NULL: nobody */
    bool running, given_up;
    int64_t status;                            /* libuv's answer, once it is there */
    void (*dispose)(struct bide__uv_op *self); /* drops what it holds; also an unwanted result */
} bide__uv_op;

void *bide__uv_op_new(size_t size, const char *verb, void (*dispose)(bide__uv_op *self));
/* Waits for the request that was started with the answer `started`: 0, and then the op is the
 * caller's, with its result, to be freed; or BIDE_RAISED, and it is gone. `what` is for the error
 * of one that was not started. */
BIDE_ASYNC int bide__uv_op_wait(bide__uv_op *self, int started, const char *what);
/* The same; an error that the request ended with is raised too. */
BIDE_ASYNC int bide__uv_op_check(bide__uv_op *self, int started, const char *what);
void bide__uv_op_free(bide__uv_op *self);
/* For the callback of the request. */
void bide__uv_op_done(bide__uv_op *self, int64_t status);

/* A handle's block of `size` bytes for `owner`, whose handle is to be initialised by the caller and
 * then told to bide__uv_opened. NULL with MemoryError. */
void *bide__uv_handle_new(size_t size, void *owner, void (*lost)(bide__uv_handle *self));
/* Waits in line while *slot, the handle of `owner`, keeps the loop alive. The handle may be gone
 * afterwards. `verb` is a literal, for those who look. */
BIDE_ASYNC int bide__uv_wait(bide__uv_handle **slot, bide__waiters *line, const char *verb,
                             void *owner);
void bide__uv_wake_all(bide__waiters *line);

/* The handle's block, from the handle that libuv calls back with. */
#define BIDE__UV_HANDLE(uv_handle)                                                                 \
    ((bide__uv_handle *)(void *)((char *)(uv_handle) - offsetof(bide__uv_handle, uv)))

#endif
