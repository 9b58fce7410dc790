/* stack_pool.c - native stacks, carved from slabs of mapped pages and pooled by size.
 *
 * Control blocks are kept apart from the stacks, in compact arrays, because a scheduler walks them
 * while the stacks stay cold: without gaps, since only then does the processor fetch ahead. The
 * tops of neighbouring stacks are moved apart by a cache line each (their color): page-aligned tops
 * would all compete for the same few cache sets.
 *
 * Every stack has a guard below it that is made inaccessible, as long as the system allows more of
 * that (stack_pages_posix.c); the others go unguarded, which bide_fiber_get_stats shows. A frame
 * that is larger than the guard could step over it, onto the next stack. Compilers can be told to
 * touch every page of such a frame, as CMake does for programs with Bide, but the C library is as
 * it was made, and glibc has frames of two pages (vfprintf, to a stream without a buffer). So
 * guards are larger than that, but for the smallest stacks, of which there may be a million.
 *
 * A stack that is given back keeps its memory for the next one, up to the pool's limit; beyond that
 * its memory goes back to the system and only the address space is kept.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/stack_pool.h"

#include <stdlib.h>
#include <string.h>

#include "fiber/overflow.h"
#include "fiber/sanitizer.h"
#include "fiber/stack_pages.h"
#include "fiber/thread_end.h"

enum {
    FIRST_SLAB = 8, /* stacks in a class's first slab; each slab doubles up to the last */
    LAST_SLAB = 256,
    COLORS = 32,
    CACHE_LINE = 64,
    POOL_LIMIT = 131072,
    LARGE_GUARD = 16 * 1024, /* the least for stacks that have as much themselves */
    OVERSTEPPED = 64 * 1024, /* so far below a stack, what faults was meant for it, most likely */
#if defined(_WIN32)
    THREAD_END_ROUNDS = 1, /* then the thread's variables are gone */
#else
    THREAD_END_ROUNDS = 3, /* POSIX promises one more */
#endif
};

struct pool_class {
    bide_fiber *cold;   /* linked by resumer; their memory has been given back */
    bide_fiber *fresh;  /* the newest slab's control blocks, handed out in order */
    size_t fresh_count; /* how many of them are left */
    size_t slab_count;  /* stacks in the next slab */
};

struct slab {
    struct slab *next;
    char *mapping;
    size_t size;
    size_t count;
    bide_fiber *blocks; /* begins a cache line */
};

BIDE__THREAD_LOCAL struct bide__stack_pool bide__stack_pool;
size_t bide__stack_pool_limit = POOL_LIMIT;

static BIDE__THREAD_LOCAL struct pool_class classes[BIDE__STACK_CLASSES];
static BIDE__THREAD_LOCAL bide_fiber own_stack; /* the thread's */
static BIDE__THREAD_LOCAL struct slab *slabs;
static BIDE__THREAD_LOCAL size_t reserved, guarded, unguarded, released;
static BIDE__THREAD_LOCAL int end_rounds;

/* --- slabs ------------------------------------------------------------------------ */

/* Every stack that was handed out is live, or in a list. */
static size_t live_stacks(void)
{
    return guarded + unguarded - bide__stack_pool.warm - released;
}

static void release_slabs(void);
static BIDE__THREAD_LOCAL struct bide__thread_end thread_end = {.release = release_slabs};

/* Fibers were forgotten on some stacks. A later thread may have its variables, by which a fiber's
 * thread is known, where this one had them: it must not take them for its own. */
static void abandon_slabs(void)
{
    for (const struct slab *slab = slabs; slab; slab = slab->next)
        for (size_t i = 0; i < slab->count; i++) {
            slab->blocks[i].thread = NULL;
            slab->blocks[i].resumer = NULL;
        }
}

/* The thread ends: gives every stack back, once the destructors of others have had their turn. */
static void release_slabs(void)
{
    if (live_stacks()) {
        if (++end_rounds < THREAD_END_ROUNDS)
            bide__thread_end_watch(&thread_end);
        else
            abandon_slabs();
        return;
    }
    while (slabs) {
        struct slab *slab = slabs;
        slabs = slab->next;
        for (size_t i = 0; i < slab->count; i++)
            bide__sanitizer_forget(&slab->blocks[i]);
        bide__pages_unmap(slab->mapping, slab->size);
        free(slab);
    }
    bide__pages_unguarded(guarded);
    memset(classes, 0, sizeof classes);
    memset(&bide__stack_pool, 0, sizeof bide__stack_pool);
    reserved = guarded = unguarded = released = 0;
}

static void *align(void *p)
{
    return (char *)p + (-(uintptr_t)p & (CACHE_LINE - 1));
}

/* Bytes below a stack of `size`. With it a large one takes an odd number of pages, so that the tops
 * of many use all of a translation cache. */
