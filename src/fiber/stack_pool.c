/* stack_pool.c - native stacks, carved from mmapped slabs and pooled by size.
 *
 * Control blocks are kept apart from the stacks, in compact arrays, because a scheduler walks them
 * while the stacks stay cold. The tops of neighbouring stacks are moved apart by a cache line each
 * (their color): page-aligned tops would all compete for the same few cache sets.
 *
 * Every stack has a page below it that is made inaccessible while the kernel's limit on mappings
 * allows (two mappings a guard; half the limit is left to the program). Beyond that stacks go
 * unguarded, which bide_fiber_get_stats shows.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/stack_pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fiber/sanitizer.h"
#include "fiber/thread_end.h"

#if !defined(MAP_NORESERVE)
#define MAP_NORESERVE 0
#endif

enum {
    MIN_SHIFT = 12, /* 4 KiB */
    CLASSES = 20,   /* up to 2 GiB, doubling */
    FIRST_SLAB = 8, /* stacks in a class's first slab; each slab doubles up to the last */
    LAST_SLAB = 256,
    COLORS = 32,
    CACHE_LINE = 64,
};

struct pool_class {
    bide_fiber *free;   /* linked by resumer; their stacks were used before */
    bide_fiber *fresh;  /* the newest slab's control blocks, handed out in order */
    size_t fresh_count; /* how many of them are left */
    size_t slab_count;  /* stacks in the next slab */
};

struct slab {
    struct slab *next;
    char *mapping;
    size_t size;
    bide_fiber blocks[];
};

static BIDE__THREAD_LOCAL struct pool_class classes[CLASSES];
static BIDE__THREAD_LOCAL struct slab *slabs;
static BIDE__THREAD_LOCAL bide_fiber_stats stats;

/* The thread ends: gives every stack back, unless fibers were forgotten on some. */
static void release_slabs(void)
{
    if (stats.live)
        return;
    while (slabs) {
        struct slab *slab = slabs;
        slabs = slab->next;
        munmap(slab->mapping, slab->size);
        free(slab);
    }
    memset(classes, 0, sizeof classes);
    memset(&stats, 0, sizeof stats);
}

static BIDE__THREAD_LOCAL struct bide__thread_end thread_end = {.release = release_slabs};

static size_t page_size(void)
{
    static size_t size;
    if (!size)
        size = (size_t)sysconf(_SC_PAGESIZE);
    return size;
}

/* How many guards this process may have, all threads together being few enough to ignore. */
static size_t guard_limit(void)
{
    static size_t limit;
    if (limit)
        return limit;
    unsigned long mappings = 65530;
    FILE *file = fopen("/proc/sys/vm/max_map_count", "r");
    if (file) {
        if (fscanf(file, "%lu", &mappings) != 1)
            mappings = 65530;
        fclose(file);
    }
    limit = mappings / 4 + 1;
    return limit;
}

/* Maps a slab and makes its control blocks; the pages themselves appear when first touched. */
static bool add_slab(struct pool_class *class, size_t size)
{
    size_t count = class->slab_count ? class->slab_count : FIRST_SLAB;
    size_t stride = size + page_size();
    char *mapping = MAP_FAILED;
    /* A smaller slab may still fit where a large one does not. */
    for (; count; count /= 2) {
        mapping = mmap(NULL, count * stride, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mapping != MAP_FAILED)
            break;
    }
    if (mapping == MAP_FAILED)
        return false;
    struct slab *slab = calloc(1, sizeof *slab + count * sizeof *slab->blocks);
    if (!slab) {
        munmap(mapping, count * stride);
        return false;
    }
    slab->mapping = mapping;
    slab->size = count * stride;
    slab->next = slabs;
    slabs = slab;
    bide__thread_end_watch(&thread_end);
    bide_fiber *blocks = slab->blocks;
    for (size_t i = 0; i < count; i++) {
        blocks[i].stack = mapping + i * stride + page_size();
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
    char *page = fiber->stack - page_size();
    if (stats.guarded < guard_limit() && mprotect(page, page_size(), PROT_NONE) == 0)
        stats.guarded++;
    else
        stats.unguarded++;
}

bide_fiber *bide__stack_take(size_t size)
{
    /* The smallest class that holds `size`, which is at least 1. */
    size_t units = (size - 1) >> MIN_SHIFT;
    unsigned i = units ? 64 - (unsigned)__builtin_clzll(units) : 0;
    if (i >= CLASSES)
        return NULL;
    struct pool_class *class = &classes[i];
    bide_fiber *fiber = class->free;
    if (fiber) {
        class->free = fiber->resumer;
        stats.pooled--;
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

void bide__stack_give(bide_fiber *fiber)
{
    unsigned i = (unsigned)__builtin_ctzll(fiber->stack_size) - MIN_SHIFT;
    fiber->state = BIDE_FIBER_DONE;
    fiber->resumer = classes[i].free;
    classes[i].free = fiber;
    stats.pooled++;
    stats.live--;
}

bool bide__stack_is_guard(const bide_fiber *fiber, const void *address)
{
    const char *at = address;
    return at < fiber->stack && at >= fiber->stack - page_size();
}

bide_fiber_stats bide_fiber_get_stats(void)
{
    return stats;
}
