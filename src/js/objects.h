/* objects.h - the objects of C that JavaScript holds, each in a slot with a number.
 *
 * A slot owns one reference. Slot 0 is never used. JavaScript gives a slot back when its wrapper
 * is disposed of or collected.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_JS_OBJECTS_H
#define BIDE_JS_OBJECTS_H

#include <bide/value.h>

/* What JavaScript makes of an object. */
enum {
    BIDE__OBJECT_OPAQUE,
    BIDE__OBJECT_PROMISE, /* a future or task: its result is sent when it is done */
    BIDE__OBJECT_GENERATOR,
    BIDE__OBJECT_STREAM,
};

/* Keeps v (which moves in): its slot, or 0 without memory, then v is dropped. */
uint32_t bide__object_keep(bide_value v);
/* What is in the slot, borrowed; BIDE_NONE if nothing is. */
bide_value bide__object_at(uint32_t slot);
/* Empties the slot; what was in it is the caller's. */
bide_value bide__object_take(uint32_t slot);
/* Every slot that was filled since `mark` is emptied: a message was given up half-written. */
uint32_t bide__object_mark(void);
void bide__object_rollback(uint32_t mark);
/* Empties all. */
void bide__object_drop_all(void);

#endif