static size_t guard_of(size_t size)
{
    size_t page = bide__pages_unit();
    return size < LARGE_GUARD || page >= LARGE_GUARD ? BIDE__LEAST_GUARD * page
                                                     : LARGE_GUARD + page;
}

/* Maps a slab and makes its control blocks; the pages themselves appear when first touched. */
static bool add_slab(struct pool_class *class, size_t size)
{
    size_t count = class->slab_count ? class->slab_count : FIRST_SLAB;
    size_t stride = size + guard_of(size);
    char *mapping = NULL;
    /* A smaller slab may still fit where a large one does not. */
    while (count && !(mapping = bide__pages_map(count * stride)))
        count /= 2;
    if (!mapping)
        return false;
    struct slab *slab = calloc(1, sizeof *slab + count * sizeof *slab->blocks + CACHE_LINE);
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
    bide__overflow_watch();
    if (bide__fiber_is_thread(bide__fiber_running))
        bide__fiber_running = &own_stack;
    bide_fiber *blocks = slab->blocks = align(slab + 1);
    for (size_t i = 0; i < count; i++) {
        blocks[i].thread = &bide__fiber_running;
        blocks[i].stack = mapping + i * stride + guard_of(size);
        blocks[i].stack_size = (uint32_t)size;
        blocks[i].color = (uint16_t)(i % COLORS * CACHE_LINE);
    }
    class->fresh = blocks;
    class->fresh_count = count;
    class->slab_count = count * 2 > LAST_SLAB ? LAST_SLAB : count * 2;
    reserved += count * stride;
    return true;
}

static void guard(const bide_fiber *fiber)
{
    size_t size = guard_of(fiber->stack_size);
    if (bide__pages_guard(fiber->stack - size, size))
        guarded++;
    else
        unguarded++;
}

/* --- taking and giving ------------------------------------------------------------ */

unsigned bide__stack_class(size_t size)
{
    /* Stacks are whole pages, which may be large. */
    size_t smallest = bide__pages_unit();
    if (smallest < BIDE__FIBER_SMALLEST_STACK)
        smallest = BIDE__FIBER_SMALLEST_STACK;
    size_t bits = (size - 1) | (smallest - 1);
    unsigned class = 64 - BIDE__STACK_MIN_SHIFT - (unsigned)__builtin_clzll(bits);
    return class < BIDE__STACK_CLASSES ? class : BIDE__STACK_CLASSES;
}

bide_fiber *bide__stack_take(unsigned i)
{
    if (i == BIDE__STACK_CLASSES || live_stacks() >= bide__fiber_most)
        return NULL;
    struct pool_class *class = &classes[i];
    bide_fiber **pooled = &bide__stack_pool.free[i], *fiber = *pooled;
    if (fiber) {
        *pooled = fiber->resumer;
        bide__stack_pool.warm--;
    } else if ((fiber = class->cold)) {
        class->cold = fiber->resumer;
        released--;
    } else {
        if (!class->fresh_count && !add_slab(class, (size_t)1 << (BIDE__STACK_MIN_SHIFT + i)))
            return NULL;
        fiber = class->fresh++;
        class->fresh_count--;
        guard(fiber);
        bide__valgrind_stack_register(fiber->stack, fiber->stack + fiber->stack_size);
    }
    return fiber;
}

void bide__stack_expect(unsigned i)
{
    const bide_fiber *next = bide__stack_pool.free[i], *after = next ? next->resumer : NULL;
    if (!after)
        return;
    const char *top = after->stack + after->stack_size - after->color;
    for (int line = 1; line <= 6; line++)
        __builtin_prefetch(top - line * CACHE_LINE, 1);
    __builtin_prefetch(after->resumer, 1);
    __builtin_prefetch((const char *)after->resumer + CACHE_LINE, 1);
}

void bide__stack_release(bide_fiber *fiber)
{
    struct pool_class *class = &classes[bide__stack_class_of(fiber)];
    bide__pages_discard(fiber->stack, fiber->stack_size);
    fiber->resumer = class->cold;
    class->cold = fiber;
    released++;
}

void bide_fiber_set_pool_limit(size_t stacks)
{
    struct bide__stack_pool *pool = &bide__stack_pool;
    bide__stack_pool_limit = stacks;
    for (unsigned i = 0; i < BIDE__STACK_CLASSES; i++)
        while (pool->free[i] && pool->warm > stacks) {
            bide_fiber *fiber = pool->free[i];
            pool->free[i] = fiber->resumer;
            pool->warm--;
            bide__stack_release(fiber);
        }
}

bool bide__stack_is_guard(const bide_fiber *fiber, const void *address)
{
    const char *at = address;
    return at < fiber->stack && at >= fiber->stack - OVERSTEPPED;
}

bide_fiber_stats bide_fiber_get_stats(void)
{
    return (bide_fiber_stats){
        .live = live_stacks(),
        .pooled = bide__stack_pool.warm + released,
        .released = released,
        .guarded = guarded,
        .unguarded = unguarded,
        .reserved = reserved,
    };
}
