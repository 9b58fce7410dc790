/* write.c - writing to streams, without outrunning the other side; ending and closing them.
 *
 * SPDX-License-Identifier: MIT */
#include "object/exec.h"
#include "object/memory.h"
#include "uv/stream.h"

enum { HIGH = 64 * 1024, LOW = 16 * 1024 };

/* Bytes on their way. */
struct write {
    uv_write_t request;
    bide_value data; /* owned */
};

static size_t unsent(bide__uv_stream *self)
{
    return self->handle ? uv_stream_get_write_queue_size(bide__uv_stream_of(self)) : 0;
}

static void on_written(uv_write_t *request, int status)
{
    struct write *write = (struct write *)request;
    bide__uv_stream *self = BIDE__UV_HANDLE(request->handle)->owner;
    bide_drop(write->data);
    bide__free(write);
    if (!self)
        return;
    if (status < 0 && !self->write_error)
        self->write_error = status;
    if (status < 0 || unsent(self) <= LOW)
        bide__uv_wake_all(&self->drainers);
}

/* Waits until at most `most` bytes are unsent. */
BIDE__UNCOLORED static int drain(bide__uv_stream *self, size_t most)
{
    while (!self->write_error && unsent(self) > most)
        if (bide__uv_wait(&self->handle, &self->drainers, "Stream.drain", self) < 0)
            return BIDE_RAISED;
    return self->write_error ? bide__uv_raise(self->write_error, NULL) : 0;
}

static int check_writable(bide__uv_stream *self)
{
    if (!self->handle)
        return bide__raise(BIDE_ValueError, "I/O operation on a closed stream");
    if (self->write_error)
        return bide__uv_raise(self->write_error, NULL);
    if (self->write_ended)
        return bide__raise(BIDE_RuntimeError, "Cannot call write() after write_eof()");
    return 0;
}

/* Sends what can be sent at once: how many bytes, or BIDE_RAISED. */
static ssize_t send_now(bide__uv_stream *self, bide_value data)
{
    if (unsent(self) > 0)
        return 0;
    uv_buf_t buffer = uv_buf_init(bide_data(data), (unsigned)bide_size(data));
    int count = uv_try_write(bide__uv_stream_of(self), &buffer, 1);
    if (count >= 0 || count == UV_EAGAIN)
        return count < 0 ? 0 : count;
    self->write_error = count;
    return bide__uv_raise(count, NULL);
}

/* Queues the bytes from `sent` on; data moves in. */
static int send_later(bide__uv_stream *self, bide_value data, size_t sent)
{
    struct write *write = bide__alloc(sizeof *write);
    if (!write) {
        bide_drop(data);
        return BIDE_RAISED;
    }
    uv_buf_t buffer =
        uv_buf_init((char *)bide_data(data) + sent, (unsigned)(bide_size(data) - sent));
    write->data = data;
    int error = uv_write(&write->request, bide__uv_stream_of(self), &buffer, 1, on_written);
    if (error >= 0) {
        self->handle->host->base.busy = true;
        return 0;
    }
    bide_drop(data);
    bide__free(write);
    return bide__uv_raise(error, NULL);
}

BIDE__UNCOLORED static int stream_write(bide__uv_writable *writable, bide_value data)
{
    bide__uv_stream *self = (bide__uv_stream *)writable;
    ssize_t sent = check_writable(self) < 0 ? BIDE_RAISED : send_now(self, data);
    if (sent < 0 || (size_t)sent == bide_size(data)) {
        bide_drop(data);
        return sent < 0 ? BIDE_RAISED : 0;
    }
    if (send_later(self, data, (size_t)sent) < 0)
        return BIDE_RAISED;
    return unsent(self) > HIGH ? drain(self, LOW) : 0;
}

