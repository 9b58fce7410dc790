/* Stack overflow. Natively the guard page ends the process with a message that names the coroutine;
 * everywhere, recursion that awaits is stopped before it, by RecursionError, with nothing damaged.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

/* --- recursion that awaits -------------------------------------------------------- */

static int deepest;

/* A helper, not a coroutine of its own: its frames pile up on one stack. */
static BIDE_ASYNC int recurse(int depth, int limit)
{
    char block[128];
    memset(block, depth & 0x7f, sizeof block);
    if (depth > deepest)
        deepest = depth;
    if (depth >= limit)
        return 0;
    BIDE_TRY(bide_suspend(bide_int(depth), NULL));
    BIDE_TRY(recurse(depth + 1, limit));
    for (size_t i = 0; i < sizeof block; i++)
        if (block[i] != (depth & 0x7f))
            return bide_raise(BIDE_AssertionError, "frame %d was damaged", depth);
    return 0;
}

static BIDE_ASYNC int recurse_forever(bide_value arg, bide_value *result)
{
    return recurse(0, INT32_MAX);
}

static BIDE_ASYNC int recurse_a_little(bide_value arg, bide_value *result)
{
    return recurse(0, 20);
}

/* Drives it to its end: whether it raised RecursionError. */
static bool drive(bide_value coro)
{
    int status;
    while ((status = bide_send(coro, BIDE_NONE, NULL)) == BIDE_YIELDED)
        continue;
    return status < 0 && bide_catch(BIDE_RecursionError, NULL);
}

static void test_recursion_that_awaits_raises(void)
{
    bide_value victim = bide_coro(recurse_forever, BIDE_NONE);
    bide_value before = bide_coro(recurse_a_little, BIDE_NONE);
    bide_value after = bide_coro(recurse_a_little, BIDE_NONE);
    /* Neighbours in memory, midway: what runs over would run over them. */
    CHECK_INT(bide_send(before, BIDE_NONE, NULL), BIDE_YIELDED);
    CHECK_INT(bide_send(victim, BIDE_NONE, NULL), BIDE_YIELDED);
    CHECK_INT(bide_send(after, BIDE_NONE, NULL), BIDE_YIELDED);
    CHECK(drive(victim));
    CHECK(deepest > 20);
    CHECK_STR(bide_state_name(victim), "CORO_CLOSED");
    CHECK(!drive(before) && !bide_error_pending());
    CHECK(!drive(after) && !bide_error_pending());
    bide_drop(before);
    bide_drop(victim);
    bide_drop(after);
}

static void test_the_message_says_what_to_do(void)
{
    bide_value coro = bide_coro(recurse_forever, BIDE_NONE), error;
    int status;
    while ((status = bide_send(coro, BIDE_NONE, NULL)) == BIDE_YIELDED)
        continue;
    CHECK(bide_catch(BIDE_RecursionError, &error));
    const char *message = bide_error_message(error);
    CHECK(strstr(message, "'recurse_forever' has nearly used up its stack of") == message);
    CHECK(strstr(message, "bide_fiber_set_default_stack") != NULL);
    bide_drop(error);
    bide_drop(coro);
}

static void test_a_larger_stack_goes_deeper(void)
{
    deepest = 0;
    bide_value coro = bide_coro(recurse_forever, BIDE_NONE);
    CHECK(drive(coro));
    bide_drop(coro);
    int shallow = deepest;
    deepest = 0;
    bide_fiber_set_default_stack(bide_fiber_default_stack() * 4);
    coro = bide_coro(recurse_forever, BIDE_NONE);
    CHECK(drive(coro));
    bide_drop(coro);
    bide_fiber_set_default_stack(0);
    CHECK(deepest > shallow * 3);
}

/* Nothing but arguments: on WebAssembly such frames use no memory until they are rolled up. */
static BIDE_ASYNC int recurse_lightly(int depth)
{
    if (depth == 0)
        return bide_suspend(BIDE_NONE, NULL);
    int status = recurse_lightly(depth - 1);
    return status < 0 ? status : status + 1;
}

static BIDE_ASYNC int recurse_lightly_body(bide_value arg, bide_value *result)
{
    int depth = recurse_lightly((int)arg.as.i);
    return depth < 0 ? BIDE_RAISED : bide_return(result, depth);
}

static void test_many_light_frames(void)
{
    bide_fiber_set_default_stack(1 << 20);
    bide_value coro = bide_coro(recurse_lightly_body, bide_int(3000));
    CHECK_STEP("-> None", bide_send, coro, BIDE_NONE);
    CHECK_STEP("=> 3000", bide_send, coro, BIDE_NONE);
    bide_drop(coro);
    bide_fiber_set_default_stack(0);
}

/* Much that is live and never has its address taken: natively on the stack, on WebAssembly in
 * locals, which are rolled up. Either way there is an end to it, and an exception at the end. */
static volatile double one = 1;
static int heaviest;

static BIDE_ASYNC __attribute__((noinline)) int recurse_heavily(int depth)
{
    double live[24], sum = 0;
    for (int i = 0; i < 24; i++)
        live[i] = one * i;
    heaviest = depth;
    BIDE_TRY(bide_suspend(BIDE_NONE, NULL));
    int status = recurse_heavily(depth + 1);
    for (int i = 0; i < 24; i++)
        sum += live[i] * one;
    CHECK(sum == 276);
    return status;
}

static BIDE_ASYNC int recurse_heavily_body(bide_value arg, bide_value *result)
{
    return recurse_heavily(0);
}

