/* printf.c - printf's conversions, all but a, A and n and wide characters: flags, widths,
 * precisions, floats.
 *
 * SPDX-License-Identifier: MIT */
#include "object/format.h"

#include <string.h>

/* --- fields ------------------------------------------------------------------------- */

static void fill(struct bide__text *text, char c, int count)
{
    while (count-- > 0)
        bide__text_add_bytes(text, &c, 1);
}

static void add_field(struct bide__text *text, const bide__format_spec *spec, const char *prefix,
                      int zeros, const char *body, size_t size)
{
    int width = (int)strlen(prefix) + (zeros > 0 ? zeros : 0) + (int)size;
    int missing = spec->width - width;
    if (spec->zero && !spec->left && missing > 0) {
        zeros = (zeros > 0 ? zeros : 0) + missing;
        missing = 0;
    }
    if (!spec->left)
        fill(text, ' ', missing);
    bide__text_add(text, prefix);
    fill(text, '0', zeros);
    bide__text_add_bytes(text, body, size);
    if (spec->left)
        fill(text, ' ', missing);
}

static void add_integer(struct bide__text *text, bide__format_spec *spec, uint64_t magnitude,
                        bool negative)
{
    char digits[24];
    char *at = digits + sizeof digits;
    char letter = spec->conversion;
    unsigned base = letter == 'x' || letter == 'X' ? 16 : letter == 'o' ? 8 : 10;
    const char *prefix = negative ? "-" : spec->sign == '+' ? "+" : spec->sign ? " " : "";

    if (base == 16 && spec->alternative && magnitude)
        prefix = letter == 'x' ? "0x" : "0X";
    for (; magnitude; magnitude /= base) {
        unsigned digit = (unsigned)(magnitude % base);
        *--at = (char)(digit < 10 ? '0' + digit : (letter == 'X' ? 'A' : 'a') + digit - 10);
    }
    int size = (int)(digits + sizeof digits - at);
    int wanted = spec->precision < 0 ? 1 : spec->precision;
    if (base == 8 && spec->alternative && wanted <= size)
        wanted = size + 1;
    if (spec->precision >= 0)
        spec->zero = false;
    add_field(text, spec, prefix, wanted - size, at, (size_t)size);
}

static void add_float(struct bide__text *text, const bide__format_spec *spec, double f)
{
    char small[64];
    struct bide__text body = {.bytes = small, .room = sizeof small, .borrowed = true};
    bide__format_spec field = *spec;
    const char *prefix = spec->sign == '+' ? "+" : spec->sign ? " " : "";
    bool capital = spec->conversion < 'a';

    if (__builtin_signbit(f)) {
        prefix = "-";
        f = -f;
    }
    if (__builtin_isfinite(f)) {
        bide__text_add_digits(&body, spec, f);
    } else {
        bide__text_add(&body, __builtin_isnan(f) ? capital ? "NAN" : "nan"
                              : capital          ? "INF"
                                                 : "inf");
        field.zero = false;
    }
    add_field(text, &field, prefix, 0, body.bytes, body.size);
    text->failed |= body.failed;
    bide__text_free(&body);
}

/* --- arguments ---------------------------------------------------------------------- */

enum length { INT, CHAR, SHORT, LONG, LONG_LONG, SIZE, LONG_DOUBLE };

static int64_t signed_argument(enum length length, va_list *arguments)
{
    switch (length) {
    case LONG:
        return va_arg(*arguments, long);
    case LONG_LONG:
        return va_arg(*arguments, long long);
    case SIZE:
        return va_arg(*arguments, ptrdiff_t);
    default:
        break;
    }
    int i = va_arg(*arguments, int);
    return length == CHAR ? (signed char)i : length == SHORT ? (short)i : i;
}

