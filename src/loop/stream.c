/* stream.c - bytes from a descriptor: wait until it is readable, then read what is there.
 *
 * A read after poll says "readable" returns at once, so the descriptor's flags can stay as they
 * are: they belong to the open file, which other processes may share.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/stream.h"

#include <errno.h>

#include "loop/future.h"
#include "loop/js_bridge.h"
#include "object/exec.h"

enum { CHUNK = 64 * 1024, STANDARD_INPUT = 0 };

/* Shared by all streams of the thread: nothing suspends while it is in use. */
static BIDE__THREAD_LOCAL char buffer[CHUNK];

struct stream {
    bide__stream base;
    bide_watch watch;
    bide__future *readable; /* borrowed; what the reader under way waits for */
    bool immediate;         /* a file: never makes a reader wait */
};

static const bide_type stream_type = {
    .name = "Stream",
    .aiter = bide_self,
    .anext = bide__stream_anext,
};

static int read_some(bide__stream *stream, bide_value *out);

bide_value bide_fd_stream(int fd)
{
    if (fd == STANDARD_INPUT && bide__js)
        return bide__js->standard_input();
    struct stream *self = bide_object_new(&stream_type, sizeof *self);
    if (!self)
        return BIDE_FAILED;
    self->base.read = read_some;
    self->watch.fd = fd;
    self->immediate = bide__host_always_readable(fd);
    return bide_object_value(self);
}

static void on_readable(bide_watch *watch)
{
    struct stream *self = (struct stream *)((char *)watch - offsetof(struct stream, watch));
    bide__future *readable = self->readable;
    if (readable && readable->state == BIDE__PENDING)
        bide__future_finish(readable, BIDE_NONE);
}

/* Waits until a read would not block. */
BIDE__UNCOLORED static int wait_readable(struct stream *self)
{
    if (self->immediate)
        return bide_suspend(BIDE_NONE, NULL); /* a large file must not keep others waiting */
    bide__loop *loop = bide__loop_required();
    bide_value future = loop ? bide__future_for("Stream.read", BIDE_NONE) : BIDE_FAILED;
    if (bide_failed(future))
        return BIDE_RAISED;
    self->readable = bide__future_of(future);
    self->watch.ready = on_readable;
    loop->host->watch(loop->host, &self->watch);
    int status = bide_await_at(NULL, future, NULL);
    loop->host->unwatch(loop->host, &self->watch);
    self->readable = NULL;
    return status;
}

/* Reads until there is something: bytes, or BIDE_NONE at the end. */
BIDE__UNCOLORED static int read_some(bide__stream *stream, bide_value *out)
{
    struct stream *self = (struct stream *)stream;
    for (;;) {
        if (wait_readable(self) < 0)
            return BIDE_RAISED;
        long size = bide__host_read(self->watch.fd, buffer, sizeof buffer);
        if (size > 0) {
            bide_value chunk = bide_bytes(buffer, (size_t)size);
            if (bide_failed(chunk))
                return BIDE_RAISED;
            *out = chunk;
            return 0;
        }
        if (size == 0)
            return 0;
        if (size != -EAGAIN && size != -EINTR)
            return bide_raise_errno((int)-size, NULL);
    }
}

/* --- every kind of stream ------------------------------------------------------------- */

BIDE__UNCOLORED static int read_chunk(bide__stream *self, bide_value *out)
{
    *out = BIDE_NONE;
    if (self->ended)
        return 0;
    if (self->reading)
        return bide_raise(BIDE_RuntimeError,
                          "the stream is being read already: one reader at a time");
    self->reading = true;
    int status = self->read(self, out);
    self->reading = false;
    self->ended = status == 0 && bide_is_none(*out);
    return status;
}

BIDE__UNCOLORED static int next_chunk(bide_value arg, bide_value *result)
{
    if (read_chunk((bide__stream *)arg.as.object, result) < 0)
        return BIDE_RAISED;
    return bide_is_none(*result) ? bide_raise(BIDE_StopAsyncIteration, NULL) : 0;
}

bide_value bide__stream_anext(void *self)
{
    static const bide_origin origin = {"__anext__", __FILE__, __LINE__};
    return bide_coro_at(&origin, next_chunk, bide_object_ref(self));
}

BIDE__UNCOLORED int bide_stream_read(bide_value stream, bide_value *out)
{
    bide_value v = BIDE_NONE;
    int status;
    if (bide__type_of(stream)->anext == bide__stream_anext) {
        status = read_chunk((bide__stream *)stream.as.object, &v);
    } else {
        /* JavaScript's: an async iterator like any other. */
        status = bide_await_at(NULL, bide_anext(stream), &v);
        if (status < 0 && bide_catch(BIDE_StopAsyncIteration, NULL))
            status = 0;
    }
    if (out)
        *out = v;
    else
        bide_drop(v);
    return status;
}
