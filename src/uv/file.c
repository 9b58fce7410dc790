/* file.c - files as streams.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "object/exec.h"
#include "object/memory.h"
#include "uv/fs.h"
#include "uv/stream.h"

enum { CHUNK = 64 * 1024, CLOSED = -1 };

typedef struct bide__file {
    bide__uv_writable base;
    int fd;        /* CLOSED */
    unsigned used; /* by so many requests; it is not closed before they are done */
    bool closing;  /* then it is, by the last of them */
} bide__file;

static void close_now(bide__file *self)
{
    if (self->fd != CLOSED)
        close(self->fd);
    self->fd = CLOSED;
}

static void finalize(void *object)
{
    close_now(object);
}

void bide__file_begin(bide__file *self)
{
    bide_object_ref(self);
    self->used++;
}

void bide__file_end(bide__file *self)
{
    if (--self->used == 0 && self->closing)
        close_now(self);
    bide_drop(bide_object_value(self));
}

static const bide_type file_type = {
    .name = "File",
    .finalize = finalize,
    .aiter = bide_self,
    .anext = bide__stream_anext,
    .aenter = bide__uv_aenter,
    .aexit = bide__uv_aexit,
};

/* --- reading and writing -------------------------------------------------------------- */

/* A request for an open file; `buffer` moves in. */
static bide__fs_op *request_for(bide__file *self, const char *verb, bide_value buffer)
{
    bide__fs_op *op = NULL;
    if (bide_failed(buffer))
        bide__propagate();
    else if (self->fd == CLOSED || self->closing)
        bide__raise(BIDE_ValueError, "I/O operation on closed file");
    else
        op = bide__fs_new(verb);
    if (!op) {
        bide_drop(buffer);
        return NULL;
    }
    op->buffer = buffer;
    op->file = self;
    bide__file_begin(self);
    return op;
}

/* Bytes from the current position, at most `size`; b'' at the end. */
BIDE__UNCOLORED static int read_bytes(bide__file *self, size_t size, bide_value *out)
{
    bide__fs_op *op = request_for(self, "File.read", bide_bytes(NULL, size));
    if (!op)
        return BIDE_RAISED;
    uv_buf_t buffer = uv_buf_init(bide_data(op->buffer), (unsigned)size);
    BIDE_TRY(bide__fs_check(
        op,
        uv_fs_read(op->base.host->uv, &op->base.req.fs, self->fd, &buffer, 1, -1, bide__fs_done),
        NULL));
    size_t count = (size_t)op->base.status;
    *out = count == size ? bide_ref(op->buffer) : bide_bytes(bide_data(op->buffer), count);
    bide__uv_op_free(&op->base);
    if (!bide_failed(*out))
        return 0;
    *out = BIDE_NONE;
    return BIDE_RAISED;
}

BIDE__UNCOLORED static int read_chunk(bide__stream *stream, bide_value *out)
{
    BIDE_TRY(read_bytes((bide__file *)stream, CHUNK, out));
    if (bide_size(*out) == 0)
        bide_clear(out);
    return 0;
}

/* Writes some of what is left, from `*sent` on, which it moves. */
BIDE__UNCOLORED static int write_some(bide__file *self, bide_value data, size_t *sent)
{
    bide__fs_op *op = request_for(self, "File.write", bide_ref(data));
    if (!op)
        return BIDE_RAISED;
    uv_buf_t buffer =
        uv_buf_init((char *)bide_data(data) + *sent, (unsigned)(bide_size(data) - *sent));
    BIDE_TRY(bide__fs_check(
        op,
        uv_fs_write(op->base.host->uv, &op->base.req.fs, self->fd, &buffer, 1, -1, bide__fs_done),
        NULL));
    *sent += (size_t)op->base.status;
    bide__uv_op_free(&op->base);
    return 0;
}

BIDE__UNCOLORED static int file_write(bide__uv_writable *writable, bide_value data)
{
    size_t sent = 0;
    int status = 0;
    while (status == 0 && sent < bide_size(data))
        status = write_some((bide__file *)writable, data, &sent);
    bide_drop(data);
    return status;
}

BIDE__UNCOLORED static int file_close(bide__uv_writable *writable)
{
    bide__file *self = (bide__file *)writable;
    if (self->fd == CLOSED || self->closing)
        return 0;
    if (self->used > 0) { /* by a request that its coroutine gave up */
        self->closing = true;
        return 0;
    }
    bide__fs_op *op = bide__fs_new("File.close");
    int fd = self->fd;
    if (!op)
        return BIDE_RAISED;
    self->fd = CLOSED;
    BIDE_TRY(bide__fs_check(op, uv_fs_close(op->base.host->uv, &op->base.req.fs, fd, bide__fs_done),
                            NULL));
    bide__uv_op_free(&op->base);
    return 0;
}

