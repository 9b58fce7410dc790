/* error_types.c - the hierarchy of exception types, from the one list in bide/error.h.
 * ExceptionGroup is in error_group.c.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/error.h>

const bide_error_type bide__BaseException = {"BaseException", NULL};
#define DEFINE(name, parent) const bide_error_type bide__##name = {#name, &bide__##parent};
BIDE__PLAIN_ERROR_TYPES(DEFINE)
#undef DEFINE
