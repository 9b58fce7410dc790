/* complain.h - a message to standard error, without the C library's streams.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_COMPLAIN_H
#define BIDE_FIBER_COMPLAIN_H

#include <stddef.h>

/* Writes the pieces, of which the last is followed by NULL. Needs no memory. */
void bide__complain(const char *piece, ...) __attribute__((sentinel));

/* A number as a piece: writes into `digits` and answers where it begins. */
enum { BIDE__DIGITS = 24 };
const char *bide__decimal(char digits[BIDE__DIGITS], size_t number);

#endif
