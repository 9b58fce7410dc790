/* block_pool.c - fiber blocks on WebAssembly, pooled by size.
 *
 *     | control block | stack, growing down from here ................ |
 *
 * Sizes are powers of two, the control block included, so that a block of 1 KiB is 1 KiB.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/block_pool.h"

#include <stdlib.h>

#include "fiber/limit.h"
#include "fiber/thread_end.h"

enum {
    MIN_SHIFT = 10, /* 1 KiB */
    CLASSES = 20,
#if defined(__OPTIMIZE_SIZE__)
    ALLOCATOR_HEAD = 16, /* part of a block: each comes from malloc by itself */
#else
    ALLOCATOR_HEAD = 0,
#endif
    LARGEST_SLAB = 256 * 1024 * 1024,
    PAGE = 4096, /* of the machine below, most likely */
    HEAD = 1024, /* of a block: control block and saved locals, most likely */
};

struct block {
    bide_fiber fiber;
    unsigned class;
    unsigned number;
    char *spill; /* owned; saved locals that did not fit */
    size_t spill_size;
};

static bide_fiber *pools[CLASSES]; /* linked by resumer */
static size_t live, reserved;
static unsigned blocks; /* that were ever made */

static struct block *block_of(bide_fiber *fiber)
{
    return (struct block *)fiber;
}

#if defined(__OPTIMIZE_SIZE__)
static void *carve(size_t bytes)
{
    return aligned_alloc(16, bytes);
}
#else
static char *slab; /* what is left of the last one taken */
static size_t slab_left;

/* Takes a slab, as large as may be, so that blocks of whole pages begin near a page's end: what a
 * suspended fiber has at the bottom of its block then shares a page with what the next one has at
 * its top. */
static void take_slab(size_t size, size_t bytes)
{
    char *more = NULL;
    while (!more && size / 4 >= bytes + PAGE) {
        more = aligned_alloc(PAGE, size & ~(size_t)(PAGE - 1));
        if (more) {
            slab = more + PAGE - HEAD;
            slab_left = (size & ~(size_t)(PAGE - 1)) - (PAGE - HEAD);
        }
        size /= 2;
    }
}

/* Memory for one block. To grow its memory costs a WebAssembly engine up to a millisecond, by
 * however little it grows, and JavaScript's a collection of garbage: so the more there is already,
 * the more is taken at once. */
static void *carve(size_t bytes)
{
    if (bytes > slab_left)
        take_slab(reserved / 4 < LARGEST_SLAB ? reserved / 4 : LARGEST_SLAB, bytes);
    if (bytes > slab_left)
        return aligned_alloc(16, bytes);
    char *block = slab;
    slab += bytes;
    slab_left -= bytes;
    return block;
}
#endif

bide_fiber *bide__block_take(size_t size)
{
    unsigned class = 0;
    if (bide__too_many_fibers(live))
        return NULL;
    while (((size_t)1 << (MIN_SHIFT + class)) < size)
        if (++class == CLASSES)
            return NULL;
    bide_fiber *fiber = pools[class];
    if (fiber) {
        pools[class] = fiber->resumer;
    } else {
        size_t bytes = ((size_t)1 << (MIN_SHIFT + class)) - ALLOCATOR_HEAD;
        struct block *block = carve(bytes);
        if (!block)
            return NULL;
        *block = (struct block){.class = class, .number = blocks++};
        fiber = &block->fiber;
        size_t head = (sizeof *block + 15) & ~(size_t)15;
        fiber->stack = (char *)block + head;
        fiber->stack_size = bytes - head;
        reserved += bytes + ALLOCATOR_HEAD;
    }
    live++;
    return fiber;
}

void bide__block_give(bide_fiber *fiber)
{
    struct block *block = block_of(fiber);
    free(block->spill);
    block->spill = NULL;
    block->spill_size = 0;
    fiber->state = BIDE_FIBER_DONE;
    fiber->resumer = pools[block->class];
    pools[block->class] = fiber;
    live--;
}

char *bide__block_spill(bide_fiber *fiber, size_t size)
{
    struct block *block = block_of(fiber);
    if (block->spill_size < size) {
        free(block->spill); /* what an earlier suspend left there is of no use */
        block->spill = malloc(size);
        block->spill_size = block->spill ? size : 0;
    }
    return block->spill;
}

unsigned bide__block_number(const bide_fiber *fiber)
{
    return ((const struct block *)fiber)->number;
}

bide_fiber_stats bide_fiber_get_stats(void)
{
    return (bide_fiber_stats){
        .live = live, .pooled = blocks - live, .unguarded = blocks, .reserved = reserved};
}

/* There is one thread, and its end is the program's. */
void bide__thread_end_watch(struct bide__thread_end *entry)
{
    entry->watched = true;
}
