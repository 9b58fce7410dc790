/* stream.c - TCP connections and pipes: their life, and reading.
 *
 * Reading starts with the first reader and goes on ahead of it until 64 KiB are waiting; then the
 * other side is kept waiting. Bytes are read into one buffer that all share and copied from there:
 * a connection that is silent needs none.
 *
 * SPDX-License-Identifier: MIT */
#include "uv/stream.h"

#include <string.h>

#include "object/exec.h"
#include "object/memory.h"

enum { AHEAD = 64 * 1024, CHUNK = 64 * 1024, KEEP = 4 * 1024 };

static BIDE__THREAD_LOCAL char shared[CHUNK];

/* --- what was read ahead -------------------------------------------------------------- */

static bool append(bide__uv_stream *self, const char *bytes, size_t size)
{
    if (self->start > 0) {
        memmove(self->buffer, self->buffer + self->start, self->size);
        self->start = 0;
    }
    if (self->size + size > self->room) {
        size_t room = self->size + size > KEEP ? self->size + size : KEEP;
        char *larger = bide__realloc(self->buffer, room);
        if (!larger)
            return false;
        self->buffer = larger;
        self->room = room;
    }
    memcpy(self->buffer + self->size, bytes, size);
    self->size += size;
    return true;
}

/* The first bytes of what is there, at most CHUNK. */
static int take(bide__uv_stream *self, bide_value *out)
{
    size_t size = self->size < CHUNK ? self->size : CHUNK;
    bide_value chunk = bide_bytes(self->buffer + self->start, size);
    if (bide_failed(chunk))
        return BIDE_RAISED;
    self->start += size;
    self->size -= size;
    if (self->size == 0) {
        self->start = 0;
        if (self->room > KEEP) {
            bide__free(self->buffer);
            self->buffer = NULL;
            self->room = 0;
        }
    }
    *out = chunk;
    return 0;
}

/* --- reading ------------------------------------------------------------------------ */

static void lend(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)handle;
    (void)suggested;
    *buffer = uv_buf_init(shared, sizeof shared);
}

static void stop_reading(bide__uv_stream *self)
{
    if (self->flowing)
        uv_read_stop(bide__uv_stream_of(self));
    self->flowing = false;
}

static void on_bytes(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    bide__uv_stream *self = BIDE__UV_HANDLE(stream)->owner;
    if (!self || count == 0)
        return;
    if (count > 0 && !append(self, buffer->base, (size_t)count)) {
        bide_error_clear();
        count = UV_ENOMEM;
    }
    if (count == UV_EOF)
        self->at_end = true;
    else if (count < 0)
        self->read_error = (int)count;
    if (count < 0 || self->size >= AHEAD)
        stop_reading(self);
    bide__uv_wake_all(&self->readers);
}

static int start_reading(bide__uv_stream *self)
{
    if (self->flowing)
        return 0;
    int error = uv_read_start(bide__uv_stream_of(self), lend, on_bytes);
    if (error < 0)
        return bide__uv_raise(error, NULL);
    self->flowing = true;
    return 0;
}

BIDE__UNCOLORED static int read_some(bide__stream *stream, bide_value *out)
{
    bide__uv_stream *self = (bide__uv_stream *)stream;
    if (!self->handle && self->size == 0)
        return bide__raise(BIDE_ValueError, "I/O operation on a closed stream");
    for (;;) {
        if (self->size > 0)
            return take(self, out);
        if (self->read_error)
            return bide__uv_raise(self->read_error, NULL);
        if (self->at_end || !self->handle)
            return 0;
        if (start_reading(self) < 0 ||
            bide__uv_wait(&self->handle, &self->readers, "Stream.read", self) < 0)
            return BIDE_RAISED;
    }
}

/* --- life --------------------------------------------------------------------------- */

void bide__uv_stream_shut(bide__uv_stream *self)
{
    bide__uv_handle *handle = self->handle;
    if (!handle)
        return;
    self->handle = NULL;
    self->flowing = false;
    bide__uv_close(handle);
    bide__uv_wake_all(&self->readers);
    bide__uv_wake_all(&self->drainers);
}

static void lost(bide__uv_handle *handle)
{
    bide__uv_stream_shut(handle->owner);
}

static void close_when_sent(uv_shutdown_t *request, int status)
{
    bide__uv_handle *handle = BIDE__UV_HANDLE(request->handle);
    (void)status;
    bide__free(request);
    if (!uv_is_closing(&handle->uv.handle))
        bide__uv_close(handle);
}

/* The loop ends before everything was sent. */
static void lost_unsent(bide__uv_handle *handle)
{
    (void)handle;
}

/* Nobody can see it any more: what was written is sent before it closes. */
static void leave_to_send(bide__uv_stream *self)
{
    bide_value pending = bide_error_take();
    uv_shutdown_t *request = bide__alloc(sizeof *request);
    bide__uv_handle *handle = self->handle;
    if (request) {
        stop_reading(self);
        self->handle = NULL;
        handle->owner = NULL;
        handle->lost = lost_unsent;
        if (uv_shutdown(request, &handle->uv.stream, close_when_sent) < 0) {
            bide__free(request);
            bide__uv_close(handle);
        }
    } else {
        bide_error_clear();
        bide__uv_stream_shut(self);
    }
    if (!bide_is_none(pending))
        bide_error_restore(pending);
}

static void finalize(void *object)
{
    bide__uv_stream *self = object;
    if (self->handle && !self->write_error && !self->write_ended &&
        uv_stream_get_write_queue_size(bide__uv_stream_of(self)) > 0)
        leave_to_send(self);
    else
        bide__uv_stream_shut(self);
    bide__free(self->buffer);
}

extern const bide__uv_writing bide__uv_stream_writing;

const bide_type bide__uv_stream_type = {
    .name = "Stream",
    .finalize = finalize,
    .aiter = bide_self,
    .anext = bide__stream_anext,
    .aenter = bide__uv_aenter,
    .aexit = bide__uv_aexit,
};

/* A stream whose handle's block is there but is not initialised. */
static bide__uv_stream *make(bide__uv_host **host)
{
    *host = bide__uv_required();
    bide__uv_stream *self = *host ? bide_object_new(&bide__uv_stream_type, sizeof *self) : NULL;
    if (!self)
        return NULL;
    self->base.base.read = read_some;
    self->base.writing = &bide__uv_stream_writing;
    self->handle = bide__uv_handle_new(sizeof *self->handle, self, lost);
    if (self->handle)
        return self;
    bide_drop(bide_object_value(self));
    return NULL;
}

static bide__uv_stream *opened(bide__uv_stream *self, bide__uv_host *host, int error)
{
    if (error < 0) {
        bide__free(self->handle);
        self->handle = NULL;
        bide_drop(bide_object_value(self));
        bide__uv_raise(error, NULL);
        return NULL;
    }
    bide__uv_opened(host, self->handle);
    return self;
}

bide__uv_stream *bide__uv_tcp(void)
{
    bide__uv_host *host;
    bide__uv_stream *self = make(&host);
    return self ? opened(self, host, uv_tcp_init(host->uv, &self->handle->uv.tcp)) : NULL;
}

bide__uv_stream *bide__uv_pipe(void)
{
    bide__uv_host *host;
    bide__uv_stream *self = make(&host);
    return self ? opened(self, host, uv_pipe_init(host->uv, &self->handle->uv.pipe, 0)) : NULL;
}
