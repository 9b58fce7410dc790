/* hazards.c - what compilers have been seen to break around an inlined switch, in one program that
 * tests/hazards.test.mjs compiles with many sets of flags. The fiber layer alone; no library.
 *
 *     hazards             runs all of it: status 0, or the line that failed on stderr
 *     hazards backtrace   backtrace() inside a fiber ends at its first frame
 *     hazards stop        calls a function named stop_here four frames deep in a fiber, for gdb
 *
 * SPDX-License-Identifier: MIT */
#include <bide/fiber.h>

#include <fenv.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GLIBC__) && !defined(NO_BACKTRACE)
#include <execinfo.h>
#endif

#define EXPECT(condition) ((condition) ? (void)0 : fail(__LINE__, #condition))

static void fail(int line, const char *what)
{
    fprintf(stderr, "hazards.c:%d: not so: %s\n", line, what);
    exit(1);
}

/* Not seen through by the optimizer. */
static volatile int opaque = 1;

static bide_fiber *make(bide_fiber_entry *entry, void *arg)
{
    bide_fiber *fiber = bide_fiber_new(entry, arg, 0, "hazard");
    EXPECT(fiber != NULL);
    return fiber;
}

/* --- statics: GCC's ipa-reference ------------------------------------------------- */

static int counter, phase;

static void count(void *arg)
{
    for (;;) {
        counter++;
        bide_fiber_suspend();
    }
}

/* A static function of nothing but inline assembly, which GCC takes for one that changes no static
 * variable whose address is never taken. */
__attribute__((noinline)) static void step(bide_fiber *fiber)
{
    bide_fiber_resume(fiber);
}

static void watch_phase(void *arg)
{
    phase = 1;
    bide_fiber_suspend();
    *(int *)arg = phase;
}

static void statics(void)
{
    int seen = 0;
    bide_fiber *a = make(count, NULL), *b = make(watch_phase, &seen);
    int before = counter;
    step(a);
    EXPECT(counter == before + 1);
    before = counter;
    bide_fiber_resume(a);
    EXPECT(counter == before + 1);
    step(b);
    phase = 7;
    step(b);
    EXPECT(seen == 7);
    bide_fiber_free(a);
    bide_fiber_free(b);
}

/* --- what is live: the red zone, frames, vectors, canaries ------------------------ */

/* Writes over all of the other stack that its frames do not own. */
__attribute__((noinline)) static int scribble(int depth)
{
    volatile char block[200];
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (char)depth;
    return depth ? scribble(depth - 1) + block[depth] : block[0];
}

static void scribble_forever(void *arg)
{
    for (;;) {
        scribble(20);
        bide_fiber_suspend();
    }
}

/* A leaf, as far as the compiler sees, so that what it spills may lie below sp. */
__attribute__((noinline)) static long keep_in_the_red_zone(bide_fiber *other, long x)
{
    long a = x * 3, b = x * 5, c = x * 7, d = x * 11, e = x * 13, f = x * 17, g = x * 19,
         h = x * 23;
    bide_fiber_resume(other);
    return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8;
}

typedef float vector __attribute__((vector_size(VECTOR)));

__attribute__((noinline)) static void keep_vectors(bide_fiber *other, float x)
{
    vector v[12];
    for (int i = 0; i < 12; i++)
        for (size_t k = 0; k < VECTOR / sizeof(float); k++)
            v[i][k] = x * (float)(i * 100) + (float)k;
    vector a = v[0], b = v[1], c = v[2], d = v[3], e = v[4], f = v[5], g = v[6], h = v[7];
    if (other)
        bide_fiber_resume(other);
    else
        bide_fiber_suspend();
    a += v[8], b += v[9], c += v[10], d += v[11], e += v[8], f += v[9], g += v[10], h += v[11];
    vector sum = a + b + c + d + e + f + g + h;
    for (size_t k = 0; k < VECTOR / sizeof(float); k++)
        EXPECT(sum[k] == x * 10400 + 16 * (float)k);
}

static void keep_other_vectors(void *arg)
{
    keep_vectors(NULL, 3);
    keep_vectors(NULL, 5);
}

