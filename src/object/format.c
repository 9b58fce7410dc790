/* format.c - formatting a text as printf does: %s, which is all that Bide's own messages need, and
 * the functions that format.
 *
 * Not the C library's: its printf is most of a small WebAssembly program, takes kilobytes of a
 * fiber's stack, and writes the decimal point of the locale. All other conversions are
 * left to `rest` (printf.c), so that programs without do not link it.
 *
 * SPDX-License-Identifier: MIT */
#include "object/format.h"

#include <string.h>

#include "object/error.h"

struct piece {
    const char *bytes;
    size_t size;
};

/* What a format adds up to its next '%', or by a %s or %%. Returns what follows it, or NULL if it
 * is another conversion. */
static const char *step(struct piece *piece, const char *at, bide__arguments *arguments)
{
    const char *end = at;
    if (*at == '%' && at[1] == 's') {
        const char *string = va_arg(arguments->list, const char *);
        piece->bytes = end = string ? string : "(null)";
        while (*end)
            end++;
        piece->size = (size_t)(end - piece->bytes);
        return at + 2;
    }
    if (*at == '%') {
        piece->bytes = at;
        piece->size = 1;
        return at[1] == '%' ? at + 2 : NULL;
    }
    while (*end && *end != '%')
        end++;
    piece->bytes = at;
    piece->size = (size_t)(end - at);
    return end;
}

bool bide__text_addv(struct bide__text *text, const char *format, va_list arguments,
                     bide__rest_of_printf *rest)
{
    bide__arguments own;
    struct piece piece;
    va_copy(own.list, arguments);
    while (format && *format) {
        const char *after = step(&piece, format, &own);
        if (after)
            bide__text_add_bytes(text, piece.bytes, piece.size);
        else if (rest)
            after = rest(text, format + 1, &own);
        format = after;
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

void bide__text_add_decimal(struct bide__text *text, int64_t number)
{
    char digits[24];
    char *at = digits + sizeof digits;
    uint64_t magnitude = number < 0 ? -(uint64_t)number : (uint64_t)number;
    do
        *--at = (char)('0' + magnitude % 10);
    while (magnitude /= 10);
    if (number < 0)
        *--at = '-';
    bide__text_add_bytes(text, at, (size_t)(digits + sizeof digits - at));
}

/* Writes the text to `to`, if it is given: how long it is. */
static size_t expand(char *to, const char *format, va_list arguments)
{
    bide__arguments own;
    struct piece piece;
    size_t size = 0;
    va_copy(own.list, arguments);
    while (format && *format) {
        format = step(&piece, format, &own);
        if (format && to)
            memcpy(to + size, piece.bytes, piece.size);
        size += piece.size;
    }
    va_end(own.list);
    return size;
}

/* By going through it twice: what grows a text need not be linked for Bide's own messages. */
bide_value bide__vformat(const char *format, va_list arguments)
{
    bide_value v = bide_strn(NULL, expand(NULL, format, arguments));
    if (!bide_failed(v))
        expand(bide_data(v), format, arguments);
    return v;
}

bide_value bide__vformat_any(const char *format, va_list arguments)
{
    char small[96];
    struct bide__text text = {.bytes = small, .room = sizeof small, .borrowed = true};
    if (bide__text_addv(&text, format, arguments, bide__text_add_conversion))
        return bide__text_finish(&text);
    bide__text_free(&text);
    bide__raise(BIDE_ValueError, "unsupported format: '%s'", format);
    return BIDE_FAILED;
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
    if (out)
        *out = bide_failed(v) ? BIDE_NONE : v;
    else
        bide_drop(v);
    return bide_failed(v) ? BIDE_RAISED : 0;
}
