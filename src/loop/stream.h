/* stream.h - what every kind of stream has in common: one way to read it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_STREAM_H
#define BIDE_LOOP_STREAM_H

#include <bide/protocol.h>
#include <bide/stream.h>

/* At the beginning of a stream's object. A type is a stream's if its anext slot is
 * bide__stream_anext. */
typedef struct bide__stream {
    bide_object base;
    /* The next chunk, or BIDE_NONE at the end. May suspend; called by one reader at a time, and
     * not again after the end. *out is BIDE_NONE before. */
    int (*read)(struct bide__stream *self, bide_value *out);
    bool reading, ended;
} bide__stream;

bide_value bide__stream_anext(void *self);

#endif
