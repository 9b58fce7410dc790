/* Functions of the shapes that decide what wasm/tighten.mjs does with them: how often and where one
 * is suspended, what of it is needed later and on which way, and what its frame consists of. Each
 * suspends by itself where the others of this folder call something that does.
 *
 * SPDX-License-Identifier: MIT */
#include "interleave.h"

#define APART __attribute__((noinline))

/* Suspends here, in the function that says so. */
#define HERE() (interleave__on ? (interleave__pauses++, bide_fiber_suspend()) : 0)

/* Numbers that no compiler knows, and that are not what is in a local that was not restored. */
static volatile int32_t hidden = 5;
#define word(v) ((int32_t)(v) + hidden)
#define wide(v) ((int64_t)(v) + hidden)

/* --- one call --------------------------------------------------------------------- */

APART static void nothing_kept(void)
{
    HERE();
}

APART static int32_t only_a_constant(void)
{
    nothing_kept();
    return 41;
}

APART static int64_t only_a_parameter(int32_t unused, int64_t kept)
{
    (void)unused;
    HERE();
    return wide(kept);
}

APART static int64_t only_the_result(int64_t v)
{
    return only_a_parameter(3, v) * 3;
}

/* It is again in the next iteration, and nowhere else. */
APART static int64_t only_an_argument(int64_t v, int32_t times)
{
    int64_t again = wide(v), sum = 0;
    while (times-- > 0)
        sum += only_a_parameter(0, again);
    return sum;
}

APART static int64_t in_one_branch(int64_t v, bool pauses)
{
    int64_t before = wide(v) * 3;
    if (pauses)
        HERE();
    return before - v;
}

static int64_t one_call(int64_t seed)
{
    int64_t sum = only_a_constant() + only_the_result(seed) * 100;
    sum += only_an_argument(seed, word(3)) + in_one_branch(seed, true) + in_one_branch(sum, false);
    return sum;
}

/* --- which call ------------------------------------------------------------------- */

/* It must go on behind the call that it was suspended in, and do nothing before it twice. */
APART static int32_t which_of_two(int32_t *done, int32_t v)
{
    *done += 1;
    if (v & 1)
        HERE();
    *done += 10;
    if (v & 2)
        HERE();
    *done += 100;
    return v;
}

APART static int64_t which_of_many(int32_t *done, int32_t v)
{
    int64_t sum = which_of_two(done, v) * 3;
    sum += which_of_two(done, v + 1) * 5;
    for (int32_t i = 0; i < 3; i++) {
        sum = sum * 3 + which_of_two(done, v + i);
        if (i == v % 3)
            HERE();
        *done += 1000;
    }
    return sum;
}

static int64_t which(int64_t seed)
{
    int32_t done = 0;
    int64_t sum = 0;
    for (int32_t v = 0; v < 6; v++)
        sum = sum * 7 + which_of_many(&done, v + (int32_t)seed);
    return sum + done;
}

/* --- kinds and sizes of frames ---------------------------------------------------- */

APART static double kinds(int32_t a, int64_t b, float c, double d, const char *e, int64_t f)
{
    float g = c * 1.5f;
    int64_t h = b ^ 0x123456789abcdef;
    double i = d * 0.5;
    uint16_t j = (uint16_t)(a * 77);
    HERE();
    double first = g + i + j;
    a += 3;
    HERE();
    return first + (double)(h % 1000) + c + d + e[0] + (double)(f % 1000) + a;
}

/* Frames of 64 and 68 bytes, which take a second byte to say. */
#define FIFTEEN(x) x(a) x(b) x(c) x(d) x(e) x(f) x(g) x(h) x(i) x(j) x(k) x(l) x(m) x(n) x(o)
#define SIXTEEN(x) FIFTEEN(x) x(p)
#define PARAMETER(name) uint32_t name,
#define FOLD(name) sum = sum * 31 + name;
#define FRAME(name, list)                                                                          \
    APART static uint32_t name(list(PARAMETER) uint32_t sum)                                       \
    {                                                                                              \
        HERE();                                                                                    \
        list(FOLD) return sum;                                                                     \
    }
FRAME(words_16, FIFTEEN)
FRAME(words_17, SIXTEEN)

APART static uint32_t deep(uint32_t depth, uint32_t v)
{
    if (depth == 0)
        return words_17(v, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, v);
    uint32_t before = v * 3 + depth, got = deep(depth - 1, before);
    return got * 5 + before;
}

