/* fs.h - one request to the file system.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_UV_FS_H
#define BIDE_UV_FS_H

#include "uv/op.h"

typedef struct bide__fs_op {
    bide__uv_op base;
    bide_value buffer;       /* owned; what is read into or written from, or BIDE_NONE */
    struct bide__file *file; /* held while the request uses its descriptor; NULL: none */
    bool opens;              /* the result is a descriptor, which nobody owns yet */
} bide__fs_op;

/* NULL raises. The request is op->base.req.fs; start it with bide__fs_done as the callback. */
bide__fs_op *bide__fs_new(const char *verb);
/* The same for one that takes a path: TypeError if that is NULL. */
bide__fs_op *bide__fs_new_for(const char *verb, const char *path);
void bide__fs_done(uv_fs_t *request);
/* Waits; see bide__uv_op_check. `what`, borrowed, is the path for errors. */
BIDE_ASYNC int bide__fs_check(bide__fs_op *op, int started, const char *what);
/* Takes note of, and back, a request that uses the file's descriptor. */
void bide__file_begin(struct bide__file *file);
void bide__file_end(struct bide__file *file);

#endif
