/* Every way to call a function that suspends without naming it. On WebAssembly what can suspend is
 * computed from the linked program (wasm/suspending.mjs): these would show a call that it missed.
 *
 * SPDX-License-Identifier: MIT */
#include "interleave.h"

#include <stdarg.h>

/* --- the C library's callbacks ---------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (int)paused((x > y) - (x < y));
}

static void fill(int *numbers, int count, int64_t seed)
{
    for (int i = 0; i < count; i++)
        numbers[i] = (int)((i * 37 + seed * 11) % 101);
}

static int64_t digest(const int *numbers, int count)
{
    int64_t sum = 0;
    for (int i = 0; i < count; i++)
        sum = sum * 31 % 1000003 + numbers[i];
    return sum;
}

static int64_t sorting(int64_t seed)
{
    int numbers[24];
    fill(numbers, 24, seed);
    qsort(numbers, 24, sizeof(int), compare);
    for (int i = 1; i < 24; i++)
        CHECK(numbers[i - 1] <= numbers[i]);
    return digest(numbers, 24);
}

static int64_t searching(int64_t seed)
{
    int numbers[40], found = 0;
    for (int i = 0; i < 40; i++)
        numbers[i] = i * 3;
    for (int i = 0; i < 20; i++) {
        int key = (int)((i * 5 + seed) % 120);
        const int *at = bsearch(&key, numbers, 40, sizeof(int), compare);
        CHECK((at != NULL) == (key % 3 == 0));
        found = found * 2 % 100003 + (at ? (int)(at - numbers) : 1);
    }
    return found;
}

/* A comparison that sorts, with the same function of the library below and above. */
static int compare_digests(const void *a, const void *b)
{
    int x[6], y[6];
    fill(x, 6, *(const int *)a);
    fill(y, 6, *(const int *)b);
    qsort(x, 6, sizeof(int), compare);
    qsort(y, 6, sizeof(int), compare);
    int64_t of_x = digest(x, 6), of_y = digest(y, 6);
    return (of_x > of_y) - (of_x < of_y);
}

static int64_t sorting_in_a_comparison(int64_t seed)
{
    int numbers[8];
    fill(numbers, 8, seed);
    qsort(numbers, 8, sizeof(int), compare_digests);
    return digest(numbers, 8);
}

/* A callback with the type of those by which a FILE writes in the C library, so that printing
 * could suspend as far as types tell. */
typedef size_t file_write(FILE *file, const unsigned char *bytes, size_t count);

static size_t write_slowly(FILE *file, const unsigned char *bytes, size_t count)
{
    size_t sum = file == NULL;
    for (size_t i = 0; i < count; i++)
        sum += (size_t)paused(bytes[i]);
    return sum;
}

static int64_t printing(int64_t seed)
{
    file_write *volatile write = write_slowly;
    char text[40];
    int size = snprintf(text, sizeof text, "%lld and %.3f", (long long)seed, (double)seed / 8);
    fputs("", stdout);
    return (int64_t)write(NULL, (const unsigned char *)text, (size_t)size) + fflush(stdout);
}

static int answer_at_the_end;

/* main has returned: there is nothing to suspend to. */
static void at_the_end(void)
{
    answer_at_the_end = bide_fiber_current() ? BIDE_FIBER_EOUTSIDE : bide_fiber_suspend();
    if (answer_at_the_end != BIDE_FIBER_EOUTSIDE) {
        puts("a handler of atexit was suspended");
        fflush(stdout);
        abort();
    }
}

/* --- where pointers to functions are kept ----------------------------------------- */

typedef int64_t operation(int64_t a, int64_t b);

static int64_t add(int64_t a, int64_t b)
{
    return paused(a) + b;
}

static int64_t subtract(int64_t a, int64_t b)
{
    return a - paused(b);
}

static int64_t multiply(int64_t a, int64_t b)
{
    int64_t product = a * b % 10007;
    paused(0);
    return product;
}

static int64_t never_pauses(int64_t a, int64_t b)
{
    return a ^ b;
}

static operation *const table[] = {add, never_pauses, subtract, multiply};

static int64_t in_tables(int64_t seed)
{
    int64_t value = seed;
    for (int i = 0; i < 12; i++)
        value = table[(i + seed) % 4](value, i + 3);
    return value;
}

struct shape {
    const char *name;
    struct {
        operation *grow;
        union {
            operation *shrink;
            void *any;
        };
    } methods;
};

static int64_t in_structures(int64_t seed)
{
    struct shape *shape = malloc(sizeof *shape), copy;
    *shape = (struct shape){.name = "square", .methods = {.grow = multiply, .shrink = subtract}};
    int64_t value = shape->methods.grow(seed, 5);
    memcpy(&copy, shape, sizeof copy); /* as bytes */
    free(shape);
    value = copy.methods.shrink(value, 2);
    copy.methods.shrink = copy.methods.grow;
    return copy.methods.shrink(value, 3) + (copy.name[0] == 's');
}

