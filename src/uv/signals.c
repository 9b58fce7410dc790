/* signals.c - signals as events to wait for.
 *
 * SPDX-License-Identifier: MIT */
#include <signal.h>

#include "host/interrupt.h"
#include "object/exec.h"
#include "object/memory.h"
#include "uv/op.h"

typedef struct signals {
    bide_object base;
    bide__uv_handle *handle; /* NULL once it is closed */
    bide__waiters waiters;
    int signum;
    unsigned arrived; /* and not fetched */
} signals;

static void shut(signals *self)
{
    bide__uv_handle *handle = self->handle;
    if (!handle)
        return;
    self->handle = NULL;
    bide__uv_close(handle);
    if (self->signum == SIGINT)
        bide__interrupt_again();
    bide__uv_wake_all(&self->waiters);
}

static void lost(bide__uv_handle *handle)
{
    shut(handle->owner);
}

static void finalize(void *self)
{
    shut(self);
}

static void on_signal(uv_signal_t *handle, int signum)
{
    signals *self = BIDE__UV_HANDLE(handle)->owner;
    (void)signum;
    if (!self)
        return;
    self->arrived++;
    bide__waiters_wake_next(&self->waiters);
}

/* 1 for a signal, 0 when it is closed. */
BIDE__UNCOLORED static int next_one(signals *self)
{
    while (self->handle) {
        if (self->arrived) {
            self->arrived--;
            return 1;
        }
        if (bide__uv_wait(&self->handle, &self->waiters, "Signals.next", self) < 0) {
            if (self->arrived) /* who was chosen is gone */
                bide__waiters_wake_next(&self->waiters);
            return BIDE_RAISED;
        }
    }
    return 0;
}

BIDE__UNCOLORED static int next_item(bide_value arg, bide_value *result)
{
    signals *self = (signals *)arg.as.object;
    int status = next_one(self);
    if (status == 0)
        return bide__raise(BIDE_StopAsyncIteration, NULL);
    return status < 0 ? BIDE_RAISED : bide_return(result, self->signum);
}

static bide_value signals_anext(void *self)
{
    static const bide_origin origin = {"__anext__", __FILE__, __LINE__};
    return bide_coro_at(&origin, next_item, bide_object_ref(self));
}

static const bide_type signals_type = {
    .name = "Signals",
    .finalize = finalize,
    .aiter = bide_self,
    .anext = signals_anext,
};

/* Opens the handle: 0 or BIDE_RAISED. */
static int listen_to(signals *self, bide__uv_host *host)
{
    bide__uv_handle *handle = bide__uv_handle_new(sizeof *handle, self, lost);
    if (!handle)
        return BIDE_RAISED;
    int error = uv_signal_init(host->uv, &handle->uv.signal);
    if (error < 0) {
        bide__free(handle);
        return bide__uv_raise(error, NULL);
    }
    self->handle = handle;
    bide__uv_opened(host, handle);
    error = uv_signal_start(&handle->uv.signal, on_signal, self->signum);
    return error < 0 ? bide__uv_raise(error, NULL) : 0;
}

bide_value bide_signals(int signum)
{
    bide__uv_host *host = bide__uv_required();
    signals *self = host ? bide_object_new(&signals_type, sizeof *self) : NULL;
    if (!self)
        return BIDE_FAILED;
    self->signum = signum;
    if (listen_to(self, host) == 0)
        return bide_object_value(self);
    bide_drop(bide_object_value(self));
    return BIDE_FAILED;
}

BIDE__UNCOLORED int bide_signals_next(bide_value v)
{
    signals *self = bide_object_of(v, &signals_type);
    int status = self ? next_one(self) : BIDE_RAISED;
    if (status == 0)
        return bide__raise(BIDE_ValueError, "these signals are closed");
    return status < 0 ? BIDE_RAISED : 0;
}

void bide_signals_close(bide_value v)
{
    signals *self = bide_object_of(v, &signals_type);
    if (self)
        shut(self);
    else
        bide_error_clear();
}
