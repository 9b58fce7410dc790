/* text.h - building a str piece by piece.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_OBJECT_TEXT_H
#define BIDE_OBJECT_TEXT_H

#include <bide/value.h>

/* Zeroed to start with, or with a buffer that is borrowed. Adding never fails; what went wrong is
 * told by finish. */
struct bide__text {
    char *bytes;
    size_t size, room;
    bool borrowed; /* `bytes` is the caller's to begin with, and left to it */
    bool failed;
    bool raised; /* by a repr slot: its exception is pending */
};

void bide__text_add(struct bide__text *text, const char *piece);
void bide__text_add_bytes(struct bide__text *text, const char *bytes, size_t size);
/* As printf; the second understands %s only (format.h), and links less. */
void bide__text_addf(struct bide__text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void bide__text_add_plain(struct bide__text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void bide__text_add_decimal(struct bide__text *text, int64_t number);
/* Python's str(v) or, quoted, repr(v). */
void bide__text_add_value(struct bide__text *text, bide_value v, bool quoted);
void bide__text_free(struct bide__text *text);
/* The str, or BIDE_FAILED with MemoryError; frees the builder either way. */
bide_value bide__text_finish(struct bide__text *text);

#endif
