/* fs.c - the file system: requests in general, and those that take paths.
 *
 * SPDX-License-Identifier: MIT */
#include "uv/fs.h"

#include <sys/stat.h>
#include <unistd.h>

#include "object/exec.h"
#include "object/memory.h"

static void dispose(bide__uv_op *base)
{
    bide__fs_op *op = (bide__fs_op *)base;
    if (op->opens && base->status > 0)
        close((int)base->status);
    uv_fs_req_cleanup(&base->req.fs);
    bide_drop(op->buffer);
    if (op->file)
        bide__file_end(op->file);
}

bide__fs_op *bide__fs_new(const char *verb)
{
    return bide__uv_op_new(sizeof(bide__fs_op), verb, dispose);
}

bide__fs_op *bide__fs_new_for(const char *verb, const char *path)
{
    if (path)
        return bide__fs_new(verb);
    bide__raise(BIDE_TypeError, "%s: a path is expected, got NULL", verb);
    return NULL;
}

void bide__fs_done(uv_fs_t *request)
{
    bide__uv_op_done(request->data, request->result);
}

BIDE__UNCOLORED int bide__fs_check(bide__fs_op *op, int started, const char *what)
{
    return bide__uv_op_check(&op->base, started, what);
}

/* --- paths -------------------------------------------------------------------------- */

/* Waits for a request that has nothing to give. */
BIDE__UNCOLORED static int finish(bide__fs_op *op, int started, const char *path)
{
    BIDE_TRY(bide__fs_check(op, started, path));
    bide__uv_op_free(&op->base);
    return 0;
}

BIDE__UNCOLORED int bide_directory_make(const char *path)
{
    enum { EVERYBODY = 0777 };
    bide__fs_op *op = bide__fs_new_for("directory_make", path);
    if (!op)
        return BIDE_RAISED;
    return finish(
        op, uv_fs_mkdir(op->base.host->uv, &op->base.req.fs, path, EVERYBODY, bide__fs_done), path);
}

BIDE__UNCOLORED int bide_directory_remove(const char *path)
{
    bide__fs_op *op = bide__fs_new_for("directory_remove", path);
    if (!op)
        return BIDE_RAISED;
    return finish(op, uv_fs_rmdir(op->base.host->uv, &op->base.req.fs, path, bide__fs_done), path);
}

BIDE__UNCOLORED int bide_file_remove(const char *path)
{
    bide__fs_op *op = bide__fs_new_for("file_remove", path);
    if (!op)
        return BIDE_RAISED;
    return finish(op, uv_fs_unlink(op->base.host->uv, &op->base.req.fs, path, bide__fs_done), path);
}

BIDE__UNCOLORED int bide_file_rename(const char *from, const char *to)
{
    bide__fs_op *op = bide__fs_new_for("file_rename", to ? from : NULL);
    if (!op)
        return BIDE_RAISED;
    return finish(op, uv_fs_rename(op->base.host->uv, &op->base.req.fs, from, to, bide__fs_done),
                  from);
}

BIDE__UNCOLORED int bide_file_stat(const char *path, bide_file_info *info)
{
    bide__fs_op *op = bide__fs_new_for("file_stat", path);
    if (info)
        *info = (bide_file_info){0};
    if (!op)
        return BIDE_RAISED;
    BIDE_TRY(bide__fs_check(
        op, uv_fs_stat(op->base.host->uv, &op->base.req.fs, path, bide__fs_done), path));
    const uv_stat_t *found = &op->base.req.fs.statbuf;
    const bide_file_info all = {
        .size = (int64_t)found->st_size,
        .modified = (int64_t)found->st_mtim.tv_sec * 1000000000 + found->st_mtim.tv_nsec,
        .mode = (uint32_t)found->st_mode,
        .is_file = S_ISREG(found->st_mode),
        .is_directory = S_ISDIR(found->st_mode),
    };
    if (info)
        *info = all;
    bide__uv_op_free(&op->base);
    return 0;
}

static int collect_names(uv_fs_t *request, bide_value *out)
{
    uv_dirent_t entry;
    bide_value list = bide_list();
    int status = bide_failed(list) ? BIDE_RAISED : 0;
    /* To the end in any case: libuv frees an entry when it gives the next one. */
    while (uv_fs_scandir_next(request, &entry) >= 0)
        if (status == 0)
            status = bide_list_append(list, bide_str(entry.name));
    if (status < 0)
        bide_drop(list);
    else
        *out = list;
    return status;
}

BIDE__UNCOLORED int bide_directory_list(const char *path, bide_value *names)
{
    bide__fs_op *op = bide__fs_new_for("directory_list", path);
    bide_value list = BIDE_NONE;
    int status = BIDE_RAISED;
    if (op)
        status = bide__fs_check(
            op, uv_fs_scandir(op->base.host->uv, &op->base.req.fs, path, 0, bide__fs_done), path);
    if (status == 0) {
        status = collect_names(&op->base.req.fs, &list);
        bide__uv_op_free(&op->base);
    }
    if (names)
        *names = list;
    else
        bide_drop(list);
    return status;
}