BIDE__UNCOLORED static int stream_close(bide__uv_writable *writable)
{
    bide__uv_stream *self = (bide__uv_stream *)writable;
    int status = drain(self, 0);
    if (status < 0 && bide_catch(BIDE_ConnectionError, NULL))
        status = 0; /* the other side has closed already, which is what is wanted */
    bide__uv_stream_shut(self);
    return status;
}

const bide__uv_writing bide__uv_stream_writing = {stream_write, stream_close};

/* --- what a user calls ---------------------------------------------------------------- */

static bool is_writable(const bide_type *type)
{
    return type->aexit == bide__uv_aexit;
}

static bide__uv_writable *writable_of(bide_value v)
{
    if (v.kind == BIDE_KIND_OBJECT && is_writable(v.as.object->type))
        return (bide__uv_writable *)v.as.object;
    bide__raise(BIDE_TypeError, "a stream that can be written is expected, got '%s'",
                bide_type_name(v));
    return NULL;
}

static bide__uv_stream *stream_of(bide_value v)
{
    bide__uv_writable *self = writable_of(v);
    if (!self || self->writing == &bide__uv_stream_writing)
        return (bide__uv_stream *)self;
    bide__raise(BIDE_TypeError, "a connection or pipe is expected, got '%s'", bide_type_name(v));
    return NULL;
}

BIDE__UNCOLORED int bide_stream_write(bide_value stream, bide_value data)
{
    bide__uv_writable *self = bide_failed(data) ? NULL : writable_of(stream);
    if (!self) {
        bide_drop(data);
        return bide__propagate();
    }
    if (data.kind == BIDE_KIND_STR || data.kind == BIDE_KIND_BYTES)
        return self->writing->write(self, data);
    bide__raise(BIDE_TypeError, "data: expected bytes or str, got '%s'", bide_type_name(data));
    bide_drop(data);
    return BIDE_RAISED;
}

BIDE__UNCOLORED int bide_stream_flush(bide_value stream)
{
    bide__uv_stream *self = stream_of(stream);
    return self ? drain(self, 0) : BIDE_RAISED;
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    bide__uv_op_done(request->data, status);
}

BIDE__UNCOLORED int bide_stream_write_eof(bide_value stream)
{
    bide__uv_stream *self = stream_of(stream);
    if (!self || (!self->write_ended && check_writable(self) < 0))
        return BIDE_RAISED;
    if (self->write_ended)
        return 0;
    bide__uv_op *op = bide__uv_op_new(sizeof *op, "Stream.write_eof", NULL);
    if (!op)
        return BIDE_RAISED;
    self->write_ended = true;
    BIDE_TRY(bide__uv_op_check(
        op, uv_shutdown(&op->req.shutdown, bide__uv_stream_of(self), on_shutdown), NULL));
    bide__uv_op_free(op);
    return 0;
}

BIDE__UNCOLORED int bide_stream_close(bide_value stream)
{
    bide__uv_writable *self = writable_of(stream);
    return self ? self->writing->close(self) : BIDE_RAISED;
}

void bide_stream_abort(bide_value stream)
{
    bide__uv_stream *self = stream_of(stream);
    if (self)
        bide__uv_stream_shut(self);
    else
        bide_error_clear();
}

/* --- async with --------------------------------------------------------------------- */

BIDE__UNCOLORED static int give_itself(bide_value arg, bide_value *result)
{
    *result = bide_ref(arg);
    return 0;
}

BIDE__UNCOLORED static int close_it(bide_value arg, bide_value *result)
{
    (void)result;
    return bide_stream_close(arg);
}

bide_value bide__uv_aenter(void *self)
{
    static const bide_origin origin = {"__aenter__", __FILE__, __LINE__};
    return bide_coro_at(&origin, give_itself, bide_object_ref(self));
}

bide_value bide__uv_aexit(void *self, bide_value error)
{
    static const bide_origin origin = {"__aexit__", __FILE__, __LINE__};
    (void)error;
    return bide_coro_at(&origin, close_it, bide_object_ref(self));
}
