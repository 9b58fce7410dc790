/* checked.h - the object behind a receiver, or the TypeError that says what was expected.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_CHECKED_H
#define BIDE_LOOP_CHECKED_H

#include <bide/protocol.h>

#include "object/exec.h"

/* The object if it is of that type; NULL without an exception otherwise. */
static inline void *bide__peek(bide_value v, const bide_type *type)
{
    return v.kind == BIDE_KIND_OBJECT && v.as.object->type == type ? (void *)v.as.object : NULL;
}

/* The object if it is of that type; NULL with an exception otherwise. */
static inline void *bide__checked(bide_value v, const bide_type *type)
{
    void *object = bide__peek(v, type);
    if (object)
        return object;
    if (!bide_failed(v))
        return bide_object_of(v, type);
    bide__propagate();
    return NULL;
}

#endif
