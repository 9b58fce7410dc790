/* stack_pool.c - native stacks, carved from slabs of mapped pages and pooled by size.
 *
 * Control blocks are kept apart from the stacks, in compact arrays, because a scheduler walks them
 * while the stacks stay cold. The tops of neighbouring stacks are moved apart by a cache line each
 * (their color): page-aligned tops would all compete for the same few cache sets.
 *
 * Every stack has a page below it that is made inaccessible, as long as the system allows more of
 * that (stack_pages_posix.c); the others go unguarded, which bide_fiber_get_stats shows. A stack
 * that is given back keeps its memory for the next one, up to the pool's limit; beyond that its
 * memory goes back to the system and only the address space is kept.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/stack_pool.h"

#include <stdlib.h>
#include <string.h>

#include "fiber/limit.h"
#include "fiber/sanitizer.h"
#include "fiber/stack_pages.h"
#include "fiber/thread_end.h"

enum {
    MIN_SHIFT = 12, /* 4 KiB */
    CLASSES = 20,   /* up to 2 GiB, doubling */
    FIRST_SLAB = 8, /* stacks in a class's first slab; each slab doubles up to the last */
    LAST_SLAB = 256,
    COLORS = 32,
    CACHE_LINE = 64,
    POOL_LIMIT = 131072,
};

struct pool_class {
    bide_fiber *free;   /* linked by resumer; their stacks were used before */
    bide_fiber *cold;   /* likewise, but their memory has been given back */
    bide_fiber *fresh;  /* the newest slab's control blocks, handed out in order */
    size_t fresh_count; /* how many of them are left */
    size_t slab_count;  /* stacks in the next slab */
};

struct slab {
    struct slab *next;
    char *mapping;
    size_t size;
    size_t count;
    bide_fiber blocks[];
};

static BIDE__THREAD_LOCAL struct pool_class classes[CLASSES];
static BIDE__THREAD_LOCAL struct slab *slabs;
static BIDE__THREAD_LOCAL bide_fiber_stats stats;
static size_t pool_limit = POOL_LIMIT; /* stacks that may be in `free` lists */

/* The thread ends: gives every stack back, unless fibers were forgotten on some. */
static void release_slabs(void)
{
    if (stats.live)
        return;
    while (slabs) {
        struct slab *slab = slabs;
        slabs = slab->next;
        for (size_t i = 0; i < slab->count; i++)
            bide__sanitizer_forget(&slab->blocks[i]);
        bide__pages_unmap(slab->mapping, slab->size);
        free(slab);
    }
    bide__pages_unguarded(stats.guarded);
    memset(classes, 0, sizeof classes);
    memset(&stats, 0, sizeof stats);
}

static BIDE__THREAD_LOCAL struct bide__thread_end thread_end = {.release = release_slabs};

/* Maps a slab and makes its control blocks; the pages themselves appear when first touched. */
static bool add_slab(struct pool_class *class, size_t size)
{
    size_t count = class->slab_count ? class->slab_count : FIRST_SLAB;
    size_t stride = size + bide__pages_unit();
    char *mapping = NULL;
    /* A smaller slab may still fit where a large one does not. */
    while (count && !(mapping = bide__pages_map(count * stride)))
        count /= 2;
    if (!mapping)
        return false;
    struct slab *slab = calloc(1, sizeof *slab + count * sizeof *slab->blocks);
    if (!slab) {
        bide__pages_unmap(mapping, count * stride);
        return false;
    }
    slab->mapping = mapping;
    slab->size = count * stride;
    slab->count = count;
    slab->next = slabs;
    slabs = slab;
    bide__thread_end_watch(&thread_end);
    bide_fiber *blocks = slab->blocks;
    for (size_t i = 0; i < count; i++) {
        blocks[i].stack = mapping + i * stride + bide__pages_unit();
        blocks[i].stack_size = size;
        blocks[i].color = (unsigned)(i % COLORS) * CACHE_LINE;
    }
    class->fresh = blocks;
    class->fresh_count = count;
    class->slab_count = count * 2 > LAST_SLAB ? LAST_SLAB : count * 2;
    stats.reserved += count * stride;
    return true;
}

static void guard(const bide_fiber *fiber)
{
    if (bide__pages_guard(fiber->stack - bide__pages_unit()))
        stats.guarded++;
    else
        stats.unguarded++;
}

bide_fiber *bide__stack_take(size_t size)
{
    /* The smallest class that holds `size`, which is at least 1; stacks are whole pages. */
    if (size < bide__pages_unit())
        size = bide__pages_unit();
    size_t units = (size - 1) >> MIN_SHIFT;
    unsigned i = units ? 64 - (unsigned)__builtin_clzll(units) : 0;
    if (i >= CLASSES || stats.live >= bide__fiber_most)
        return NULL;
    struct pool_class *class = &classes[i];
    bide_fiber *fiber = class->free;
    if (fiber) {
        class->free = fiber->resumer;
        stats.pooled--;
    } else if ((fiber = class->cold)) {
        class->cold = fiber->resumer;
        stats.pooled--;
        stats.released--;
    } else {
        if (!class->fresh_count && !add_slab(class, (size_t)1 << (MIN_SHIFT + i)))
            return NULL;
        fiber = class->fresh++;
        class->fresh_count--;
        guard(fiber);
        bide__valgrind_stack_register(fiber->stack, fiber->stack + fiber->stack_size);
    }
    stats.live++;
    return fiber;
}

static void release(struct pool_class *class, bide_fiber *fiber)
{
    bide__pages_discard(fiber->stack, fiber->stack_size);
    fiber->resumer = class->cold;
    class->cold = fiber;
    stats.released++;
}

void bide__stack_give(bide_fiber *fiber)
{
    struct pool_class *class = &classes[__builtin_ctzll(fiber->stack_size) - MIN_SHIFT];
    fiber->state = BIDE_FIBER_DONE;
    if (__builtin_expect(stats.pooled - stats.released < pool_limit, 1)) {
        fiber->resumer = class->free;
        class->free = fiber;
    } else {
        release(class, fiber);
    }
    stats.pooled++;
    stats.live--;
}

void bide_fiber_set_pool_limit(size_t stacks)
{
    pool_limit = stacks;
    for (struct pool_class *class = classes; class < classes + CLASSES; class ++)
        while (class->free && stats.pooled - stats.released > pool_limit) {
            bide_fiber *fiber = class->free;
            class->free = fiber->resumer;
            release(class, fiber);
        }
}

bool bide__stack_is_guard(const bide_fiber *fiber, const void *address)
{
    const char *at = address;
    return at < fiber->stack && at >= fiber->stack - bide__pages_unit();
}

bide_fiber_stats bide_fiber_get_stats(void)
{
    return stats;
}
