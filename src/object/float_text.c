/* float_text.c - floats as decimal text, exactly: printf's conversions and Python's repr.
 *
 * A float is a fraction r / s of two large integers, from which one decimal digit after the other
 * is taken (Steele and White, "How to print floating-point numbers accurately", 1990). For repr
 * `below` and `above` are half the distances to the neighbouring floats: the digits stop where what
 * is left out can no longer lead to a neighbour.
 *
 * SPDX-License-Identifier: MIT */
#include "object/format.h"

#include <string.h>

/* --- large integers ----------------------------------------------------------------- */

/* The largest is a power of two, or of ten, near 2^1075, times 20. */
enum { WORDS = 35, EXPONENTS = 1075 };

typedef struct {
    uint32_t words[WORDS]; /* lowest first */
} big;

static void multiply(big *a, uint32_t factor)
{
    uint64_t carry = 0;
    for (int i = 0; i < WORDS; i++) {
        carry += (uint64_t)a->words[i] * factor;
        a->words[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static void shift(big *a, int bits)
{
    for (; bits >= 31; bits -= 31)
        multiply(a, (uint32_t)1 << 31);
    multiply(a, (uint32_t)1 << bits);
}

/* The sign of a + b - c. */
static int compare(const big *a, const big *b, const big *c)
{
    int64_t difference = 0;
    for (int i = WORDS; i-- > 0;) {
        difference =
            difference * ((int64_t)1 << 32) + a->words[i] + (int64_t)b->words[i] - c->words[i];
        if (difference > 2 || difference < -2)
            break; /* what is below cannot make up for it */
    }
    return (difference > 0) - (difference < 0);
}

static void subtract(big *a, const big *b)
{
    int64_t carry = 0;
    for (int i = 0; i < WORDS; i++) {
        carry += (int64_t)a->words[i] - b->words[i];
        a->words[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* --- digits ------------------------------------------------------------------------- */

struct decimal {
    struct bide__text digits; /* the value is 0.DIGITS times ten to the `exponent` */
    int exponent;
    char small[48];
};

struct fraction {
    big r, s, below, above; /* the last two are 0 where digits are counted */
    bool even;              /* what is half-way to a neighbour is read as this one */
};

static void begin(struct decimal *decimal)
{
    decimal->digits = (struct bide__text){
        .bytes = decimal->small, .room = sizeof decimal->small, .borrowed = true};
    decimal->exponent = 0;
}

static const big zero;

/* Sets up r / s = f, and scales it by tens to lie between 0.1 and 1. */
static void set_up(struct fraction *x, double f, bool shortest, struct decimal *decimal)
{
    uint64_t bits;
    memcpy(&bits, &f, sizeof bits);
    uint64_t mantissa = bits & (((uint64_t)1 << 52) - 1);
    int exponent = (int)(bits >> 52 & 0x7ff);
    bool narrow = mantissa == 0 && exponent > 1; /* the neighbour below is at half the distance */
    if (exponent)
        mantissa |= (uint64_t)1 << 52;
    else
        exponent = 1;
    exponent -= EXPONENTS;

    memset(x, 0, sizeof *x);
    x->even = !shortest || mantissa % 2 == 0;
    x->r.words[0] = (uint32_t)mantissa;
    x->r.words[1] = (uint32_t)(mantissa >> 32);
    x->s.words[0] = 1;
    x->below.words[0] = shortest;
    shift(exponent < 0 ? &x->s : &x->r, exponent < 0 ? -exponent : exponent);
    shift(&x->below, exponent < 0 ? 0 : exponent);
    shift(&x->r, 1 + narrow);
    shift(&x->s, 1 + narrow);
    x->above = x->below;
    shift(&x->above, narrow);

    while (compare(&x->r, &x->above, &x->s) >= !x->even) {
        multiply(&x->s, 10);
        decimal->exponent++;
    }
    for (;;) {
        multiply(&x->r, 10);
        multiply(&x->below, 10);
        multiply(&x->above, 10);
        if (compare(&x->r, &x->above, &x->s) >= !x->even)
            break;
        decimal->exponent--;
    }
    multiply(&x->s, 10); /* the last step was one too many */
}

static char next_digit(struct fraction *x)
{
    char digit = '0';
    multiply(&x->r, 10);
    for (; compare(&x->r, &zero, &x->s) >= 0; digit++)
        subtract(&x->r, &x->s);
    return digit;
}

/* Whether what is left is more than half a digit; half of one goes to the even digit. */
static bool rounds_up(const struct fraction *x, char digit)
{
    int half = compare(&x->r, &x->r, &x->s);
    return half > 0 || (half == 0 && digit % 2);
}

/* As few digits as tell f from its neighbours. */
static void shortest_digits(struct decimal *decimal, double f)
{
    struct fraction x;
    set_up(&x, f, true, decimal);
    for (bool low = false, high = false; !low && !high;) {
        char digit = next_digit(&x);
        multiply(&x.below, 10);
        multiply(&x.above, 10);
        low = compare(&x.r, &zero, &x.below) < x.even;
        high = compare(&x.r, &x.above, &x.s) >= !x.even;
        if (high && (!low || rounds_up(&x, digit)))
            digit++;
        bide__text_add_bytes(&decimal->digits, &digit, 1);
    }
}

/* Adds one to the last digit. */
static void carry(struct decimal *decimal)
{
    struct bide__text *digits = &decimal->digits;
    size_t i = digits->size;
    while (i > 0 && digits->bytes[i - 1] == '9')
        digits->bytes[--i] = '0';
    if (i > 0) {
        digits->bytes[i - 1]++;
    } else {
        bide__text_add(digits, "0");
        if (!digits->failed)
            digits->bytes[0] = '1';
        decimal->exponent++;
    }
}

/* `count` digits, or as many after the point. */
static void counted_digits(struct decimal *decimal, double f, int count, bool after_point)
{
    struct fraction x;
    char digit = '0';
    set_up(&x, f, false, decimal);
    if (after_point)
        count += decimal->exponent;
    if (count < 0)
        return;
    for (int i = 0; i < count; i++) {
        digit = next_digit(&x);
        bide__text_add_bytes(&decimal->digits, &digit, 1);
    }
    if (rounds_up(&x, digit) && !decimal->digits.failed)
        carry(decimal);
}

/* --- layout ------------------------------------------------------------------------- */

static char digit_at(const struct decimal *decimal, int i)
{
    return i >= 0 && i < (int)decimal->digits.size ? decimal->digits.bytes[i] : '0';
}

static void add_places(struct bide__text *text, const struct decimal *decimal, int from, int count)
{
    for (int i = 0; i < count; i++) {
        char digit = digit_at(decimal, from + i);
        bide__text_add_bytes(text, &digit, 1);
    }
}

static void add_plain(struct bide__text *text, const struct decimal *decimal, int places,
                      bool point)
{
    int whole = decimal->exponent > 0 ? decimal->exponent : 1;
    add_places(text, decimal, decimal->exponent - whole, whole);
    if (places > 0 || point)
        bide__text_add(text, ".");
    add_places(text, decimal, decimal->exponent, places);
}

static void add_scientific(struct bide__text *text, const struct decimal *decimal, int places,
                           bool point, char letter)
{
    int exponent = decimal->exponent - 1;
    add_places(text, decimal, 0, 1);
    if (places > 0 || point)
        bide__text_add(text, ".");
    add_places(text, decimal, 1, places);
    char sign[3] = {letter, exponent < 0 ? '-' : '+', '\0'};
    exponent = exponent < 0 ? -exponent : exponent;
    bide__text_add_plain(text, "%s%s", sign, exponent < 10 ? "0" : "");
    bide__text_add_decimal(text, exponent);
}

/* How many digits are left without the zeros at the end. */
static int significant(const struct decimal *decimal)
{
    int count = (int)decimal->digits.size;
    while (count > 1 && decimal->digits.bytes[count - 1] == '0')
        count--;
    return count;
}

void bide__text_add_digits(struct bide__text *text, const bide__format_spec *spec, double f)
{
    struct decimal decimal;
    char letter = spec->conversion, kind = (char)(letter | 0x20);
    int precision = spec->precision < 0 ? 6 : spec->precision;
    bool point = spec->alternative;

    begin(&decimal);
    if (kind == 'g' && precision == 0)
        precision = 1;
    if (f != 0)
        counted_digits(&decimal, f, precision + (kind == 'e'), kind == 'f');
    else
        decimal.exponent = 1;
    int places = precision;
    if (kind == 'g') {
        int exponent = decimal.exponent - 1;
        int shown = point ? precision : significant(&decimal);
        kind = exponent < -4 || exponent >= precision ? 'e' : 'f';
        places = kind == 'e' ? shown - 1 : shown - decimal.exponent;
        letter = (char)(letter - 'g' + 'e');
    }
    if (kind == 'e')
        add_scientific(text, &decimal, places, point, letter);
    else
        add_plain(text, &decimal, places, point);
    text->failed |= decimal.digits.failed;
    bide__text_free(&decimal.digits);
}

void bide__text_add_float(struct bide__text *text, double f)
{
    struct decimal decimal;
    if (__builtin_isnan(f)) {
        bide__text_add(text, "nan");
        return;
    }
    if (__builtin_signbit(f)) {
        bide__text_add(text, "-");
        f = -f;
    }
    if (__builtin_isinf(f)) {
        bide__text_add(text, "inf");
        return;
    }
    begin(&decimal);
    if (f != 0)
        shortest_digits(&decimal, f);
    else
        decimal.exponent = 1;
    int size = (int)decimal.digits.size;
    int places = size > decimal.exponent ? size - decimal.exponent : 1;
    if (decimal.exponent > -4 && decimal.exponent <= 16)
        add_plain(text, &decimal, places, false);
    else
        add_scientific(text, &decimal, size - 1, false, 'e');
    bide__text_free(&decimal.digits);
}
