/* plain.c - C that never suspends, in a program that has coroutines: sorting with the C library,
 * parsing, hashing and printing, called outside of coroutines and inside one.
 *
 * The module is measured as users get it, and beside it as the linker left it, only optimised:
 * there nothing can suspend, and nothing does.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

#include "bench.h"

enum { NUMBERS = 3000, BYTES = 1 << 18, LINES = 3000 };

static volatile int never;
static int numbers[NUMBERS];
static char text[BYTES];

/* --- the work: each answers something that depends on all of it --------------------- */

static uint32_t random_state;

static uint32_t next_random(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

static int compare(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static long sort(void)
{
    random_state = 1;
    for (int i = 0; i < NUMBERS; i++)
        numbers[i] = (int)next_random();
    qsort(numbers, NUMBERS, sizeof *numbers, compare);
    return numbers[NUMBERS / 2];
}

/* A comparison that has something on the C stack, by a function that sees it there. */
__attribute__((noinline)) static void key_of(int number, int key[4])
{
    for (int i = 0; i < 4; i++)
        key[i] = number >> (24 - 8 * i) & 255;
}

static int compare_keys(const void *a, const void *b)
{
    int x[4], y[4];
    key_of(*(const int *)a, x);
    key_of(*(const int *)b, y);
    for (int i = 0; i < 4; i++)
        if (x[i] != y[i])
            return x[i] - y[i];
    return 0;
}

static long sort_keys(void)
{
    random_state = 1;
    for (int i = 0; i < NUMBERS; i++)
        numbers[i] = (int)next_random();
    qsort(numbers, NUMBERS, sizeof *numbers, compare_keys);
    return numbers[NUMBERS / 2];
}

/* expression = term { '+' term }; term = digits | '(' expression ')' */
struct place {
    const char *at;
    int depth;
};

static long parse_expression(struct place *place);

__attribute__((noinline)) static long parse_term(struct place *place)
{
    long value = 0;
    if (*place->at == '(') {
        struct place inner = {.at = place->at + 1, .depth = place->depth + 1};
        value = parse_expression(&inner) + inner.depth;
        place->at = inner.at + (*inner.at == ')');
        return value;
    }
    while (*place->at >= '0' && *place->at <= '9')
        value = value * 10 + (*place->at++ - '0');
    return value;
}

static long parse_expression(struct place *place)
{
    long value = parse_term(place);
    while (*place->at == '+') {
        place->at++;
        value += parse_term(place);
    }
    return value;
}

static long parse(void)
{
    if (!text[0]) {
        static const char pattern[] = "12+(3+(45+6)+7)+(((89+1)+2)+3)+";
        for (size_t i = 0; i < sizeof text - 1; i++)
            text[i] = pattern[i % (sizeof pattern - 1)];
    }
    struct place place = {.at = text};
    return parse_expression(&place);
}

static long hash(void)
{
    uint32_t sum = 2166136261u;
    for (size_t i = 0; i < sizeof text; i++)
        sum = (sum ^ (unsigned char)text[i]) * 16777619u;
    return (long)(sum >> 1);
}

static long print(void)
{
    char line[80];
    long sum = 0;
    for (int i = 0; i < LINES; i++)
        sum += snprintf(line, sizeof line, "%d %s %6.2f", i, "of them", i * 0.25);
    return sum;
}

/* --- where it is called from --------------------------------------------------------- */

typedef long work(void);

static double timed(work *volatile *does)
{
    static work *previous;
    static long answer;
    double start = bench_now();
    long now = (*does)();
    double time = bench_now() - start;
    bench_check(previous != *does || answer == now, "the same work gave another answer");
    previous = *does;
    answer = now;
    return time / 1000;
}

static work *volatile chosen;
static double took;

static BIDE_GENERATOR int body(bide_value arg, bide_value *result)
{
    if (never)
        BIDE_TRY(bide_yield(BIDE_NONE, NULL));
    took = timed(&chosen);
    return 0;
}

static double outside(work *does)
{
    chosen = does;
    return timed(&chosen);
}

static double inside(work *does)
{
    chosen = does;
    bide_value gen = bide_gen(body, BIDE_NONE);
    bench_check(bide_send(gen, BIDE_NONE, NULL) == 0, "the coroutine did not end");
    bide_drop(gen);
    return took;
}

#define WORK(does)                                                                                 \
    static double does##_outside(void)                                                             \
    {                                                                                              \
        return outside(does);                                                                      \
    }                                                                                              \
    static double does##_inside(void)                                                              \
    {                                                                                              \
        return inside(does);                                                                       \
    }

WORK(sort)
WORK(sort_keys)
WORK(parse)
WORK(hash)
WORK(print)

int main(int argc, char **argv)
{
    static const bench benches[] = {
        {"sort_outside", sort_outside},
        {"sort_inside", sort_inside},
        {"sort_keys_outside", sort_keys_outside},
        {"sort_keys_inside", sort_keys_inside},
        {"parse_outside", parse_outside},
        {"parse_inside", parse_inside},
        {"hash_outside", hash_outside},
        {"hash_inside", hash_inside},
        {"print_outside", print_outside},
        {"print_inside", print_inside},
        {NULL, NULL},
    };
    return bench_main(argc, argv, benches);
}
