/* What must survive a switch of stacks: registers, floating point, vectors, locals whose address is
 * known elsewhere, deep frames, foreign frames; and what the optimizer must not assume about one.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

/* Not seen through by the optimizer. */
static volatile int opaque = 1;
#define OPAQUE(x) ((x) * opaque)

/* --- registers -----------------------------------------------------------------------------------
 */

/* More integers than there are registers that a call preserves, all live over a switch. */
#define TWELVE(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
#define DECLARE(i) int v##i = OPAQUE(base + i);
#define VERIFY(i) CHECK_INT(v##i, base + i + rounds * (i + 1));
#define ADVANCE(i) v##i += i + 1;

static void keep_integers(void *arg)
{
    int base = *(int *)arg, rounds = 0;
    TWELVE(DECLARE)
    for (; rounds < 5;) {
        CHECK_INT(bide_fiber_suspend(), 0);
        rounds++;
        TWELVE(ADVANCE)
    }
    TWELVE(VERIFY)
}

static void test_integers_on_both_sides(void)
{
    int bases[] = {1000, 2000}, base = 3000, rounds = 0;
    bide_fiber *a = bide_fiber_new(keep_integers, &bases[0], 0, NULL);
    bide_fiber *b = bide_fiber_new(keep_integers, &bases[1], 0, NULL);
    TWELVE(DECLARE)
    for (; rounds < 6; rounds++) {
        bide_fiber_resume(a);
        TWELVE(ADVANCE)
        bide_fiber_resume(b);
    }
    TWELVE(VERIFY)
    CHECK_INT(bide_fiber_state_of(a), BIDE_FIBER_DONE);
    CHECK_INT(bide_fiber_state_of(b), BIDE_FIBER_DONE);
    bide_fiber_free(a);
    bide_fiber_free(b);
}

typedef float quad __attribute__((vector_size(16)));

/* A sum of many terms that are all live while others compute. */
static void keep_numbers(void *arg)
{
    double scale = *(double *)arg;
    double a = scale * opaque, b = a / 3, c = a / 7, d = a / 11, e = a / 13, f = a / 17;
    quad q = {(float)a, (float)b, (float)c, (float)d};
    long double wide = (long double)a / 19;
    for (int i = 0; i < 5; i++) {
        bide_fiber_suspend();
        a += 1, b += 1, c += 1, d += 1, e += 1, f += 1;
        q += (quad){1, 2, 3, 4};
        wide += 1;
    }
    CHECK(a == scale + 5 && b == scale / 3 + 5 && c == scale / 7 + 5);
    CHECK(d == scale / 11 + 5 && e == scale / 13 + 5 && f == scale / 17 + 5);
    CHECK(q[0] == (float)scale + 5 && q[1] > (float)(scale / 3) + 9.99F);
    CHECK(q[2] > (float)(scale / 7) + 14.99F && q[3] > (float)(scale / 11) + 19.99F);
    CHECK(wide > 5 && wide < 6 + (long double)scale);
}

static void test_floating_point_and_vectors(void)
{
    double scales[] = {1.5, 40, 700};
    bide_fiber *fibers[3];
    for (int i = 0; i < 3; i++)
        fibers[i] = bide_fiber_new(keep_numbers, &scales[i], 0, NULL);
    double sum = opaque * 0.25, product = opaque * 1.5;
    for (int round = 0; round < 6; round++)
        for (int i = 0; i < 3; i++) {
            bide_fiber_resume(fibers[i]);
            sum += 0.25;
            product *= 2;
        }
    CHECK(sum == 4.75);
    CHECK(product == 1.5 * (1 << 18));
    for (int i = 0; i < 3; i++) {
        CHECK_INT(bide_fiber_state_of(fibers[i]), BIDE_FIBER_DONE);
        bide_fiber_free(fibers[i]);
    }
}

/* --- the first frame -------------------------------------------------------------- */

static volatile uintptr_t aligned_at;
static char formatted[32];

