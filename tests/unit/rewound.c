/* What a function holds when it is suspended, in every place of an expression: arguments, results,
 * locals of every type, memory whose size is known at run time, and the way it took.
 *
 * SPDX-License-Identifier: MIT */
#include "interleave.h"

/* --- arguments and results -------------------------------------------------------- */

struct small {
    int64_t a;
    double b;
};

struct large {
    int64_t numbers[12];
    char letter;
};

static double with_doubles(double a, float b, int8_t c, uint16_t d, bool e)
{
    float product = b * 2.5f;
    paused(0);
    return a + (double)product + c + d + e;
}

static struct small give_small(struct small given, int64_t by)
{
    given.a += paused(by);
    return (struct small){given.a * 2, given.b * (double)by};
}

static struct large give_large(struct large given, struct small by)
{
    for (int i = 0; i < 12; i++)
        given.numbers[i] += paused(i) * by.a;
    given.letter++;
    return given;
}

static int64_t take_many(int64_t a, double b, int c, const char *d, int64_t e, float f, int64_t g,
                         char h, int64_t i, struct small j, int64_t k, double l)
{
    int64_t sum = a + (int64_t)b + c + d[0];
    sum += paused(e) + (int64_t)f + g + h;
    return sum * 7 + i + paused(j.a) + (int64_t)j.b + k + (int64_t)l;
}

static int64_t arguments(int64_t seed)
{
    double sum = with_doubles((double)seed, 0.5f, -3, 65535, seed % 2 == 0);
    struct small pair = give_small((struct small){seed, 1.5}, 4);
    struct large block = {{seed, 2, 3}, 'a'};
    block = give_large(give_large(block, pair), (struct small){3, 0});
    int64_t many = take_many(seed, 2.5, 3, "four", 5, 6.5f, 7, 8, 9, pair, 11, 12.5);
    CHECK_INT(block.letter, 'c');
    return (int64_t)(sum * 8) + pair.a + (int64_t)pair.b + block.numbers[0] + block.numbers[11] +
           many;
}

/* --- locals ----------------------------------------------------------------------- */

static void change(int64_t *at)
{
    *at += paused(1);
}

/* Some in registers, some where their address is known, and an array of any size. */
static int64_t locals(int64_t seed)
{
    int64_t known = seed, size = seed % 13 + 3;
    char text[size * 4];
    int64_t numbers[size];
    register double real = (double)seed / 2;
    for (int64_t i = 0; i < size; i++) {
        numbers[i] = i * seed;
        change(&numbers[i]);
        change(&known);
        real += 0.25;
    }
    memset(text, 'x', (size_t)size * 4);
    paused(0);
    for (int64_t i = 0; i < size; i++)
        known += numbers[i] + text[i * 4];
    return known + (int64_t)(real * 4);
}

static int64_t *whole_life(int64_t depth, int64_t *outer)
{
    int64_t own = *outer + depth;
    if (depth > 0)
        *whole_life(depth - 1, &own) += paused(depth);
    *outer += own % 1009;
    return outer;
}

static int64_t pointers_to_locals(int64_t seed)
{
    int64_t value = seed;
    whole_life(12, &value);
    return value;
}

/* --- the way ---------------------------------------------------------------------- */

static int64_t expressions(int64_t seed)
{
    int64_t a[4] = {seed, 2, 3, 4}, i = 0;
    a[paused(1)] += paused(10) * (paused(2) + seed) - paused(a[2]);
    i++;
    a[i] = a[paused(i) + 1] > 3 ? paused(5) : paused(6);
    a[2] ^= (paused(seed) > 5 && paused(1)) || paused(a[1]) == 3;
    a[3] <<= (paused(1), paused(2));
    int64_t sum = paused(a[0]) + paused(a[1]) * 10 + paused(a[2]) * 100 + paused(a[3]) * 1000;
    return sum + i;
}

static int64_t loops(int64_t seed)
{
    int64_t sum = 0;
    for (int64_t i = paused(seed); paused(i) < seed + 9; i += paused(2)) {
        if (paused(i) % 3 == 0)
            continue;
        do {
            sum = sum * 5 % 99991 + i;
            if (paused(sum) % 11 == 0)
                goto out;
        } while (paused(sum) % 4 != 1);
        while (paused(sum) % 2 == 0)
            sum += paused(3);
    }
out:
    return sum;
}

static int64_t branches(int64_t seed)
{
    int64_t state = paused(seed) % 6, sum = 0;
    for (int i = 0; i < 20; i++)
        switch (paused(state)) {
        case 0:
            state = 3;
            sum += paused(1);
            break;
        case 1:
            sum += 10;
            /* fall through */
        case 2:
            state = paused(5);
            break;
        case 3:
            state = paused(i) % 2 ? 1 : 4;
            break;
        case 4:
            sum ^= paused(sum) + 7;
            state = 2;
            break;
        default:
            state = paused(sum) % 5;
        }
    return sum;
}

/* Live across the pause: more than any processor has registers for. */
static int64_t crowds(int64_t seed)
{
    int64_t a = seed, b = a * 3 + 1, c = b * 3 + 1, d = c * 3 + 1, e = d ^ a, f = e * 3 + 1;
    int64_t g = f ^ b, h = g * 3 + 1, i = h ^ c, j = i * 3 + 1, k = j ^ d, l = k * 3 + 1;
    double m = (double)seed, n = m * 1.5, o = n * 1.5, p = o * 1.5, q = p * 1.5, r = q * 1.5;
    float s = 1.5f, t = s * 1.25f, u = t * 1.25f;
    int64_t before = paused(a + b + c + d + e + f);
    m += (double)paused(1);
    return (before ^ a ^ b ^ c ^ d ^ e ^ f ^ g ^ h ^ i ^ j ^ k ^ l) % 1000003 +
           (int64_t)(m + n + o + p + q + r) + (int64_t)(s * t * u * 100);
}

static void test_arguments_and_results(void)
{
    INTERLEAVE(arguments);
}

static void test_locals(void)
{
    INTERLEAVE(locals);
    INTERLEAVE(pointers_to_locals);
    INTERLEAVE(crowds);
}

static void test_the_way(void)
{
    INTERLEAVE(expressions);
    INTERLEAVE(loops);
    INTERLEAVE(branches);
}

int main(void)
{
    RUN(test_arguments_and_results);
    RUN(test_locals);
    RUN(test_the_way);
    return check_end();
}
