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
    BIDE__JS_OPAQUE,
    BIDE__JS_PROMISE, /* a future or task: its result is sent when it is done */
    BIDE__JS_GENERATOR,
    BIDE__JS_STREAM,
};

/* Keeps v (which moves in): its slot, or 0 with MemoryError, then v is dropped. */
uint32_t bide__js_keep(bide_value v);
/* What is in the slot, borrowed; BIDE_NONE if nothing is. */
bide_value bide__js_kept(uint32_t slot);
/* Empties the slot; what was in it is the caller's. */
bide_value bide__js_take(uint32_t slot);
/* Empties every slot that was filled since the mark: a message was given up half-written. */
uint32_t bide__js_keep_mark(void);
void bide__js_keep_rollback(uint32_t mark);
/* Empties all. */
void bide__js_keep_nothing(void);

#endif