static void look_at_alignment(void *arg)
{
    _Alignas(16) char block[16] = {0};
    char *volatile address = block; /* what the compiler assumes is not what we ask */
    aligned_at = (uintptr_t)address;
    snprintf(formatted, sizeof formatted, "%.3f", *(double *)arg); /* saves vector registers */
}

static void test_first_frames_are_aligned(void)
{
    enum { SOME = 70 }; /* more than there are different offsets of stack tops */
    bide_fiber *fibers[SOME];
    double number = 2.5;
    for (int i = 0; i < SOME; i++) {
        fibers[i] = bide_fiber_new(look_at_alignment, &number, 0, NULL);
        CHECK_INT(bide_fiber_resume(fibers[i]), BIDE_FIBER_DONE);
        CHECK_INT(aligned_at % 16, 0);
        CHECK_STR(formatted, "2.500");
    }
    for (int i = 0; i < SOME; i++)
        bide_fiber_free(fibers[i]);
}

/* --- locals, deep frames, foreign frames ------------------------------------------ */

static int *published;

static void publish_a_local(void *arg)
{
    int local = 1;
    published = &local;
    bide_fiber_suspend();
    CHECK_INT(local, 2); /* written by the resumer */
    local = 3;
    bide_fiber_suspend();
    CHECK_INT(local, 4);
}

static void test_locals_keep_their_address(void)
{
    bide_fiber *fiber = bide_fiber_new(publish_a_local, NULL, 0, NULL);
    bide_fiber_resume(fiber);
    CHECK_INT(*published, 1);
    *published = 2;
    bide_fiber_resume(fiber);
    CHECK_INT(*published, 3);
    *published = 4;
    CHECK_INT(bide_fiber_resume(fiber), BIDE_FIBER_DONE);
    bide_fiber_free(fiber);
}

/* Frames that are addressed through a base pointer: their size is not known, and what they hold is
 * aligned to more than the stack is. */
__attribute__((noinline)) static void keep_odd_frame(bide_fiber *other, int size)
{
    char bytes[size * opaque];
    _Alignas(64) double numbers[16];
    memset(bytes, size, (size_t)size);
    for (int i = 0; i < 16; i++)
        numbers[i] = i * size;
    for (int round = 0; round < 3; round++) {
        __asm__ volatile("" : : "r"(bytes), "r"(numbers) : "memory");
        if (other)
            bide_fiber_resume(other);
        else
            bide_fiber_suspend();
        numbers[round] += 1;
    }
    CHECK_INT((uintptr_t)numbers % 64, 0);
    double sum = 0;
    for (int i = 0; i < 16; i++)
        sum += numbers[i];
    CHECK(sum == 120 * size + 3);
    for (int i = 0; i < size; i++)
        CHECK_INT(bytes[i], size);
}

static void keep_odd_frames(void *arg)
{
    keep_odd_frame(NULL, *(int *)arg);
}

static void test_frames_with_a_base_pointer(void)
{
    int size = 77;
    bide_fiber *fiber = bide_fiber_new(keep_odd_frames, &size, 0, NULL);
    keep_odd_frame(fiber, 111);
    CHECK_INT(bide_fiber_resume(fiber), BIDE_FIBER_DONE);
    bide_fiber_free(fiber);
}

enum { DEPTH = 1000, DEEP_STACK = 1 << 20 };
static int at_the_bottom;

/* Suspends at the bottom, on the way up, and checks that every frame is as it was left. */
__attribute__((noinline)) static int descend(int depth, int *above)
{
    int here = depth * 3, *volatile mine = &here;
    int sum = 0;
    if (depth == DEPTH) {
        at_the_bottom++;
        bide_fiber_suspend();
    } else {
        sum = descend(depth + 1, &here);
        if (depth % 250 == 0)
            bide_fiber_suspend();
    }
    CHECK_INT(*mine, depth * 3);
    CHECK_INT(*above, (depth - 1) * 3);
    return sum + 1;
}

static void run_deep(void *arg)
{
    int top = -3;
    *(int *)arg = descend(0, &top);
}

