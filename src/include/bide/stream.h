/* bide/stream.h - bytes from outside, as an async iterable.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_STREAM_H
#define BIDE_STREAM_H

#include <bide/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An async iterator over the bytes that arrive on a file descriptor, in chunks of at most 64 KiB.
 * Waiting for them never blocks other tasks. In JavaScript descriptor 0 is the `stdin` source that
 * load() was given; elsewhere any pipe, terminal, socket or file. The descriptor is borrowed and
 * stays open; its flags are not changed. OSError when reading fails. */
bide_value bide_fd_stream(int fd);

/* The next chunk: 0 with bytes, or with BIDE_NONE at the end. One reader at a time, RuntimeError
 * otherwise. `stream` is borrowed. */
BIDE_ASYNC int bide_stream_read(bide_value stream, bide_value *out);

#ifdef __cplusplus
}
#endif
#endif
