/* Arrays that grow large: what lies in them stays, their memory serves the next ones, and without
 * memory the array is as it was.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "object/exec.h"
#include "object/list.h"
#include "object/memory.h"

enum { KIB = 1024, MIB = 1024 * KIB };

/* A byte that tells its place. */
static unsigned char mark(size_t at)
{
    return (unsigned char)(at * 7 + at / 251);
}

static void fill(unsigned char *array, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        array[i] = mark(i);
}

static bool is_filled(const unsigned char *array, size_t to)
{
    for (size_t i = 0; i < to; i++)
        if (array[i] != mark(i))
            return false;
    return true;
}

static void test_growing(void)
{
    static const size_t sizes[] = {
        1,         100,           BIDE__LARGE - 1, BIDE__LARGE, BIDE__LARGE + 1, 2 * BIDE__LARGE,
        300 * KIB, 300 * KIB + 1, 512 * KIB,       1 * MIB + 1, 33 * MIB,        34 * MIB,
    };
    unsigned char *array = NULL;
    size_t from = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        array = bide__array_grow(array, from, sizes[i]);
        CHECK(array != NULL);
        CHECK(is_filled(array, from));
        fill(array, from, sizes[i]);
        from = sizes[i];
    }
    bide__array_free(array, from);
}

static void test_reuse(void)
{
    char *first = bide__array_grow(NULL, 0, 200 * KIB);
    char *second = bide__array_grow(NULL, 0, 256 * KIB);
    char *large = bide__array_grow(NULL, 0, 40 * MIB);
    CHECK(first && second && large);
    bide__array_free(first, 200 * KIB);
    bide__array_free(second, 256 * KIB);
    bide__array_free(large, 40 * MIB); /* is not kept */
    if (!BIDE__LARGE_KEPT)
        return;
    char *other = bide__array_grow(NULL, 0, 300 * KIB); /* what is kept is too small */
    char *again = bide__array_grow(NULL, 0, 129 * KIB);
    char *grown = bide__array_grow(NULL, 0, 1 * KIB);
    grown = bide__array_grow(grown, 1 * KIB, 180 * KIB);
    CHECK(other != first && other != second);
    CHECK(again == second && grown == first);
    CHECK(bide__array_grow(again, 129 * KIB, 256 * KIB) == again); /* there is room */
    bide__array_free(other, 300 * KIB);
    bide__array_free(again, 256 * KIB);
    bide__array_free(grown, 180 * KIB);
}

static void test_more_than_is_kept(void)
{
    enum { BLOCKS = 5, SIZE = 20 * MIB };
    for (int round = 0; round < 2; round++) {
        char *blocks[BLOCKS];
        for (int i = 0; i < BLOCKS; i++) {
            blocks[i] = bide__array_grow(NULL, 0, SIZE);
            CHECK(blocks[i] != NULL);
            blocks[i][SIZE - 1] = (char)i;
        }
        for (int i = 0; i < BLOCKS; i++) {
            CHECK_INT(blocks[i][SIZE - 1], i);
            bide__array_free(blocks[i], SIZE);
        }
    }
}

static void test_without_memory(void)
{
    static const size_t sizes[] = {BIDE__LARGE, BIDE__LARGE + 1, 100 * KIB, 1 * MIB};
    unsigned char *array = bide__array_grow(NULL, 0, 1000);
    size_t from = 1000;
    fill(array, 0, from);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        bide_debug_fail_allocation(1);
        CHECK(bide__array_grow(array, from, sizes[i]) == NULL);
        bide_debug_fail_allocation(0);
        CHECK_RAISES("!! MemoryError", BIDE_RAISED);
        CHECK(is_filled(array, from));
        array = bide__array_grow(array, from, sizes[i]);
        fill(array, from, sizes[i]);
        from = sizes[i];
    }
    bide__array_free(array, from);
}

/* --- who has such arrays ------------------------------------------------------------ */

enum { MANY = 10000 };

static void test_lists(void)
{
    for (int round = 0; round < 3; round++) {
        bide_value list = bide__list_for(round == 1 ? MANY : 0);
        for (int i = 0; i < MANY; i++)
            CHECK_INT(bide_list_append(list, bide_int(i)), 0);
        CHECK_INT((int64_t)bide_size(list), MANY);
        for (size_t i = 0; i < MANY; i++)
            CHECK_INT(bide_item(list, i).as.i, (int64_t)i);
        bide_drop(list);
    }
    bide_value empty = bide__list_for(0);
    CHECK_REPR(empty, "[]");
    bide_drop(empty);
    for (unsigned n = 1; n <= 2; n++) {
        bide_debug_fail_allocation(n);
        bide_value failed = bide__list_for(MANY);
        bide_debug_fail_allocation(0);
        CHECK_FAILS("!! MemoryError", failed);
    }
}

static BIDE_ASYNC int nap(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(BIDE_MS(1 + arg.as.i % 7)));
    return bide_return(result, arg);
}

/* An engine's own stacks are fewer, and stay until it collects garbage. */
enum { TASKS = BIDE__FIBER_LIMIT < MANY ? 2000 : CHECK_FIBERS(MANY) };

static BIDE_ASYNC int gather_many(bide_value arg, bide_value *result)
{
    bide_value all = bide_list();
    for (int i = 0; i < TASKS; i++)
        BIDE_TRY(bide_list_append(all, bide_coro(nap, bide_int(i))));
    BIDE_SCOPED bide_value results = BIDE_NONE;
    BIDE_TRY(bide_await(bide_gather(all, false), &results));
    CHECK_INT((int64_t)bide_size(results), TASKS);
    for (size_t i = 0; i < TASKS; i++)
        CHECK_INT(bide_item(results, i).as.i, (int64_t)i);
    return 0;
}

static void test_gathering(void)
{
    for (int round = 0; round < 2; round++)
        CHECK_STEP("=> None", bide_run, bide_coro(gather_many, BIDE_NONE));
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    bide_fiber_set_default_stack(16384);
    RUN(test_growing);
    RUN(test_reuse);
    RUN(test_more_than_is_kept);
    RUN(test_without_memory);
    RUN(test_lists);
    RUN(test_gathering);
    return check_end();
}
