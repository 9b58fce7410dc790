/* Stacks: the smallest, how much of one was used, what the pool keeps and what it gives back, and
 * very many at once.
 *
 *     STACKS=1000000 build/native/unit/stacks    so many live fibers, and the memory of each
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#if defined(__wasm__)
#define NATIVE false
#else
#define NATIVE true
#endif

#if defined(BIDE__FIBER_SANITIZED)
enum { SMALLEST = 16384 };
#else
enum { SMALLEST = 1 }; /* a size: rounded up to the least that the target can do */
#endif

/* --- how much was used ------------------------------------------------------------ */

__attribute__((noinline)) static void use(size_t bytes)
{
    char block[bytes];
    memset(block, 1, bytes);
    __asm__ volatile("" : : "r"(block) : "memory");
    bide_fiber_suspend();
}

static void use_twice(void *arg)
{
    size_t *bytes = arg;
    use(bytes[0]);
    CHECK(!NATIVE || bide_fiber_high_water(bide_fiber_current()) >= bytes[0]);
    use(bytes[1]);
}

static void test_high_water(void)
{
    size_t sizes[] = {3000, 20000}, frames = 6000; /* more than anything else here takes */
    bide_fiber_measure_stacks(true);
    bide_fiber *fiber = bide_fiber_new(use_twice, sizes, 0, NULL);
    bide_fiber_measure_stacks(false);
    CHECK_INT(bide_fiber_high_water(fiber), 0);
    bide_fiber_resume(fiber);
    size_t first = bide_fiber_high_water(fiber);
    CHECK(!NATIVE || (first >= sizes[0] && first < sizes[0] + frames));
    bide_fiber_resume(fiber);
    size_t second = bide_fiber_high_water(fiber);
    CHECK(!NATIVE || (second >= sizes[1] && second < sizes[1] + frames));
    bide_fiber_resume(fiber);
    CHECK_INT(bide_fiber_high_water(fiber), second); /* a mark: it does not go down */
    bide_fiber_free(fiber);
    /* The same stack again, unmeasured. */
    fiber = bide_fiber_new(use_twice, sizes, 0, NULL);
    bide_fiber_resume(fiber);
    CHECK_INT(bide_fiber_high_water(fiber), 0);
    bide_fiber_free(fiber);
    /* And measured, though less of it is used than before. */
    bide_fiber_measure_stacks(true);
    fiber = bide_fiber_new(use_twice, sizes, 0, NULL);
    bide_fiber_measure_stacks(false);
    bide_fiber_resume(fiber);
    size_t third = bide_fiber_high_water(fiber);
    CHECK(!NATIVE || (third >= sizes[0] && third < sizes[0] + frames));
    bide_fiber_free(fiber);
}

/* --- the smallest ----------------------------------------------------------------- */

static void keep_a_kilobyte(void *arg)
{
    char block[700];
    memset(block, 7, sizeof block);
    bide_fiber_suspend();
    for (size_t i = 0; i < sizeof block; i++)
        CHECK_INT(block[i], 7);
    ++*(int *)arg;
}

/* Neighbours, all of them used nearly to the end: none may reach into another. */
static void test_smallest_stacks(void)
{
    enum { SOME = 200 };
    static bide_fiber *fibers[SOME];
    int ended = 0;
    for (int i = 0; i < SOME; i++) {
        fibers[i] = bide_fiber_new(keep_a_kilobyte, &ended, SMALLEST, NULL);
        CHECK(fibers[i]->stack_size <= 16384);
        CHECK_INT(bide_fiber_resume(fibers[i]), BIDE_FIBER_SUSPENDED);
    }
    for (int i = 0; i < SOME; i++)
        CHECK_INT(bide_fiber_resume(fibers[i]), BIDE_FIBER_DONE);
    CHECK_INT(ended, SOME);
    for (int i = 0; i < SOME; i++)
        bide_fiber_free(fibers[i]);
}

/* --- the pool --------------------------------------------------------------------- */

enum { SEVERAL = 50 };

static void make_and_free_several(void)
{
    bide_fiber *fibers[SEVERAL];
    int ended = 0;
    for (int i = 0; i < SEVERAL; i++) {
        fibers[i] = bide_fiber_new(keep_a_kilobyte, &ended, 0, NULL);
        bide_fiber_resume(fibers[i]);
        bide_fiber_resume(fibers[i]);
    }
    for (int i = 0; i < SEVERAL; i++)
        bide_fiber_free(fibers[i]);
    CHECK_INT(ended, SEVERAL);
}

