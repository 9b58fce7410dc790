/* format.c - formatting a text as printf does: the plain conversions, which are all that Bide's own
 * messages need, and the functions that format.
 *
 * Not the C library's: its printf is most of a small WebAssembly program, takes kilobytes of a
 * fiber's stack, and writes the decimal point of the locale. What has flags, a width or a float is
 * left to `rest` (printf.c), so that programs without do not link it.
 *
 * SPDX-License-Identifier: MIT */
#include "object/format.h"

#include <string.h>

#include "object/error.h"

static void add_decimal(struct bide__text *text, uint64_t magnitude, bool negative)
{
    char digits[24];
    char *at = digits + sizeof digits;
    do
        *--at = (char)('0' + magnitude % 10);
    while (magnitude /= 10);
    if (negative)
        *--at = '-';
    bide__text_add_bytes(text, at, (size_t)(digits + sizeof digits - at));
}

/* The conversion after a '%'. Returns what follows it, or NULL if it is not a plain one. */
static const char *add_plain(struct bide__text *text, const char *at, va_list *arguments)
{
    bool wide = at[0] == 'l' && at[1] == 'l', size = at[0] == 'z';
    at += wide ? 2 : size;
    if (*at == 'd' && !size) {
        int64_t i = wide ? va_arg(*arguments, long long) : va_arg(*arguments, int);
        add_decimal(text, i < 0 ? -(uint64_t)i : (uint64_t)i, i < 0);
    } else if (*at == 'u' && !wide) {
        add_decimal(text, size ? va_arg(*arguments, size_t) : va_arg(*arguments, unsigned), false);
    } else if (*at == 's' && !wide && !size) {
        const char *string = va_arg(*arguments, const char *);
        bide__text_add(text, string ? string : "(null)");
    } else if (*at == '%' && !wide && !size) {
        bide__text_add(text, "%");
    } else {
        return NULL;
    }
    return at + 1;
}

bool bide__text_addv(struct bide__text *text, const char *format, va_list arguments,
                     bide__rest_of_printf *rest)
{
    bide__arguments own;
    va_copy(own.list, arguments);
    while (format && *format) {
        const char *at = format;
        while (*at && *at != '%')
            at++;
        bide__text_add_bytes(text, format, (size_t)(at - format));
        format = at;
        if (*at == '%') {
            format = add_plain(text, at + 1, &own.list);
            if (!format && rest)
                format = rest(text, at + 1, &own);
        }
    }
    va_end(own.list);
    return format != NULL;
}

void bide__text_add_plain(struct bide__text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bide__text_addv(text, format, arguments, NULL);
    va_end(arguments);
}

static bide_value format_with(bide__rest_of_printf *rest, const char *format, va_list arguments)
{
    char small[96];
    struct bide__text text = {.bytes = small, .room = sizeof small, .borrowed = true};
    if (bide__text_addv(&text, format, arguments, rest))
        return bide__text_finish(&text);
    bide__text_free(&text);
    bide__raise(BIDE_ValueError, "unsupported format: '%s'", format);
    return BIDE_FAILED;
}

bide_value bide__vformat(const char *format, va_list arguments)
{
    return format_with(NULL, format, arguments);
}

bide_value bide__vformat_any(const char *format, va_list arguments)
{
    return format_with(bide__text_add_conversion, format, arguments);
}

bide_value bide__strf(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bide_value v = bide__vformat(format, arguments);
    va_end(arguments);
    return v;
}

bide_value bide_strf(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bide_value v = bide__vformat_any(format, arguments);
    va_end(arguments);
    return v;
}

int bide_format(bide_value *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bide_value v = bide__vformat_any(format, arguments);
    va_end(arguments);
    *out = bide_failed(v) ? BIDE_NONE : v;
    return bide_failed(v) ? BIDE_RAISED : 0;
}
