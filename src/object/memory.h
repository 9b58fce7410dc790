/* memory.h - every allocation that Bide makes for objects, counted and breakable on purpose.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_OBJECT_MEMORY_H
#define BIDE_OBJECT_MEMORY_H

#include <bide/value.h>

/* Zeroed memory, or NULL with MemoryError pending. */
void *bide__alloc(size_t size);
/* The same memory with a new size, its new bytes undefined; NULL with MemoryError, then the old
 * block is as it was. `block` may be NULL. */
void *bide__realloc(void *block, size_t size);
/* NULL is allowed. Only for bide__alloc and bide__realloc. */
void bide__free(void *block);

/* bide_object_new, all but the zeroes behind the head. */
void *bide__object_new_raw(const bide_type *type, size_t size);

/* In an object's flags: its type's finalizer has nothing more to do. */
enum { BIDE__FINALIZED = 0x100 };

/* Whether the next allocation is to fail; counts it either way. For allocations made elsewhere,
 * such as stacks. */
bool bide__allocation_fails(void);

#endif