static void test_the_pool_has_a_limit(void)
{
    make_and_free_several();
    bide_fiber_stats stats = bide_fiber_get_stats();
    size_t reserved = stats.reserved, pooled = stats.pooled;
    CHECK_INT(stats.released, 0);
    CHECK(stats.pooled >= SEVERAL);
    bide_fiber_set_pool_limit(10);
    CHECK(!NATIVE || bide_fiber_get_stats().released == pooled - 10);
    make_and_free_several(); /* ten of them keep their memory as they end */
    stats = bide_fiber_get_stats();
    CHECK(!NATIVE || stats.released == pooled - 10);
    CHECK_INT(stats.pooled, pooled);
    CHECK_INT(stats.reserved, reserved); /* the address space was kept */
    bide_fiber_set_pool_limit(131072);
    make_and_free_several();
    stats = bide_fiber_get_stats();
    CHECK(!NATIVE || stats.released == pooled - SEVERAL);
    CHECK_INT(stats.reserved, reserved);
}

static void fill_a_page(void *arg)
{
    char block[4096];
    memset(block, 7, sizeof block);
    __asm__ volatile("" : : "r"(block) : "memory");
    *(uintptr_t *)arg = (uintptr_t)(block + sizeof block / 2);
}

/* Beyond the limit: the stack stays where it is, and reads as if nobody had used it. */
static void test_released_memory_goes_back(void)
{
    uintptr_t filled = 0;
    if (!NATIVE || getenv("BIDE_UNDER_VALGRIND"))
        return;
    bide_fiber_set_pool_limit(0);
    bide_fiber *fiber = bide_fiber_new(fill_a_page, &filled, 0, NULL);
    bide_fiber_resume(fiber);
    CHECK_INT(*(volatile char *)filled, 7);
    bide_fiber_free(fiber);
    CHECK_INT(*(volatile char *)filled, 0);
    bide_fiber_set_pool_limit(131072);
}

/* --- very many -------------------------------------------------------------------- */

static void count_twice(void *arg)
{
    ++*(long *)arg;
    bide_fiber_suspend();
    ++*(long *)arg;
}

/* Bytes that the process has in use; 0 where that cannot be told. */
static double resident(void)
{
    char line[128];
    double kilobytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kilobytes = strtod(line + 6, NULL);
    if (status)
        fclose(status);
    return kilobytes * 1024;
}

/* Bytes of memory that each of `n` suspended fibers takes. */
static double run_many(long n)
{
    bide_fiber **fibers = malloc((size_t)n * sizeof(void *));
    long count = 0;
    CHECK(fibers != NULL);
    if (!fibers)
        return 0;
    memset(fibers, 0, (size_t)n * sizeof(void *));
    double before = resident();
    size_t live = bide_fiber_get_stats().live;
    for (long i = 0; i < n; i++) {
        fibers[i] = bide_fiber_new(count_twice, &count, SMALLEST, "one of many");
        if (!fibers[i]) {
            check__fail(__FILE__, __LINE__, "no memory for fiber %ld", i);
            n = i;
            break;
        }
        bide_fiber_resume(fibers[i]);
    }
    double each = (resident() - before) / (double)n;
    bide_fiber_stats stats = bide_fiber_get_stats();
    CHECK_INT(stats.live, live + (size_t)n);
    CHECK(stats.guarded + stats.unguarded >= (size_t)n);
    printf("%ld live fibers, %zu stacks guarded, %zu not\n", n, stats.guarded, stats.unguarded);
    for (long i = n - 1; i >= 0; i--)
        CHECK_INT(bide_fiber_resume(fibers[i]), BIDE_FIBER_DONE);
    CHECK_INT(count, 2 * n);
    for (long i = 0; i < n; i++)
        bide_fiber_free(fibers[i]);
    CHECK_INT(bide_fiber_get_stats().live, live);
    free(fibers);
    return each;
}

static void test_many(void)
{
    bool slow = getenv("BIDE_UNDER_VALGRIND") || !NATIVE;
    double each = run_many(CHECK_FIBERS(slow ? 2000 : 100000));
#if defined(BIDE__FIBER_INLINED)
    /* One page and a control block. */
    if (!slow && resident() > 0)
        CHECK(each < 4096 + 400);
#else
    (void)each;
#endif
}

int main(void)
{
    const char *many = getenv("STACKS");
    if (many && atol(many) > 0) {
        printf("%.0f bytes each\n", run_many(atol(many)));
        return check_end();
    }
    RUN(test_high_water);
    RUN(test_smallest_stacks);
    RUN(test_the_pool_has_a_limit);
    RUN(test_released_memory_goes_back);
    RUN(test_many);
    return check_end();
}