static void test_deep_stacks(void)
{
    int sum = 0, resumes = 1;
    bide_fiber *fiber = bide_fiber_new(run_deep, &sum, DEEP_STACK, "deep");
    while (bide_fiber_resume(fiber) == BIDE_FIBER_SUSPENDED)
        resumes++;
    CHECK_INT(sum, DEPTH + 1);
    CHECK_INT(resumes, 6);
    CHECK_INT(at_the_bottom, 1);
    bide_fiber_free(fiber);
}

static int comparisons;

static int compare_slowly(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    comparisons++;
    bide_fiber_suspend(); /* out of the C library's own frames */
    return (x > y) - (x < y);
}

static void sort(void *arg)
{
    qsort(arg, 20, sizeof(int), compare_slowly);
}

static void test_suspending_out_of_qsort(void)
{
    int a[20], b[20], switches = 0;
    for (int i = 0; i < 20; i++) {
        a[i] = i * 7 % 20;
        b[i] = i * 11 % 20;
    }
    bide_fiber *first = bide_fiber_new(sort, a, 0, "sort");
    bide_fiber *second = bide_fiber_new(sort, b, 0, "sort");
    int more = 2;
    while (more) {
        more = bide_fiber_state_of(first) == BIDE_FIBER_SUSPENDED && bide_fiber_resume(first) > 0;
        more +=
            bide_fiber_state_of(second) == BIDE_FIBER_SUSPENDED && bide_fiber_resume(second) > 0;
        switches += more;
    }
    CHECK_INT(switches, comparisons);
    for (int i = 0; i < 20; i++) {
        CHECK_INT(a[i], i);
        CHECK_INT(b[i], i);
    }
    bide_fiber_free(first);
    bide_fiber_free(second);
}

/* --- the optimizer ---------------------------------------------------------------- */

/* GCC's ipa-reference takes a static function of nothing but inline assembly for one that cannot
 * change a static variable whose address is never taken. `step` looks like one. */
static int counter;

static void count(void *arg)
{
    for (;;) {
        counter++;
        bide_fiber_suspend();
    }
}

static void step(bide_fiber *fiber)
{
    bide_fiber_resume(fiber);
}

static void test_statics_change_over_a_resume(void)
{
    bide_fiber *fiber = bide_fiber_new(count, NULL, 0, NULL);
    int before = counter;
    step(fiber);
    int after = counter;
    step(fiber);
    CHECK_INT(after, before + 1);
    CHECK_INT(counter, before + 2);
    bide_fiber_free(fiber);
}

static int phase; /* the same from the other side */

static void watch_phase(void *arg)
{
    phase = 1;
    bide_fiber_suspend();
    *(int *)arg = phase;
}

static void test_statics_change_over_a_suspend(void)
{
    int seen = 0;
    bide_fiber *fiber = bide_fiber_new(watch_phase, &seen, 0, NULL);
    step(fiber);
    phase = 7;
    step(fiber);
    CHECK_INT(seen, 7);
    bide_fiber_free(fiber);
}

/* One call site that is left and entered by different fibers in turn. */
static void test_one_site_serves_many(void)
{
    int bases[8];
    bide_fiber *fibers[8];
    for (int i = 0; i < 8; i++) {
        bases[i] = i * 10000;
        fibers[i] = bide_fiber_new(keep_integers, &bases[i], 0, NULL);
    }
    for (int k = 0; k < 6 * 8; k++)
        bide_fiber_resume(fibers[k * 3 % 8]);
    for (int i = 0; i < 8; i++) {
        CHECK_INT(bide_fiber_state_of(fibers[i]), BIDE_FIBER_DONE);
        bide_fiber_free(fibers[i]);
    }
}

int main(void)
{
    RUN(test_integers_on_both_sides);
    RUN(test_floating_point_and_vectors);
    RUN(test_first_frames_are_aligned);
    RUN(test_locals_keep_their_address);
    RUN(test_frames_with_a_base_pointer);
    RUN(test_deep_stacks);
    RUN(test_suspending_out_of_qsort);
    RUN(test_statics_change_over_a_resume);
    RUN(test_statics_change_over_a_suspend);
    RUN(test_one_site_serves_many);
    return check_end();
}
