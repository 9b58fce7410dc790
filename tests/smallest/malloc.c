/* malloc.c - wasm/small_malloc.c, which is linked with this: blocks hold what was put into them,
 * lie apart, are aligned, and are used again.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 500, ROUNDS = 20000, LARGEST = 5000 };

static struct {
    unsigned char *bytes;
    size_t size;
} blocks[BLOCKS];
static uint32_t seed = 1;
static int failures;

#define CHECK(condition) ((condition) ? (void)0 : fail(__LINE__, #condition))

static void fail(int line, const char *what)
{
    printf("%s:%d: not so: %s\n", __FILE__, line, what);
    failures++;
}

static size_t below(size_t limit)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % limit;
}

/* Whether block i holds its own pattern. */
static int holds(size_t i, size_t size)
{
    for (size_t k = 0; k < size; k++)
        if (blocks[i].bytes[k] != (unsigned char)(i + k))
            return 0;
    return 1;
}

static void take(size_t i, void *bytes, size_t size, size_t alignment)
{
    CHECK(bytes && (uintptr_t)bytes % alignment == 0);
    blocks[i].bytes = bytes;
    blocks[i].size = size;
    for (size_t k = 0; k < size; k++)
        blocks[i].bytes[k] = (unsigned char)(i + k);
}

static void step(void)
{
    size_t i = below(BLOCKS), size = below(below(LARGEST) + 1), kind = below(4);
    size_t alignment = (size_t)16 << below(5);
    size_t kept = size < blocks[i].size ? size : blocks[i].size;
    if (kind == 0) {
        void *bytes = realloc(blocks[i].bytes, size);
        blocks[i].bytes = bytes;
        CHECK(holds(i, kept));
        take(i, bytes, size, 16);
        return;
    }
    CHECK(holds(i, blocks[i].size));
    free(blocks[i].bytes);
    if (kind == 1)
        take(i, malloc(size), size, 16);
    else if (kind == 2)
        take(i, aligned_alloc(alignment, size), size, alignment);
    else {
        unsigned char *zeros = calloc(size, 1);
        for (size_t k = 0; k < size; k++)
            CHECK(zeros[k] == 0);
        take(i, zeros, size, 16);
    }
}

static void round_of_steps(void)
{
    seed = 1;
    for (int i = 0; i < ROUNDS; i++)
        step();
    for (size_t i = 0; i < BLOCKS; i++) {
        CHECK(holds(i, blocks[i].size));
        free(blocks[i].bytes);
        blocks[i].bytes = NULL;
        blocks[i].size = 0;
    }
}

int main(void)
{
    round_of_steps();
    size_t pages = __builtin_wasm_memory_size(0);
    round_of_steps();
    CHECK(__builtin_wasm_memory_size(0) == pages);
    errno = 0;
    void *volatile impossible = malloc((size_t)1 << 31);
    CHECK(!impossible && errno == ENOMEM);
    impossible = calloc((size_t)1 << 20, (size_t)1 << 20);
    CHECK(!impossible);
    char *large = malloc(3 << 20);
    CHECK(large);
    memset(large, 1, 3 << 20);
    free(large);
    return failures != 0;
}
