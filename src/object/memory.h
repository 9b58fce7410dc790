/* memory.h - every allocation that Bide makes for objects, counted and breakable on purpose.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_OBJECT_MEMORY_H
#define BIDE_OBJECT_MEMORY_H

#include <bide/step.h>
#include <bide/value.h>

#include "object/parts.h"

enum { BIDE__OBJECT_UNIT = 32, BIDE__OBJECT_CLASSES = 16 };

/* The calling thread's. */
struct bide__memory {
    size_t live;        /* objects; kept for debug_memory.c, as the next two are */
    size_t allocations; /* that were asked for */
    size_t failing;     /* the number of the one that is to fail */
    /* Objects that were freed, by their size in units, linked by what their first word holds. */
    void *pools[BIDE__OBJECT_CLASSES];
};

#if defined(__ELF__)
__attribute__((visibility("hidden")))
#endif
BIDE__TLS_MODEL extern BIDE__THREAD_LOCAL struct bide__memory bide__memory;

/* Zeroed memory, or NULL with MemoryError pending. */
void *bide__alloc(size_t size);
/* The same memory with a new size, its new bytes undefined; NULL with MemoryError, then the old
 * block is as it was. `block` may be NULL. */
void *bide__realloc(void *block, size_t size);
/* NULL is allowed. Only for bide__alloc and bide__realloc. */
void bide__free(void *block);

/* Whether the next allocation is to fail; counts it either way. For allocations made elsewhere,
 * such as stacks. */
static inline bool bide__allocation_fails(void)
{
    struct bide__memory *memory = &bide__memory;
    return BIDE__HAS(counts) && __builtin_expect(++memory->allocations == memory->failing, 0);
}

/* In an object's flags: its size in units plus one if it is to be pooled, and that its type's
 * finalizer has nothing more to do. */
enum { BIDE__POOLED = 0xff, BIDE__FINALIZED = 0x100 };

/* Where size counts, malloc keeps blocks by size itself (wasm/small_malloc.c). */
#if defined(BIDE__FIBER_SANITIZED)
#define BIDE__OBJECTS_POOLED false
#else
#define BIDE__OBJECTS_POOLED (!BIDE__SMALL)
#endif

/* --- arrays ------------------------------------------------------------------------- */

/* Where memory can go back to the system, large blocks are kept (large.c). */
#if defined(BIDE__MEMORY_GOES_BACK)
#define BIDE__LARGE_KEPT BIDE__OBJECTS_POOLED
#else
#define BIDE__LARGE_KEPT false
#endif
enum { BIDE__LARGE = 65536 };
void *bide__large_grow(void *array, size_t from, size_t to);
void bide__large_free(void *array, size_t bytes);

/* bide__realloc from so many bytes, at which the array is (0: `array` is NULL), to more. */
static inline void *bide__array_grow(void *array, size_t from, size_t to)
{
    if (BIDE__LARGE_KEPT && to > BIDE__LARGE)
        return bide__large_grow(array, from, to);
    return bide__realloc(array, to);
}

/* Lets go of one of so many bytes. */
static inline void bide__array_free(void *array, size_t bytes)
{
    if (BIDE__LARGE_KEPT && bytes > BIDE__LARGE)
        bide__large_free(array, bytes);
    else
        bide__free(array);
}

/* --- objects ------------------------------------------------------------------------ */

/* One object more or less is alive. */
static inline void bide__count_live(size_t change)
{
    if (BIDE__HAS(counts))
        bide__memory.live += change;
}

/* bide_object_new, all but the zeroes behind the head. */
void *bide__object_new_raw(const bide_type *type, size_t size);

/* The same if memory of that size was freed before; else NULL, and nothing is raised. It is apart
 * because it calls nothing: its caller has nothing to save. */
static inline void *bide__object_reuse(const bide_type *type, size_t size)
{
    struct bide__memory *memory = &bide__memory;
    size_t units = (size + BIDE__OBJECT_UNIT - 1) / BIDE__OBJECT_UNIT;
    if (!BIDE__OBJECTS_POOLED || units >= BIDE__OBJECT_CLASSES)
        return NULL;
    void *block = memory->pools[units];
    size_t allocations = memory->allocations + 1;
    if (__builtin_expect(!block || allocations == memory->failing, 0))
        return NULL;
    memory->allocations = allocations;
    memory->pools[units] = *(void **)block;
    bide_object *object = (bide_object *)block;
    object->type = type;
    object->refs = 1;
    object->flags = (uint32_t)units + 1;
    bide__count_live(1);
    return object;
}

#endif