/* --- opening ------------------------------------------------------------------------ */

/* The flags of open for one of Python's modes; -1 with ValueError. */
static int flags_of(const char *mode)
{
    int flags = O_CLOEXEC;
    if (!mode)
        return bide__raise(BIDE_TypeError, "file_open: a mode is expected, got NULL");
    bool update = mode[0] && mode[1] == '+' && !mode[2];
    const char *kind = mode[0] ? strchr("rwax", mode[0]) : NULL;
    if (!kind || (mode[1] && !update))
        return bide__raise(BIDE_ValueError, "invalid mode: '%s'", mode);
    if (*kind == 'w')
        flags |= O_CREAT | O_TRUNC;
    if (*kind == 'a')
        flags |= O_CREAT | O_APPEND;
    if (*kind == 'x')
        flags |= O_CREAT | O_EXCL;
    return flags | (update ? O_RDWR : *kind == 'r' ? O_RDONLY : O_WRONLY);
}

BIDE__UNCOLORED static int open_fd(const char *path, int flags, int *fd)
{
    enum { EVERYBODY = 0666 };
    bide__fs_op *op = bide__fs_new_for("file_open", path);
    if (!op)
        return BIDE_RAISED;
    op->opens = true;
    BIDE_TRY(bide__fs_check(
        op, uv_fs_open(op->base.host->uv, &op->base.req.fs, path, flags, EVERYBODY, bide__fs_done),
        path));
    *fd = (int)op->base.status;
    op->opens = false;
    bide__uv_op_free(&op->base);
    return 0;
}

BIDE__UNCOLORED int bide_file_open(const char *path, const char *mode, bide_value *file)
{
    static const bide__uv_writing writing = {file_write, file_close};
    int flags = flags_of(mode);
    bide__file *self = flags < 0 ? NULL : bide_object_new(&file_type, sizeof *self);
    if (file)
        *file = BIDE_NONE;
    if (!self)
        return BIDE_RAISED;
    self->fd = CLOSED;
    self->base.base.read = read_chunk;
    self->base.writing = &writing;
    int status = open_fd(path, flags, &self->fd);
    if (status == 0 && file)
        *file = bide_object_value(self);
    else
        bide_drop(bide_object_value(self));
    return status;
}

/* --- more about an open one ----------------------------------------------------------- */

static int append_to(bide_value *all, bide_value part)
{
    size_t size = bide_size(*all), more = bide_size(part);
    bide_value larger = bide_bytes(NULL, size + more);
    if (!bide_failed(larger)) {
        memcpy(bide_data(larger), bide_data(*all), size);
        memcpy((char *)bide_data(larger) + size, bide_data(part), more);
    }
    bide_drop(part);
    bide_drop(*all);
    *all = larger;
    return bide_failed(larger) ? BIDE_RAISED : 0;
}

/* How much a read of everything had best ask for. */
static size_t bytes_left(const bide__file *self)
{
    off_t here = lseek(self->fd, 0, SEEK_CUR);
    off_t end = here < 0 ? -1 : lseek(self->fd, 0, SEEK_END);
    if (here >= 0)
        lseek(self->fd, here, SEEK_SET);
    return end > here ? (size_t)(end - here) + 1 : CHUNK;
}

BIDE__UNCOLORED static int read_all(bide__file *self, bide_value *out)
{
    bide_value all = bide_bytes(NULL, 0);
    int status = bide_failed(all) ? BIDE_RAISED : 0;
    size_t size = self->fd == CLOSED ? CHUNK : bytes_left(self);
    while (status == 0) {
        bide_value part;
        status = read_bytes(self, size, &part);
        if (status < 0)
            break;
        bool end = bide_size(part) == 0;
        status = append_to(&all, part);
        size = CHUNK;
        if (status < 0 || end)
            break;
    }
    if (status < 0)
        bide_drop(all);
    else
        *out = all;
    return status;
}

BIDE__UNCOLORED int bide_file_read(bide_value file, int64_t size, bide_value *bytes)
{
    bide__file *self = bide_object_of(file, &file_type);
    bide_value v = BIDE_NONE;
    int status = BIDE_RAISED;
    if (self)
        status = size < 0 ? read_all(self, &v) : read_bytes(self, (size_t)size, &v);
    if (bytes)
        *bytes = v;
    else
        bide_drop(v);
    return status;
}

int64_t bide_file_seek(bide_value file, int64_t offset, int whence)
{
    bide__file *self = bide_object_of(file, &file_type);
    if (!self)
        return BIDE_RAISED;
    if (self->fd == CLOSED)
        return bide__raise(BIDE_ValueError, "I/O operation on closed file");
    off_t position = lseek(self->fd, (off_t)offset, whence);
    if (position < 0)
        return bide__uv_raise(uv_translate_sys_error(errno), NULL);
    self->base.base.ended = false;
    return position;
}
