/* format.h - formatting a text as printf does (format.c, printf.c, float_text.c).
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_OBJECT_FORMAT_H
#define BIDE_OBJECT_FORMAT_H

#include <stdarg.h>

#include "object/text.h"

/* A va_list in a struct, because as a parameter it may be an array. */
typedef struct bide__arguments {
    va_list list;
} bide__arguments;

/* Adds the conversion of which `at` is what follows the '%'. Returns what comes after it, or NULL
 * if it is unknown. */
typedef const char *bide__rest_of_printf(struct bide__text *text, const char *at,
                                         bide__arguments *arguments);
bide__rest_of_printf bide__text_add_conversion;

/* Adds what printf would. A plain %s and %% are understood here, all else by `rest`, if
 * it is given. False, with part of it added, at one that is not understood. */
bool bide__text_addv(struct bide__text *text, const char *format, va_list arguments,
                     bide__rest_of_printf *rest);

/* What stands between a '%' and its letter, and the letter. */
typedef struct bide__format_spec {
    bool left, zero, alternative; /* '-', '0', '#' */
    char sign;                    /* '+', ' ' or 0 */
    char conversion;
    int width;
    int precision; /* negative: none was given */
} bide__format_spec;

/* Adds a float that is neither negative nor infinite, by the spec's letter, precision and '#'. */
void bide__text_add_digits(struct bide__text *text, const bide__format_spec *spec, double f);
/* Adds the shortest decimal that reads back as the same float, as Python's repr writes it. */
void bide__text_add_float(struct bide__text *text, double f);

#endif
