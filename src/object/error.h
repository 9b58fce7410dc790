/* error.h - the exception object, for the files that look inside one.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_OBJECT_ERROR_H
#define BIDE_OBJECT_ERROR_H

#include <stdarg.h>

#include "object/exec.h"

enum { BIDE__SITES = 8 };

/* Where the pieces of a text go. */
typedef void bide__sink(void *to, const char *piece);

struct bide__exception {
    bide_object base;
    const bide_error_type *type;
    bide_value message; /* owned str, or BIDE_NONE */
    bide_value value;   /* owned */
    bide_value cause;   /* owned exception, or BIDE_NONE */
    bide_value context; /* owned exception, or BIDE_NONE */
    bide_value members; /* owned tuple of a group, or BIDE_NONE */
    /* Adds them to the text of a group; NULL if it is none. */
    void (*add_members)(const struct bide__exception *self, bide__sink *add, void *to);
    /* Where it was raised and which awaits it passed, innermost first; what does not fit into
     * `sites` is only counted. */
    const bide_site *sites[BIDE__SITES];
    unsigned site_count;
    bool shared; /* one of the two that exist without memory: never written to */
};

extern const bide_type bide__exception_type;
BIDE__WEAK extern const bide_error_type bide__ExceptionGroup; /* error_group.c */

/* The exception behind v; NULL if it is none. */
bide__exception *bide__exception_of(bide_value v);
bool bide__error_type_is(const bide_error_type *type, const bide_error_type *base);
/* NULL with MemoryError. `message` moves in. */
bide__exception *bide__error_make(const bide_error_type *type, bide_value message);
/* "Type: message" (traceback.c). */
void bide__error_add_text(const bide__exception *e, bide__sink *add, void *to);
/* Makes `error` (owned by the call, or NULL) the pending one; the one before it is dropped. */
void bide__set_pending(bide__exception *error);
/* A str formatted as by printf: without floats, and with them. */
bide_value bide__vformat(const char *format, va_list arguments);
bide_value bide__vformat_any(const char *format, va_list arguments);

/* Where StopIteration is an end with a value, however it came: if it is pending, takes it and gives
 * BIDE_RETURNED with its value in *out; otherwise BIDE_RAISED. */
int bide__stop_is_end(bide_value *out);

#endif
