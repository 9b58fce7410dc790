/* large.c - memory for large arrays, kept for the next ones.
 *
 * malloc gives large blocks back to the system, and then every page of the next one costs a fault,
 * which takes longer than all that is done with what lies in it. So blocks of whole powers of two
 * are kept by size on the thread that frees them, up to a limit.
 *
 * SPDX-License-Identifier: MIT */
#include "object/memory.h"

#include <stdlib.h>
#include <string.h>

#include "fiber/thread_end.h"
#include "object/exec.h"

enum {
    FIRST_SHIFT = 17, /* of the smallest block, which holds more than BIDE__LARGE */
    SIZES = 9,        /* up to 32 MiB; larger ones are not kept */
    MOST_KEPT = 32 << 20,
};

_Static_assert(BIDE__LARGE == 1 << (FIRST_SHIFT - 1),
               "the smallest block is the next power of two");

struct kept {
    struct kept *next;
};

static BIDE__THREAD_LOCAL struct kept *kept[SIZES];
static BIDE__THREAD_LOCAL size_t kept_bytes;

static void release_kept(void)
{
    for (unsigned i = 0; i < SIZES; i++)
        while (kept[i]) {
            struct kept *block = kept[i];
            kept[i] = block->next;
            free(block);
        }
    kept_bytes = 0;
}

static BIDE__THREAD_LOCAL struct bide__thread_end thread_end = {.release = release_kept};

/* The smallest size that holds so many bytes, more than BIDE__LARGE; SIZES or more if none does. */
static unsigned size_of(size_t bytes)
{
    return 64 - FIRST_SHIFT - (unsigned)__builtin_clzll(bytes - 1);
}

static size_t bytes_of(unsigned size)
{
    return (size_t)1 << (FIRST_SHIFT + size);
}

static void *take(size_t bytes)
{
    unsigned size = size_of(bytes);
    if (size >= SIZES)
        return malloc(bytes);
    struct kept *block = kept[size];
    if (!block)
        return malloc(bytes_of(size));
    kept[size] = block->next;
    kept_bytes -= bytes_of(size);
    return block;
}

void bide__large_free(void *array, size_t bytes)
{
    unsigned size = size_of(bytes);
    if (size >= SIZES || kept_bytes + bytes_of(size) > MOST_KEPT) {
        free(array);
        return;
    }
    bide__thread_end_watch(&thread_end);
    struct kept *block = array;
    block->next = kept[size];
    kept[size] = block;
    kept_bytes += bytes_of(size);
}

void *bide__large_grow(void *array, size_t from, size_t to)
{
    bool stays = from > BIDE__LARGE && size_of(from) < SIZES && size_of(from) == size_of(to);
    void *larger = bide__allocation_fails() ? NULL : stays ? array : take(to);
    if (!larger) {
        bide__raise_no_memory();
        return NULL;
    }
    if (stays || !array)
        return larger;
    memcpy(larger, array, from);
    bide__array_free(array, from);
    return larger;
}