static int64_t frames(int64_t seed)
{
    uint32_t s = (uint32_t)seed;
    double sum = kinds((int32_t)s, seed * 3, 2.5f, 4.25, "e", -seed);
    s = words_16(s, 1, 2, 3, 4, 5, 6, 7, 8, 9, s, 11, 12, 13, 14, 15);
    s = words_17(s, 1, 2, 3, 4, 5, 6, 7, 8, 9, s, 11, 12, 13, 14, 15, 16);
    return (int64_t)sum + s + deep(12, s);
}

/* --- when it is needed ------------------------------------------------------------ */

/* Set behind the call on one way, needed from before it on the other. */
APART static int64_t set_anew_or_not(int64_t v)
{
    int64_t a = wide(v), b = wide(v + 1), c = wide(v + 2);
    HERE();
    if (word((int32_t)v) & 1)
        a = wide(b);
    else
        b = wide(5);
    HERE();
    return a * 3 + b * 7 + c;
}

/* From one iteration to the next, and over one call of two. */
APART static int64_t around_a_loop(int64_t v)
{
    int64_t last = v, before_last = 1, sum = 0;
    for (int32_t i = word(0); i < 11; i++) {
        sum += last * i;
        HERE();
        int64_t next = last * 3 - before_last;
        if (i % 3 == 1)
            HERE();
        before_last = last;
        last = next ^ wide(i);
    }
    return sum * 11 + before_last;
}

APART static int32_t copies(int32_t v)
{
    int32_t a = word(v), b = a, c = word(a), d = b;
    for (int32_t i = 0; i < 5; i++) {
        if (c & 1)
            HERE();
        int32_t t = a;
        a = b;
        b = c + i;
        c = d;
        d = t;
        if (b & 2)
            HERE();
    }
    return a + b * 10 + c * 100 + d * 1000;
}

/* Each way of a table of branches needs something else. */
APART static int32_t ways(int32_t v, int32_t way)
{
    int32_t a = word(v), b = word(v + 1), c = word(v + 2), d = word(v + 3), e = word(v + 4);
    HERE();
    switch (word(way - 5)) {
    case 0:
        return a;
    case 1:
        a += b;
        /* fall through */
    case 2:
        return a * 3 + c;
    case 3:
        return d - 7;
    case 4:
        return v * 2;
    default:
        return e;
    }
}

static bool count_down(int32_t *n)
{
    HERE();
    return --*n > 0;
}

/* What decides is itself suspended, and so is what leaves the loops. */
APART static int64_t conditions(int64_t v)
{
    int32_t left = (int32_t)(v & 7) + 2, rounds = 0;
    int64_t sum = v;
again:
    while (count_down(&left) && (only_the_result(sum) & 1 || count_down(&left))) {
        int64_t kept = sum;
        do {
            sum = sum * 3 + (count_down(&left) ? only_a_parameter(1, kept) : kept >> 1);
            if (sum % 5 == 0)
                goto next;
        } while (left > 3 && in_one_branch(sum, left & 1) > 0);
        if (left == 1)
            return sum + rounds;
    }
next:
    sum += rounds;
    if (++rounds < 4) {
        left += 3;
        goto again;
    }
    return sum;
}

static int64_t needs(int64_t seed)
{
    int32_t v = (int32_t)seed;
    int64_t sum = set_anew_or_not(seed) + around_a_loop(seed) * 3 + conditions(seed) % 1000003;
    for (int32_t way = 0; way < 7; way++)
        sum = sum * 3 + ways(v, way);
    return sum + copies(v);
}

/* --- calls by pointers ------------------------------------------------------------ */

typedef struct pair {
    int32_t a;
    double b;
} pair;
typedef int64_t by_values(int32_t, int64_t, float, double, int32_t, pair, const int32_t *, int64_t,
                          int32_t, int32_t, int32_t, int64_t);

APART static int64_t early(int32_t a, int64_t b, float c, double d, int32_t e, pair f,
                           const int32_t *g, int64_t h, int32_t i, int32_t j, int32_t k, int64_t l)
{
    HERE();
    return a + b * 2 + (int64_t)(c * 4) + (int64_t)d + e + f.a + (int64_t)f.b + *g + h + i + j + k -
           l;
}

