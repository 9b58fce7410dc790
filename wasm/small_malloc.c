/* small_malloc.c - the allocator of programs that are built to be small (MinSizeRel), in place of
 * the C library's, which is ten times the size.
 *
 * Sizes are rounded up to four steps an octave, and freed blocks are kept by size: both calls take
 * constant time, at the price of up to a quarter more memory. What was freed serves blocks of its
 * own size only; nothing goes back to the host, which WebAssembly's memory could not do anyway.
 *
 * A block is its size in a word, and then what the program sees, aligned to 16.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 16, PAGE = 64 * 1024, HEAD = sizeof(uint32_t), STEPS = 4 };

struct freed {
    struct freed *next;
};

extern char __heap_base; /* the linker's: where the program's data ends */
static struct freed *pools[32 * STEPS];
static char *at, *end; /* memory that was never used */

static uint32_t *size_of(void *block)
{
    return (uint32_t *)block - 1;
}

/* The size of the blocks that serve `size` bytes, heads included; *pool is theirs. */
static size_t round_up(size_t size, size_t *pool)
{
    size_t whole = (size + HEAD + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    unsigned shift = whole < 2 * STEPS * ALIGNMENT ? 4 : 29 - (unsigned)__builtin_clz(whole);
    size_t step = ((size_t)1 << shift) - 1;
    whole = (whole + step) & ~step;
    *pool = (shift - 4) * STEPS + (whole >> shift);
    return whole;
}

/* Makes room for `size` bytes at `at`. Growing costs much, however little it grows. */
static int grow(size_t size)
{
    if (!at) {
        at = &__heap_base + (-(uintptr_t)&__heap_base & (ALIGNMENT - 1)) + ALIGNMENT - HEAD;
        end = (char *)(__builtin_wasm_memory_size(0) * PAGE);
    }
    if (at <= end && (size_t)(end - at) >= size)
        return 0;
    size_t wanted =
        (size + (size_t)(end - &__heap_base) / 8 + PAGE + ALIGNMENT) & ~(size_t)(PAGE - 1);
    size_t pages = __builtin_wasm_memory_grow(0, wanted / PAGE);
    if (pages == SIZE_MAX)
        return -1;
    char *more = (char *)(pages * PAGE);
    if (more != end || at > end)
        at = more + ALIGNMENT - HEAD;
    end = more + wanted;
    return 0;
}

void *malloc(size_t size)
{
    size_t pool;
    if (size > PTRDIFF_MAX / 2)
        goto none;
    size_t whole = round_up(size, &pool);
    struct freed *freed = pools[pool];
    if (freed) {
        pools[pool] = freed->next;
        return freed;
    }
    if (grow(whole) < 0)
        goto none;
    char *block = at + HEAD;
    at += whole;
    *size_of(block) = (uint32_t)whole;
    return block;
none:
    errno = ENOMEM;
    return NULL;
}

void free(void *block)
{
    size_t pool;
    if (!block)
        return;
    if (*size_of(block) % 2) /* aligned_alloc's: how far it is into its block */
        block = (char *)block - *size_of(block) + 1;
    round_up(*size_of(block) - HEAD, &pool);
    struct freed *freed = block;
    freed->next = pools[pool];
    pools[pool] = freed;
}

void *calloc(size_t count, size_t size)
{
    size_t bytes;
    void *block = __builtin_mul_overflow(count, size, &bytes) ? malloc(SIZE_MAX) : malloc(bytes);
    return block ? memset(block, 0, bytes) : NULL;
}

void *realloc(void *block, size_t size)
{
    size_t room = 0;
    if (block && *size_of(block) % 2)
        room = *size_of((char *)block - *size_of(block) + 1) - *size_of(block) + 1 - HEAD;
    else if (block)
        room = *size_of(block) - HEAD;
    if (block && size <= room)
        return block;
    void *larger = malloc(size);
    if (larger && block) {
        memcpy(larger, block, room);
        free(block);
    }
    return larger;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    if (alignment <= ALIGNMENT)
        return malloc(size);
    char *block = size > PTRDIFF_MAX / 2 ? NULL : malloc(size + alignment);
    if (!block)
        return NULL;
    size_t far = -(uintptr_t)block & (alignment - 1);
    if (far)
        *size_of(block + far) = (uint32_t)far + 1;
    return block + far;
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    *out = aligned_alloc(alignment, size);
    return *out ? 0 : ENOMEM;
}

size_t malloc_usable_size(void *block)
{
    if (!block)
        return 0;
    size_t far = *size_of(block) % 2 ? *size_of(block) - 1 : 0;
    return *size_of((char *)block - far) - far - HEAD;
}

/* The C library's own names for them. */
void *__libc_malloc(size_t size) __attribute__((alias("malloc")));
void *__libc_calloc(size_t count, size_t size) __attribute__((alias("calloc")));
void __libc_free(void *block) __attribute__((alias("free")));
