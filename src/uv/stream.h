/* stream.h - TCP connections and pipes, as seen by those who make them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_UV_STREAM_H
#define BIDE_UV_STREAM_H

#include "loop/stream.h"
#include "uv/op.h"

/* What can be written and closed. At the beginning of every stream's object of this library. */
typedef struct bide__uv_writable {
    bide__stream base;
    const struct bide__uv_writing *writing;
} bide__uv_writable;

typedef struct bide__uv_writing {
    int (*write)(bide__uv_writable *self, bide_value data); /* a str or bytes; moves in */
    int (*close)(bide__uv_writable *self);
} bide__uv_writing;

typedef struct bide__uv_stream {
    bide__uv_writable base;
    bide__uv_handle *handle; /* NULL once it is closed */
    bide__waiters readers, drainers;
    char *buffer; /* owned; what was read ahead: `size` bytes from `start` */
    size_t start, size, room;
    bool flowing; /* libuv reads */
    bool at_end;  /* the other side has ended */
    bool write_ended;
    int read_error, write_error; /* libuv's; 0: none */
} bide__uv_stream;

/* A stream whose handle is initialised already; NULL raises. */
bide__uv_stream *bide__uv_tcp(void);
bide__uv_stream *bide__uv_pipe(void);
extern const bide_type bide__uv_stream_type;
/* The uv_stream_t of one that is open. */
static inline uv_stream_t *bide__uv_stream_of(bide__uv_stream *self)
{
    return &self->handle->uv.stream;
}
/* Closes it at once. */
void bide__uv_stream_shut(bide__uv_stream *self);

/* The slots that every stream of this library has. */
bide_value bide__uv_aenter(void *self);
bide_value bide__uv_aexit(void *self, bide_value error);

#endif