/* A base pointer: a frame whose size is not known, with locals aligned beyond the stack's own. */
__attribute__((noinline)) static void keep_odd_frame(bide_fiber *other, int size)
{
    char bytes[size];
    _Alignas(64) long numbers[8];
    memset(bytes, size, (size_t)size);
    for (int i = 0; i < 8; i++)
        numbers[i] = i * size;
    __asm__ volatile("" : : "r"(bytes), "r"(numbers) : "memory");
    if (other)
        bide_fiber_resume(other);
    else
        bide_fiber_suspend();
    EXPECT((uintptr_t)numbers % 64 == 0);
    for (int i = 0; i < 8; i++)
        EXPECT(numbers[i] == i * size);
    for (int i = 0; i < size; i++)
        EXPECT(bytes[i] == size);
}

static void keep_another_odd_frame(void *arg)
{
    keep_odd_frame(NULL, 99 * opaque);
}

static void live_values(void)
{
    bide_fiber *scribbler = make(scribble_forever, NULL);
    EXPECT(keep_in_the_red_zone(scribbler, opaque) == 562);
    keep_vectors(scribbler, (float)opaque);
    keep_odd_frame(scribbler, 77 * opaque);
    bide_fiber *vectors = make(keep_other_vectors, NULL);
    keep_vectors(vectors, 2);
    keep_vectors(vectors, 4);
    EXPECT(bide_fiber_resume(vectors) == BIDE_FIBER_DONE);
    bide_fiber *odd = make(keep_another_odd_frame, NULL);
    keep_odd_frame(odd, 55 * opaque);
    EXPECT(bide_fiber_resume(odd) == BIDE_FIBER_DONE);
    bide_fiber_free(scribbler);
    bide_fiber_free(vectors);
    bide_fiber_free(odd);
}

/* --- control words: they belong to the thread -------------------------------------- */

static void round_upward(void *arg)
{
    fesetround(FE_UPWARD);
    bide_fiber_suspend();
    EXPECT(fegetround() == FE_TOWARDZERO);
}

static void control_words(void)
{
    bide_fiber *fiber = make(round_upward, NULL);
    bide_fiber_resume(fiber);
    volatile double one = 1, three = 3;
    EXPECT(fegetround() == FE_UPWARD);
    EXPECT(one / three > 0.3333333333333333);
    fesetround(FE_TOWARDZERO);
    EXPECT(bide_fiber_resume(fiber) == BIDE_FIBER_DONE);
    fesetround(FE_TONEAREST);
    bide_fiber_free(fiber);
}

/* --- jumps inside one fiber --------------------------------------------------------- */

static void jump(void *arg)
{
    static jmp_buf target;
    volatile int times = 0;
    if (setjmp(target) < 3) {
        bide_fiber_suspend();
        times++;
        longjmp(target, times);
    }
    *(int *)arg = times;
}

static void jumps(void)
{
    int times = 0;
    bide_fiber *fiber = make(jump, &times);
    while (bide_fiber_resume(fiber) == BIDE_FIBER_SUSPENDED)
        scribble(5);
    EXPECT(times == 3);
    bide_fiber_free(fiber);
}

/* --- unwinding ------------------------------------------------------------------------ */

__attribute__((noinline)) void stop_here(void)
{
#if defined(__GLIBC__) && !defined(NO_BACKTRACE)
    extern void bide__fiber_start(void);
    char *start = (char *)(void *)bide__fiber_start;
    void *frames[64];
    int n = backtrace(frames, 64);
    EXPECT(n >= 4 && n < 16);
    EXPECT((char *)frames[n - 1] > start);
    EXPECT((char *)frames[n - 1] < start + 64);
#endif
}

__attribute__((noinline)) static int descend(int depth)
{
    if (depth == 0)
        stop_here();
    else
        descend(depth - 1);
    return opaque;
}

static void unwind(void *arg)
{
    descend(3);
    bide_fiber_suspend();
    descend(3);
}

static void unwinding(void)
{
    bide_fiber *fiber = make(unwind, NULL);
    bide_fiber_resume(fiber);
    bide_fiber_resume(fiber);
    bide_fiber_free(fiber);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        statics();
        live_values();
        control_words();
        jumps();
    } else {
        unwinding();
    }
    puts("well");
    return 0;
}