static void test_heavy_frames(void)
{
    bide_value coro = bide_coro(recurse_heavily_body, BIDE_NONE);
    int status;
    while ((status = bide_send(coro, BIDE_NONE, NULL)) == BIDE_YIELDED)
        continue;
    CHECK(bide_catch(BIDE_RecursionError, NULL) || bide_catch(BIDE_MemoryError, NULL));
    CHECK(heaviest > 50);
    bide_drop(coro);
}

/* On its own, so that what leads to a suspension is not inlined into a thousand frames. */
static BIDE_ASYNC __attribute__((noinline)) int suspend_here(void)
{
    return bide_suspend(BIDE_NONE, NULL);
}

/* The same with one suspension, at the end: all is rolled up at once. */
static BIDE_ASYNC __attribute__((noinline)) int sink_heavily(int depth)
{
    double live[24], sum = 0;
    if (depth == 0)
        return suspend_here();
    for (int i = 0; i < 24; i++)
        live[i] = one * i;
    int status = sink_heavily(depth - 1);
    for (int i = 0; i < 24; i++)
        sum += live[i] * one;
    CHECK(sum == 276);
    return status;
}

static BIDE_ASYNC int sink_heavily_body(bide_value arg, bide_value *result)
{
    return sink_heavily((int)arg.as.i);
}

static void test_one_heavy_suspension(void)
{
    bide_fiber_set_default_stack(1 << 20);
    bide_value coro = bide_coro(sink_heavily_body, bide_int(1100));
    int status = bide_send(coro, BIDE_NONE, NULL);
    /* Compiled for size, the arrays stay in memory and are not among what is rolled up. */
#if defined(BIDE__FIBER_ASYNCIFY) && !defined(__OPTIMIZE_SIZE__)
    CHECK_INT(status, BIDE_RAISED);
    CHECK(bide_catch(BIDE_MemoryError, NULL));
#else
    CHECK_INT(status, BIDE_YIELDED);
#endif
    bide_drop(coro);
    bide_fiber_set_default_stack(0);
}

/* --- recursion that does not ------------------------------------------------------ */

#if defined(__wasm__)

static void test_the_guard_page(void)
{
    puts("natively only: WebAssembly has no guard pages");
}

static void test_frames_that_are_larger_than_the_guard(void)
{
}

#else

#include "child.h"

static volatile int never;

__attribute__((noinline)) static int eat(int depth)
{
    volatile char block[512];
    block[0] = (char)depth;
    return never ? 0 : eat(depth + 1) + block[0];
}

static int gobble(bide_value arg, bide_value *result)
{
    return bide_return(result, eat(0));
}

static void run_gobble(int64_t n)
{
    bide_send(bide_coro(gobble, bide_int(n)), BIDE_NONE, NULL);
}

#if !defined(BIDE__FIBER_SANITIZED)
/* One frame that is larger than the stack, and used at its far end alone. */
static int leap(bide_value arg, bide_value *result)
{
    char block[arg.as.i];
    __asm__ volatile("" : : "r"(block) : "memory");
    block[0] = 1;
    return bide_return(result, block[0]);
}

static void run_leap(int64_t n)
{
    bide_send(bide_coro(leap, bide_int(n)), BIDE_NONE, NULL);
}

#if !defined(_WIN32)
/* What functions of the C library do, which are compiled without looking at each page: glibc's
 * fprintf writes to a stream without a buffer from a frame of more than 8 KiB. On Windows all look
 * at each page. */
static int step_over(bide_value arg, bide_value *result)
{
    *(volatile char *)(bide_fiber_current()->stack - 9000) = 1;
    return 0;
}

static void run_step_over(int64_t n)
{
    bide_send(bide_coro(step_over, bide_int(n)), BIDE_NONE, NULL);
}
#endif
#endif

static void test_the_guard_page(void)
{
    if (getenv("BIDE_UNDER_VALGRIND")) {
        puts("not under valgrind, which reports the fault itself");
        return;
    }
    int status = child_status(run_gobble, 0);
#if defined(BIDE__FIBER_SANITIZED)
    CHECK(status != 0);
    CHECK(strstr(said, "stack-overflow") != NULL);
#else
    CHECK(child_overflowed(status));
    CHECK(strstr(said, "bide: stack overflow: 'gobble' used up its stack of 65536 bytes.") == said);
    CHECK(strstr(said, "bide_fiber_set_default_stack") != NULL);
#endif
}

/* Nor is it stepped over, onto the next stack. */
static void test_frames_that_are_larger_than_the_guard(void)
{
#if !defined(BIDE__FIBER_SANITIZED)
    static const int64_t sizes[] = {70000, 100000, 1000000};
    if (getenv("BIDE_UNDER_VALGRIND"))
        return;
    for (int i = 0; i < 3; i++) {
        CHECK(child_overflowed(child_status(run_leap, sizes[i])));
        CHECK(strstr(said, "' used up its stack of 65536 bytes.") != NULL);
    }
#if !defined(_WIN32)
    CHECK(child_overflowed(child_status(run_step_over, 0)));
    CHECK(strstr(said, "' used up its stack of 65536 bytes.") != NULL);
#endif
#endif
}

#endif

int main(void)
{
#if !defined(__wasm__)
    child_begin();
#endif
    RUN(test_recursion_that_awaits_raises);
    RUN(test_the_message_says_what_to_do);
    RUN(test_a_larger_stack_goes_deeper);
    RUN(test_many_light_frames);
    RUN(test_heavy_frames);
    RUN(test_one_heavy_suspension);
    RUN(test_the_guard_page);
    RUN(test_frames_that_are_larger_than_the_guard);
    return check_end();
}
