/* handle.h - a JavaScript value that C holds: a number in JavaScript's table.
 *
 * One handle object stands for one value at a time: a value that crosses again while C still has
 * it is the same handle. When its last reference goes, JavaScript is told how often it crossed, so
 * that a crossing on the way is not forgotten.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_JS_HANDLE_H
#define BIDE_JS_HANDLE_H

#include <bide/value.h>

/* What a value can do, as its number crosses. */
enum { BIDE__JS_THENABLE = 1, BIDE__JS_ITERABLE = 2 };

/* The handle of value `id`, counting a crossing. `name`, of `size` bytes, is that of its class. */
bide_value bide__js_handle(uint32_t id, uint8_t abilities, const char *name, size_t size);
uint32_t bide__js_handle_id(bide_value handle);
/* How many JavaScript values C holds. */
uint32_t bide__js_handle_count(void);

/* Tells JavaScript now of handles that it could not be told of for want of memory. */
void bide__js_tell_owed(void);

/* An async iterator over the value of the handle, or over load()'s stdin if it is BIDE_NONE
 * (moves in). */
bide_value bide__js_iterator(bide_value handle);

#endif
