/* op.c - waiting for libuv.
 *
 * A request cannot always be taken back: libuv's threads may be in the middle of it. So a coroutine
 * that is cancelled gives its request up, and the callback frees it, whenever it comes.
 *
 * SPDX-License-Identifier: MIT */
#include "uv/op.h"

#include "loop/settings.h"
#include "object/exec.h"
#include "object/memory.h"

static bide_host *own_loop(void)
{
    return bide__host_uv(NULL);
}

/* In every program that is linked with this library; see uv.cmake. */
void bide__uv_offer(void);

__attribute__((constructor)) void bide__uv_offer(void)
{
    static bide__host_row row = {.name = "uv", .make = own_loop, .preferred = true};
    bide__host_offer(&row);
}

bide__uv_host *bide__uv_required(void)
{
    bide__loop *loop = bide__loop_required();
    bide__uv_host *host = loop ? bide__uv_host_of(loop->host) : NULL;
    if (loop && !host)
        bide__raise(BIDE_RuntimeError,
                    "this needs a loop on libuv's host, and the running loop waits "
                    "on another: leave BIDE_HOST unset, or set it to uv");
    return host;
}

int bide__uv_raise(int64_t error, const char *what)
{
    int code = (int)error;
    if (code <= UV_EAI_ADDRFAMILY && code >= UV_EAI_PROTOCOL)
        return bide__raise(BIDE_gaierror, "%s%s%s", uv_strerror(code), what ? ": " : "",
                           what ? what : "");
    return bide_raise_errno(-code, what);
}

/* --- requests ----------------------------------------------------------------------- */

void *bide__uv_op_new(size_t size, const char *verb, void (*dispose)(bide__uv_op *self))
{
    bide__uv_host *host = bide__uv_required();
    bide__uv_op *self = host ? bide__alloc(size) : NULL;
    if (!self)
        return NULL;
    self->req.req.data = self;
    self->verb = verb;
    self->dispose = dispose;
    self->host = host;
    bide__uv_host_hold(host);
    return self;
}

void bide__uv_op_free(bide__uv_op *self)
{
    if (self->dispose)
        self->dispose(self);
    bide__uv_host_release(self->host);
    bide__free(self);
}

void bide__uv_op_done(bide__uv_op *self, int64_t status)
{
    self->status = status;
    self->running = false;
    if (self->given_up)
        bide__uv_op_free(self);
    else if (bide__parking_state(self->waiting) == BIDE__PENDING)
        bide__unpark(self->waiting);
}

static void give_up(bide__uv_op *self)
{
    self->given_up = true;
    if (self->running)
        uv_cancel(&self->req.req); /* where it can be; the callback comes either way */
    else
        bide__uv_op_free(self);
}

BIDE__UNCOLORED int bide__uv_op_wait(bide__uv_op *self, int started, const char *what)
{
    if (started < 0) {
        bide__uv_op_free(self);
        return bide__uv_raise(started, what);
    }
    bide__parking parking;
    self->waiting = &parking;
    self->running = true;
    int status = bide__park(&parking, self->verb, NULL);
    self->waiting = NULL;
    if (status < 0)
        give_up(self);
    return status;
}

BIDE__UNCOLORED int bide__uv_op_check(bide__uv_op *self, int started, const char *what)
{
    BIDE_TRY(bide__uv_op_wait(self, started, what));
    if (self->status >= 0)
        return 0;
    int64_t error = self->status;
    bide__uv_op_free(self);
    return bide__uv_raise(error, what);
}

/* --- events ------------------------------------------------------------------------- */

void *bide__uv_handle_new(size_t size, void *owner, void (*lost)(bide__uv_handle *self))
{
    bide__uv_handle *self = bide__alloc(size);
    if (self) {
        self->owner = owner;
        self->lost = lost;
        self->free = bide__free;
    }
    return self;
}

BIDE__UNCOLORED int bide__uv_wait(bide__uv_handle **slot, bide__waiters *line, const char *verb,
                                  void *owner)
{
    bide__uv_handle *handle = *slot;
    if (handle->waiting++ == 0)
        uv_ref(&handle->uv.handle);
    handle->host->base.busy = true;
    int status = bide__waiters_wait(line, verb, owner, NULL);
    if (*slot && --(*slot)->waiting == 0)
        uv_unref(&(*slot)->uv.handle);
    return status;
}

void bide__uv_wake_all(bide__waiters *line)
{
    while (bide__waiters_wake_next(line)) {
    }
}
