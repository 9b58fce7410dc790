/* future.c - a result or an exception, once; who waits for it, in order.
 *
 * What waits is told in the iteration after the future is done, never at once: the one who ends a
 * future runs on undisturbed.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/future.h"

#include "loop/port.h"
#include "object/exec.h"
#include "object/memory.h"
#include "object/text.h"

/* A user's own, which remembers where it was made. */
struct plain_future {
    bide__future future;
    const bide_site *made; /* NULL: not known */
};

static void describe_plain(const bide__future *future, struct bide__text *text)
{
    const bide_site *made = ((const struct plain_future *)future)->made;
    bide__text_add(text, "Future");
    if (made)
        bide__text_addf(text, " made at %s:%d", made->file, made->line);
}

static const bide__future_kind plain_kind = {
    .never_retrieved = "Future exception was never retrieved",
    .describe = describe_plain,
};

bide_value bide__future_repr(void *self)
{
    static const char *const states[] = {"pending", "cancelled", "finished"};
    const bide__future *future = self;
    return bide_strf("<%s %s>", future->base.type->name, states[future->state]);
}

const bide_type bide__future_type = {
    .name = "Future",
    .finalize = bide__future_fini,
    .repr = bide__future_repr,
    .await_here = bide__future_await,
};

bide__future *bide__future_of(bide_value v)
{
    bool is = v.kind == BIDE_KIND_OBJECT && v.as.object->type->await_here == bide__future_await;
    return is ? (bide__future *)v.as.object : NULL;
}

bide__future *bide__future_checked(bide_value v)
{
    bide__future *self = bide__future_of(v);
    if (!self && bide_failed(v))
        bide__propagate();
    else if (!self)
        bide_raise(BIDE_TypeError, "a future or task is expected, got '%s'", bide_type_name(v));
    return self;
}

void bide__future_init(bide__future *self, const bide__future_kind *kind, bide__loop *loop)
{
    self->kind = kind;
    self->loop = loop;
    bide_object_ref(loop);
}

void bide__future_fini(void *object)
{
    bide__future *self = object;
    while (self->first) { /* weak ones */
        bide__callback *callback = self->first;
        bide__future_unwatch(callback);
        callback->done(callback, self, NULL);
    }
    if (self->unretrieved)
        bide__report_unretrieved(self);
    bide_drop(self->result);
    bide_drop(self->error);
    bide_drop(self->cancel_message);
    bide_drop(bide_object_value(self->loop));
}

bide_value bide_future_at(const bide_site *site)
{
    return bide__future_on(bide__loop_required(), site);
}

bide_value bide__future_on(bide__loop *loop, const bide_site *made)
{
    struct plain_future *self = loop ? bide_object_new(&bide__future_type, sizeof *self) : NULL;
    if (!self)
        return BIDE_FAILED;
    bide__future_init(&self->future, &plain_kind, loop);
    self->made = made;
    return bide_object_value(self);
}

bide_value bide__cancel_message(const char *message)
{
    bide_value text = message ? bide_str(message) : BIDE_NONE;
    if (!bide_failed(text))
        return text;
    bide__loop_report("The message of a cancellation was lost", bide_error_take());
    return BIDE_NONE;
}

/* --- who waits ---------------------------------------------------------------------- */

static void run_callback(bide__ready *ready, bide__loop *loop)
{
    bide__callback *self = (bide__callback *)ready;
    bide__future *future = self->future;
    self->future = NULL;
    self->done(self, future, loop);
    bide_drop(bide_object_value(future));
}

bide__callback *bide__callback_of(bide__ready *ready)
{
    return ready->run == run_callback ? (bide__callback *)ready : NULL;
}

void bide__future_watch(bide__future *self, bide__callback *callback)
{
    bool pending = self->state == BIDE__PENDING;
    if (!pending || !callback->weak)
        bide_object_ref(self);
    callback->future = self;
    callback->ready.run = run_callback;
    if (!pending) {
        bide__loop_soon(self->loop, &callback->ready);
        return;
    }
    callback->next = NULL;
    callback->previous = self->last;
    if (self->last)
        self->last->next = callback;
    else
        self->first = callback;
    self->last = callback;
}

void bide__future_unwatch(bide__callback *callback)
{
    bide__future *self = callback->future;
    if (!self || self->state != BIDE__PENDING)
        return;
    if (callback->next)
        callback->next->previous = callback->previous;
    else
        self->last = callback->previous;
    if (callback->previous)
        callback->previous->next = callback->next;
    else
        self->first = callback->next;
    callback->future = NULL;
    if (!callback->weak)
        bide_drop(bide_object_value(self));
}

void bide__future_abandon(bide__future *self)
{
    bide__callback *callback = self->first;
    self->first = self->last = NULL;
    while (callback) {
        bide__callback *next = callback->next;
        if (callback->weak)
            bide_object_ref(self);
        run_callback(&callback->ready, NULL);
        callback = next;
    }
}

static void wake(bide__future *self)
{
    bide__callback *callback = self->first;
    self->first = self->last = NULL;
    while (callback) {
        bide__callback *next = callback->next;
        if (callback->weak)
            bide_object_ref(self);
        bide__loop_soon(self->loop, &callback->ready);
        callback = next;
    }
}

/* --- ending
 * ------------------------------------------------------------------------------------------------
 */

void bide__future_finish(bide__future *self, bide_value result)
{
    self->state = BIDE__FINISHED;
    self->result = result;
    wake(self);
}

void bide__future_fail(bide__future *self, bide_value error)
{
    self->state = BIDE__FINISHED;
    self->error = error;
    self->unretrieved = true;
    wake(self);
}

