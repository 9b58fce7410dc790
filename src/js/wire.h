/* wire.h - values as bytes, for the crossing between C and JavaScript; the other half is wire.js.
 *
 * A value is a tag byte and its payload, little-endian, lists nested. What cannot be copied crosses
 * as a number: a JavaScript value by its place in JavaScript's table, an object of C by its slot in
 * the table of objects.h. Reading trusts nothing: a malformed message raises ValueError.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_JS_WIRE_H
#define BIDE_JS_WIRE_H

#include <bide/value.h>

enum {
    BIDE__WIRE_NONE,
    BIDE__WIRE_FALSE,
    BIDE__WIRE_TRUE,
    BIDE__WIRE_INT,    /* i64 */
    BIDE__WIRE_FLOAT,  /* f64 */
    BIDE__WIRE_STR,    /* u32 size, UTF-8 */
    BIDE__WIRE_BYTES,  /* u32 size, bytes */
    BIDE__WIRE_LIST,   /* u32 count, values */
    BIDE__WIRE_TUPLE,  /* u32 count, values */
    BIDE__WIRE_JS,     /* u32 id; towards C also: u8 abilities, text class name */
    BIDE__WIRE_OBJECT, /* u32 slot; towards JavaScript also: u8 class, u32 address, text type */
    BIDE__WIRE_ERROR,  /* towards JavaScript only: see put_error in wire.c */
    BIDE__WIRE_REASON, /* towards C only: text message, value */
};

/* How deep lists may nest: deeper ones, and those that contain themselves, raise ValueError. */
enum { BIDE__WIRE_DEPTH = 64 };

/* Growing bytes. Putting never fails; what went wrong is told by the callers' checks of `failed`,
 * and then MemoryError is pending. */
typedef struct bide__writer {
    uint8_t *data;
    size_t size, capacity;
    bool failed;
} bide__writer;

void bide__put_u8(bide__writer *w, uint32_t v);
void bide__put_u32(bide__writer *w, uint32_t v);
void bide__put_text(bide__writer *w, const char *text); /* u32 size, UTF-8, without a tag */
/* 0, or what could not be written is raised: TypeError for a pointer, ValueError for nesting,
 * MemoryError. The writer is then as before. `v` is borrowed. */
int bide__put_value(bide__writer *w, bide_value v);
/* Gives up everything from `size` on, after a failure. */
void bide__writer_cut(bide__writer *w, size_t size);
/* Empties it; memory that only a large message needs is given back. */
void bide__writer_empty(bide__writer *w);

typedef struct bide__reader {
    const uint8_t *at, *end;
} bide__reader;

int bide__get_value(bide__reader *r, bide_value *out);

#endif
