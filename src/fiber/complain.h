/* complain.h - a message to standard error, without the C library's streams.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_COMPLAIN_H
#define BIDE_FIBER_COMPLAIN_H

#include <stddef.h>

/* Behind the size of a stack that is too small. */
#define BIDE__STACK_ADVICE                                                                         \
    " bytes. Make the recursion shallower or move large arrays to the heap, or raise the size "    \
    "with bide_fiber_set_default_stack."

/* Writes the pieces, of which the last is followed by NULL. Needs no memory. */
void bide__complain(const char *piece, ...) __attribute__((sentinel));

/* The same piece by piece: begin with one that is zeroed. */
struct bide__complaint {
    char line[256];
    size_t used;
};
void bide__complain_add(struct bide__complaint *self, const char *piece);
void bide__complain_end(struct bide__complaint *self);

/* A number as a piece: writes into `digits` and answers where it begins. */
enum { BIDE__DIGITS = 24 };
const char *bide__decimal(char digits[BIDE__DIGITS], size_t number);

#endif
