/* memory.c - allocation, and objects' lives.
 *
 * Objects of up to 512 bytes are pooled by size on the thread that frees them: coroutines are made
 * and dropped at the rate of function calls. Sanitizer builds do not pool, so that a use after free
 * stays visible; nor do builds that are to be small.
 *
 * SPDX-License-Identifier: MIT */
#include "object/memory.h"

#include <bide/error.h>
#include <bide/protocol.h>

#include <stdlib.h>
#include <string.h>

#include "fiber/thread_end.h"
#include "object/exec.h"

BIDE__THREAD_LOCAL struct bide__memory bide__memory;

/* The thread ends. */
static void release_pools(void)
{
    for (size_t i = 0; i < BIDE__OBJECT_CLASSES; i++)
        while (bide__memory.pools[i]) {
            void *freed = bide__memory.pools[i];
            bide__memory.pools[i] = *(void **)freed;
            free(freed);
        }
}

static BIDE__THREAD_LOCAL struct bide__thread_end thread_end = {.release = release_pools};

void *bide__alloc(size_t size)
{
    void *block = bide__allocation_fails() ? NULL : calloc(1, size);
    if (!block)
        bide__raise_no_memory();
    return block;
}

void *bide__realloc(void *block, size_t size)
{
    void *larger = bide__allocation_fails() ? NULL : realloc(block, size);
    if (!larger)
        bide__raise_no_memory();
    return larger;
}

void bide__free(void *block)
{
    free(block);
}

void *bide__object_new_raw(const bide_type *type, size_t size)
{
    bide_object *object = bide__object_reuse(type, size);
    if (object)
        return object;
    size_t units = (size + BIDE__OBJECT_UNIT - 1) / BIDE__OBJECT_UNIT;
    bool pooled = BIDE__OBJECTS_POOLED && units < BIDE__OBJECT_CLASSES;
    if (!bide__allocation_fails())
        object = malloc(pooled ? units * BIDE__OBJECT_UNIT : size);
    if (!object) {
        bide__raise_no_memory();
        return NULL;
    }
    object->type = type;
    object->refs = 1;
    object->flags = pooled ? (uint32_t)units + 1 : 0;
    bide__count_live(1);
    return object;
}

void *bide_object_new(const bide_type *type, size_t size)
{
    bide_object *object = bide__object_new_raw(type, size);
    if (object)
        memset(object + 1, 0, size - sizeof *object);
    return object;
}

BIDE__BARRIER static void bide__barrier_finalize(bide_object *object)
{
    bide__exec *exec = bide__bar();
    object->type->finalize(object);
    bide__unbar(exec);
}

/* Finalizing may bring an object back (an async generator's finalizer keeps it): then it lives on.
 * A finalizer may not await: it runs wherever the last reference happens to go. */
static bool finalize(bide_object *object)
{
    object->refs = 1;
    bide__barrier_finalize(object);
    return --object->refs == 0;
}

void bide__object_free(bide_object *object)
{
    if (!(object->flags & BIDE__FINALIZED) && object->type->finalize && !finalize(object))
        return;
    bide__count_live((size_t)-1);
    uint32_t pooled = object->flags & BIDE__POOLED;
    if (BIDE__OBJECTS_POOLED && pooled) {
        void **pool = &bide__memory.pools[pooled - 1];
        if (__builtin_expect(!thread_end.watched, 0))
            bide__thread_end_watch(&thread_end);
        *(void **)(void *)object = *pool;
        *pool = object;
    } else {
        free(object);
    }
}