void bide__future_end_cancelled(bide__future *self, bide_value error)
{
    self->state = BIDE__CANCELLED;
    self->error = error;
    wake(self);
}

static int refuse_done(bide__future *self, const char *refusal)
{
    if (refusal)
        return bide_raise(BIDE_RuntimeError, "%s", refusal);
    bide_value repr = bide_repr(bide_object_value(self));
    if (bide_failed(repr))
        return BIDE_RAISED;
    bide_raise(BIDE_InvalidStateError, "invalid state: %s", bide_cstr(repr));
    bide_drop(repr);
    return BIDE_RAISED;
}

/* The future behind v if this thread may end it; NULL with an exception otherwise. */
static bide__future *ours(bide_value v)
{
    bide__future *self = bide__future_checked(v);
    return self && bide__loop_check_thread(self->loop) == 0 ? self : NULL;
}

int bide_future_set_result(bide_value future, bide_value result)
{
    bide__future *self = bide_failed(result) ? NULL : ours(future);
    if (!self) {
        bide_drop(result);
        return bide__propagate();
    }
    if (self->kind->no_result || self->state != BIDE__PENDING) {
        bide_drop(result);
        return refuse_done(self, self->kind->no_result);
    }
    bide__future_finish(self, result);
    return 0;
}

/* A StopIteration cannot be raised into a coroutine; CPython 3.13 stores this instead. */
static bide_value storable(bide_value error)
{
    if (!bide_is_error(error, BIDE_StopIteration))
        return error;
    bide_value wrapped = bide_error_new(BIDE_RuntimeError,
                                        "StopIteration interacts badly with generators and cannot "
                                        "be raised into a Future");
    return bide_error_from(wrapped, error);
}

int bide_future_set_exception(bide_value future, bide_value error)
{
    bide__future *self = bide_failed(error) ? NULL : ours(future);
    if (!self) {
        bide_drop(error);
        return bide__propagate();
    }
    if (!bide_is_error(error, BIDE_BaseException)) {
        bide_drop(error);
        return bide_raise(BIDE_TypeError, "invalid exception object");
    }
    if (self->kind->no_exception || self->state != BIDE__PENDING) {
        bide_drop(error);
        return refuse_done(self, self->kind->no_exception);
    }
    error = storable(error);
    if (bide_failed(error))
        return BIDE_RAISED;
    bide__future_fail(self, error);
    return 0;
}

BIDE__BARRIER static int bide__barrier_cancel(bide__future *self, const char *message)
{
    return self->kind->cancel(self, message);
}

int bide_future_cancel(bide_value future, const char *message)
{
    bide__future *self = ours(future);
    if (!self)
        return BIDE_RAISED;
    if (self->kind->cancel)
        return bide__barrier_cancel(self, message);
    self->unretrieved = false;
    if (self->state != BIDE__PENDING)
        return 0;
    self->cancel_message = bide__cancel_message(message);
    bide__future_end_cancelled(self, BIDE_NONE);
    return 1;
}

/* --- looking
 * -----------------------------------------------------------------------------------------------
 */

bool bide_future_done(bide_value future)
{
    const bide__future *self = bide__future_of(future);
    return self && self->state != BIDE__PENDING;
}

bool bide_future_cancelled(bide_value future)
{
    const bide__future *self = bide__future_of(future);
    return self && self->state == BIDE__CANCELLED;
}

int bide__future_raise_cancelled(bide__future *self)
{
    if (self->state == BIDE__CANCELLED && bide_is_error(self->error, BIDE_CancelledError)) {
        bide_value error = self->error;
        self->error = BIDE_NONE;
        return bide_error_restore(error);
    }
    if (bide_is_none(self->cancel_message))
        return bide_raise_at(NULL, BIDE_CancelledError, NULL);
    return bide_raise_at(NULL, BIDE_CancelledError, "%s", bide_cstr(self->cancel_message));
}

int bide__future_take(bide__future *self, bide_value *out)
{
    *out = BIDE_NONE;
    if (self->state == BIDE__CANCELLED)
        return bide__future_raise_cancelled(self);
    self->unretrieved = false;
    if (!bide_is_none(self->error))
        return bide_error_restore(bide_ref(self->error));
    *out = bide_ref(self->result);
    return 0;
}

int bide_future_result(bide_value future, bide_value *out)
{
    bide__future *self = bide__future_checked(future);
    bide_value v = BIDE_NONE;
    int status = BIDE_RAISED;
    if (self && self->state == BIDE__PENDING)
        bide_raise(BIDE_InvalidStateError, "Result is not set.");
    else if (self)
        status = bide__future_take(self, &v);
    if (out)
        *out = v;
    else
        bide_drop(v);
    return status;
}

int bide_future_exception(bide_value future, bide_value *out)
{
    bide__future *self = bide__future_checked(future);
    if (out)
        *out = BIDE_NONE;
    if (!self)
        return BIDE_RAISED;
    if (self->state == BIDE__PENDING)
        return bide_raise(BIDE_InvalidStateError, "Exception is not set.");
    if (self->state == BIDE__CANCELLED)
        return bide__future_raise_cancelled(self);
    self->unretrieved = false;
    if (out)
        *out = bide_ref(self->error);
    return 0;
}

BIDE__UNCOLORED int bide__future_await(void *object, bide_value *out)
{
    bide__future *self = object;
    if (self->state == BIDE__PENDING) {
        self->blocking = true;
        if (bide_suspend(bide_object_ref(self), NULL) < 0)
            return BIDE_RAISED;
        if (self->state == BIDE__PENDING)
            return bide_raise(BIDE_RuntimeError, "await wasn't used with future");
    }
    return bide__future_take(self, out);
}