static operation *choose(int64_t which)
{
    paused(which);
    return which % 3 == 0 ? add : which % 3 == 1 ? multiply : never_pauses;
}

typedef operation *chooser(int64_t which);

static chooser *choose_chooser(int64_t seed)
{
    return paused(seed) ? choose : NULL;
}

static int64_t returned_from_functions(int64_t seed)
{
    int64_t value = 2;
    for (int64_t i = 0; i < 6; i++)
        value = choose_chooser(seed)(seed + i)(value, i + 1);
    return value;
}

static int64_t apply(operation *first, operation **second, int64_t a, int64_t b)
{
    return (*second)(first(a, b), b);
}

static int64_t passed_along(int64_t seed)
{
    operation *second = subtract;
    int64_t (*volatile through)(operation *, operation **, int64_t, int64_t) = apply;
    return through(multiply, &second, seed, 9);
}

/* A pointer that spends its life as a number. */
static int64_t as_numbers(int64_t seed)
{
    volatile uintptr_t numbers[2] = {(uintptr_t)add ^ 0x5555, (uintptr_t)multiply ^ 0x5555};
    int64_t value = seed;
    for (int i = 0; i < 4; i++)
        value = ((operation *)(numbers[i % 2] ^ 0x5555))(value, 4);
    return value;
}

/* --- casts: of other types in C, of the same in the processor --------------------- */

struct counter {
    int64_t count;
};

static int64_t count_up(struct counter *self, unsigned by)
{
    self->count += paused((int64_t)by);
    return self->count;
}

static int64_t cast(int64_t seed)
{
    struct counter counter = {seed};
    void *erased = (void *)(uintptr_t)count_up;
    int64_t (*general)(void *, int) = (int64_t (*)(void *, int))(uintptr_t)erased;
    return general(&counter, 3) + general(&counter, 4);
}

/* One name for another: the same function, reached by both. */
#if !defined(__APPLE__) && !defined(_WIN32)
static int64_t renamed(int64_t a, int64_t b) __attribute__((alias("subtract")));
#else
#define renamed subtract
#endif

static int64_t by_another_name(int64_t seed)
{
    operation *volatile other = renamed;
    return other(seed, 2) * renamed(seed, 3);
}

/* --- variadic functions ----------------------------------------------------------- */

static int64_t sum_of(int count, ...)
{
    va_list arguments, again;
    int64_t sum = 0;
    va_start(arguments, count);
    va_copy(again, arguments);
    for (int i = 0; i < count; i++)
        sum += paused(va_arg(arguments, int64_t));
    for (int i = 0; i < count; i++) /* where they were before the pauses */
        sum = sum * 3 + va_arg(again, int64_t);
    va_end(again);
    va_end(arguments);
    return sum;
}

static int64_t fold(operation *with, int count, va_list arguments)
{
    int64_t value = 1;
    for (int i = 0; i < count; i++)
        value = with(value, va_arg(arguments, int64_t)) + (int64_t)va_arg(arguments, double);
    return value;
}

static int64_t fold_with(operation *with, int count, ...)
{
    va_list arguments;
    va_start(arguments, count);
    int64_t value = fold(with, count, arguments);
    va_end(arguments);
    return value;
}

static int64_t variadic(int64_t seed)
{
    int64_t (*volatile sum)(int count, ...) = sum_of;
    return sum(3, seed, seed + 1, seed + 2) + fold_with(multiply, 2, seed, 1.5, seed + 4, 2.5);
}

/* --- around in circles ------------------------------------------------------------ */

static int64_t odd(int64_t n, operation *other);

static int64_t even(int64_t n, operation *other)
{
    return n <= 0 ? paused(1) : other(n, 1) + odd(n - 1, other);
}

static int64_t odd(int64_t n, operation *other)
{
    static int64_t (*const next)(int64_t, operation *) = even;
    return n <= 0 ? paused(2) : other(n, 2) - next(n - 1, other);
}

static int64_t recursion(int64_t seed)
{
    return even(seed % 5 + 4, multiply) + odd(6, never_pauses);
}

static void test_callbacks_of_the_library(void)
{
    INTERLEAVE(sorting);
    INTERLEAVE(searching);
    INTERLEAVE(sorting_in_a_comparison);
    INTERLEAVE(printing);
}

static void test_where_pointers_are(void)
{
    INTERLEAVE(in_tables);
    INTERLEAVE(in_structures);
    INTERLEAVE(returned_from_functions);
    INTERLEAVE(passed_along);
    INTERLEAVE(as_numbers);
}

static void test_what_they_are_called(void)
{
    INTERLEAVE(cast);
    INTERLEAVE(by_another_name);
    INTERLEAVE(variadic);
    INTERLEAVE(recursion);
}

int main(void)
{
    atexit(at_the_end);
    RUN(test_callbacks_of_the_library);
    RUN(test_where_pointers_are);
    RUN(test_what_they_are_called);
    return check_end();
}
