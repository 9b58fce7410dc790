/* memory.c - allocation, the count of live objects, and objects' lives.
 *
 * Objects of up to 512 bytes are pooled by size on the thread that frees them: coroutines are made
 * and dropped at the rate of function calls. Sanitizer builds do not pool, so that a use after free
 * stays visible.
 *
 * SPDX-License-Identifier: MIT */
#include "object/memory.h"

#include <bide/debug.h>
#include <bide/error.h>
#include <bide/protocol.h>

#include <stdlib.h>
#include <string.h>

#include "fiber/thread_end.h"
#include "object/exec.h"

enum { UNIT = 32, CLASSES = 16 };

struct freed {
    struct freed *next;
};

static BIDE__THREAD_LOCAL struct freed *pools[CLASSES];
static BIDE__THREAD_LOCAL size_t live, allocations, failing;

/* The thread ends. */
static void release_pools(void)
{
    for (size_t i = 0; i < CLASSES; i++)
        while (pools[i]) {
            struct freed *freed = pools[i];
            pools[i] = freed->next;
            free(freed);
        }
}

static BIDE__THREAD_LOCAL struct bide__thread_end thread_end = {.release = release_pools};

size_t bide_debug_live(void)
{
    return live;
}

void bide_debug_fail_allocation(size_t n)
{
    failing = n;
    allocations = 0;
}

size_t bide_debug_allocations(void)
{
    return allocations;
}

bool bide__allocation_fails(void)
{
    return ++allocations == failing;
}

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

#if defined(BIDE__FIBER_SANITIZED)
static const bool pooling = false;
#else
static const bool pooling = true;
#endif

/* The low bits of flags hold the size class plus one; 0 is for objects too large to pool. */
enum { CLASS_BITS = 0xff };

__attribute__((noinline, cold)) static void *allocate(size_t size, bool fails)
{
    void *block = fails ? NULL : malloc(size);
    if (!block)
        bide__raise_no_memory();
    return block;
}

void *bide__object_new_raw(const bide_type *type, size_t size)
{
    size_t class = (size + UNIT - 1) / UNIT;
    bool pooled = pooling && class < CLASSES;
    bool fails = bide__allocation_fails();
    bide_object *object;
    if (__builtin_expect(pooled && pools[class] && !fails, 1)) {
        object = (bide_object *)pools[class];
        pools[class] = pools[class]->next;
    } else if (!(object = allocate(pooled ? class * UNIT : size, fails))) {
        return NULL;
    }
    object->type = type;
    object->refs = 1;
    object->flags = pooled ? (uint32_t)class + 1 : 0;
    live++;
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
    live--;
    uint32_t class = object->flags & CLASS_BITS;
    if (class) {
        struct freed *freed = (struct freed *)object;
        if (__builtin_expect(!thread_end.watched, 0))
            bide__thread_end_watch(&thread_end);
        freed->next = pools[class - 1];
        pools[class - 1] = freed;
    } else {
        free(object);
    }
}