static uint64_t unsigned_argument(enum length length, va_list *arguments)
{
    switch (length) {
    case LONG:
        return va_arg(*arguments, unsigned long);
    case LONG_LONG:
        return va_arg(*arguments, unsigned long long);
    case SIZE:
        return va_arg(*arguments, size_t);
    default:
        break;
    }
    unsigned i = va_arg(*arguments, unsigned);
    return length == CHAR ? (unsigned char)i : length == SHORT ? (unsigned short)i : i;
}

static int number(const char **at, va_list *arguments)
{
    int n = 0;
    if (**at == '*') {
        ++*at;
        return va_arg(*arguments, int);
    }
    while (**at >= '0' && **at <= '9')
        n = n * 10 + (*(*at)++ - '0');
    return n;
}

static const char *read_flags(const char *at, bide__format_spec *spec)
{
    for (;; at++) {
        if (*at == '-')
            spec->left = true;
        else if (*at == '0')
            spec->zero = true;
        else if (*at == '#')
            spec->alternative = true;
        else if (*at == '+' || (*at == ' ' && spec->sign != '+'))
            spec->sign = *at;
        else if (*at != ' ')
            return at;
    }
}

static const char *read_length(const char *at, enum length *length)
{
    *length = INT;
    for (;; at++) {
        if (*at == 'h')
            *length = *length == SHORT ? CHAR : SHORT;
        else if (*at == 'l')
            *length = *length == LONG ? LONG_LONG : LONG;
        else if (*at == 'z' || *at == 't')
            *length = SIZE;
        else if (*at == 'j')
            *length = LONG_LONG;
        else if (*at == 'L')
            *length = LONG_DOUBLE;
        else
            return at;
    }
}

/* Reads what follows a '%' up to its letter. */
static const char *read_spec(const char *at, bide__format_spec *spec, enum length *length,
                             va_list *arguments)
{
    at = read_flags(at, spec);
    spec->width = number(&at, arguments);
    if (spec->width < 0) {
        spec->left = true;
        spec->width = -spec->width;
    }
    spec->precision = -1;
    if (*at == '.') {
        at++;
        spec->precision = number(&at, arguments);
    }
    at = read_length(at, length);
    spec->conversion = *at;
    return at;
}

/* --- conversions -------------------------------------------------------------------- */

static void add_string(struct bide__text *text, bide__format_spec *spec, const char *string)
{
    if (!string)
        string = "(null)";
    size_t size = 0;
    while ((spec->precision < 0 || size < (size_t)spec->precision) && string[size])
        size++;
    spec->zero = false;
    add_field(text, spec, "", 0, string, size);
}

const char *bide__text_add_conversion(struct bide__text *text, const char *at,
                                      bide__arguments *arguments)
{
    bide__format_spec spec = {0};
    enum length length;
    va_list *list = &arguments->list;
    int64_t i;
    char c;

    at = read_spec(at, &spec, &length, list);
    switch (spec.conversion) {
    case 'd':
    case 'i':
        i = signed_argument(length, list);
        add_integer(text, &spec, i < 0 ? -(uint64_t)i : (uint64_t)i, i < 0);
        break;
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        spec.sign = 0;
        add_integer(text, &spec, unsigned_argument(length, list), false);
        break;
    case 'p':
        spec.conversion = 'x';
        spec.alternative = true;
        add_integer(text, &spec, (uintptr_t)va_arg(*list, void *), false);
        break;
    case 'c':
        c = (char)va_arg(*list, int);
        spec.zero = false;
        add_field(text, &spec, "", 0, &c, 1);
        break;
    case 's':
        add_string(text, &spec, va_arg(*list, const char *));
        break;
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        add_float(text, &spec,
                  length == LONG_DOUBLE ? (double)va_arg(*list, long double)
                                        : va_arg(*list, double));
        break;
    default:
        return NULL;
    }
    return at + 1;
}

void bide__text_addf(struct bide__text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bide__text_addv(text, format, arguments, bide__text_add_conversion);
    va_end(arguments);
}