APART static int64_t late(int32_t a, int64_t b, float c, double d, int32_t e, pair f,
                          const int32_t *g, int64_t h, int32_t i, int32_t j, int32_t k, int64_t l)
{
    int64_t half = a + b * 3 + (int64_t)(c * 8) + e - f.a + i * j;
    f.b += d;
    HERE();
    return half + (int64_t)f.b * 3 + *g - h + k * l;
}

static by_values *const both[] = {early, late};

APART static int64_t by_pointer(by_values *called, int32_t v, pair f)
{
    int32_t local[3] = {v, v * 2, v * 3};
    int64_t got = called(v, v * 2, 1.25f, 2.5, 3, f, &local[v & 1], 4, 5, v, 7, v);
    local[2] += (int32_t)got;
    got += called(1, got, 0.5f, f.b, v, f, local + 2, v, 2, 3, 4, got) % 10007;
    return got + both[got & 1](v, v, 0, 0, 0, f, local, 0, local[1], 0, 0, 0);
}

APART static int64_t by_index(int32_t v)
{
    pair f = {v, v * 0.5};
    int64_t sum = 0;
    for (int32_t i = 0; i < 4; i++)
        sum += both[word(v + i) & 1](i, v, 1, 2, 3, f, &v, 5, 6, 7, 8, 9) * (i + 1);
    return sum;
}

static int order(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    if ((x ^ y) & 1)
        HERE();
    return (x > y) - (x < y);
}

APART static void sort(int32_t *v, int32_t n, int (*by)(const void *, const void *))
{
    for (int32_t i = 1; i < n; i++)
        for (int32_t j = i; j > 0 && by(&v[j - 1], &v[j]) > 0; j--) {
            int32_t t = v[j];
            v[j] = v[j - 1];
            v[j - 1] = t;
        }
}

static int64_t pointers(int64_t seed)
{
    int32_t s = (int32_t)seed, n = s % 5 + 6, v[n];
    for (int32_t i = 0; i < n; i++)
        v[i] = (i * 37 + s) % 23;
    sort(v, n, order);
    int64_t sum = by_index(s) + by_pointer(both[s & 1], s, (pair){s, 2.5});
    for (int32_t i = 0; i < n; i++)
        sum = sum * 3 + v[i];
    return sum;
}

/* --- fibers inside ---------------------------------------------------------------- */

struct inner {
    int32_t from;
    int64_t sum;
};

static void inner_entry(void *arg)
{
    struct inner *it = arg;
    for (int32_t i = 0; i < 4; i++)
        it->sum = it->sum * 3 + which_of_two(&it->from, it->from + i);
}

/* A fiber that is resumed at two depths of its resumer, of which one is suspended meanwhile. */
APART static bool resumed(bide_fiber *fiber, int32_t pauses)
{
    bool more = bide_fiber_resume(fiber) == BIDE_FIBER_SUSPENDED;
    if (pauses & 1)
        HERE();
    return more;
}

/* What a suspend answers, which is refused outside of fibers. */
APART static int32_t answers(int32_t times)
{
    int32_t sum = 0, answer = word(times);
    for (; times > 0; times--) {
        sum = sum * 10 + answer;
        answer = bide_fiber_suspend();
    }
    return sum + answer;
}

static int64_t fibers(int64_t seed)
{
    struct inner it = {(int32_t)seed, 1}, left = it;
    bide_fiber *fiber = bide_fiber_new(inner_entry, &it, 0, "inner");
    bide_fiber *lost = bide_fiber_new(inner_entry, &left, 0, "lost");
    int64_t kept = wide(seed);
    resumed(lost, 1);
    for (int32_t i = 0; resumed(fiber, i); i++)
        if (bide_fiber_resume(fiber) != BIDE_FIBER_SUSPENDED)
            break;
    bide_fiber_free(lost); /* suspended, or not */
    bide_fiber_free(fiber);
    return it.sum + it.from + kept + answers(0);
}

static void test_shapes(void)
{
    INTERLEAVE(one_call);
    INTERLEAVE(which);
    INTERLEAVE(frames);
    INTERLEAVE(needs);
    INTERLEAVE(pointers);
    INTERLEAVE(fibers);
    /* JavaScript runs main on a fiber. */
    CHECK_INT(answers(3), 800 + (bide_fiber_current() ? 0 : 12 * BIDE_FIBER_EOUTSIDE));
}

int main(void)
{
    RUN(test_shapes);
    return check_end();
}
