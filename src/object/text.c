/* text.c - str and bytes objects, and values as text.
 *
 * SPDX-License-Identifier: MIT */
#include "object/text.h"

#include <bide/protocol.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "object/error.h"
#include "object/memory.h"

/* A str or bytes: its bytes follow the head, with a NUL after them for the sake of C. */
struct text_object {
    bide_object base;
    size_t size;
    char bytes[];
};

static const bide_type str_type = {.name = "str"};
static const bide_type bytes_type = {.name = "bytes"};

static bide_value new_text(bide_kind kind, const void *bytes, size_t size)
{
    struct text_object *text =
        bide_object_new(kind == BIDE_KIND_STR ? &str_type : &bytes_type, sizeof *text + size + 1);
    if (!text)
        return BIDE_FAILED;
    text->size = size;
    if (bytes)
        memcpy(text->bytes, bytes, size);
    else
        memset(text->bytes, 0, size);
    text->bytes[size] = '\0';
    return (bide_value){.kind = kind, .as = {.object = &text->base}};
}

bide_value bide_str(const char *text)
{
    return new_text(BIDE_KIND_STR, text, strlen(text));
}

bide_value bide_strn(const char *text, size_t size)
{
    return new_text(BIDE_KIND_STR, text, size);
}

bide_value bide_bytes(const void *data, size_t size)
{
    return new_text(BIDE_KIND_BYTES, data, size);
}

bide_value bide__vformat(const char *format, va_list arguments)
{
    char small[128];
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(small, sizeof small, format, arguments);
    bide_value v = BIDE_FAILED;
    if (size < 0)
        bide_raise(BIDE_ValueError, "the text cannot be formatted");
    else if ((size_t)size < sizeof small)
        v = bide_strn(small, (size_t)size);
    else if (!bide_failed(v = new_text(BIDE_KIND_STR, NULL, (size_t)size)))
        vsnprintf(((struct text_object *)v.as.object)->bytes, (size_t)size + 1, format, again);
    va_end(again);
    return v;
}

bide_value bide_strf(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bide_value v = bide__vformat(format, arguments);
    va_end(arguments);
    return v;
}

int bide_format(bide_value *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bide_value v = bide__vformat(format, arguments);
    va_end(arguments);
    *out = bide_failed(v) ? BIDE_NONE : v;
    return bide_failed(v) ? BIDE_RAISED : 0;
}

const char *bide_cstr(bide_value v)
{
    if (v.kind != BIDE_KIND_STR)
        bide__bug(__FILE__, __LINE__, "bide_cstr was given a value that is not a str");
    return ((const struct text_object *)v.as.object)->bytes;
}

void *bide_data(bide_value v)
{
    if (v.kind != BIDE_KIND_STR && v.kind != BIDE_KIND_BYTES)
        bide__bug(__FILE__, __LINE__, "bide_data was given a value that is not bytes or a str");
    return ((struct text_object *)v.as.object)->bytes;
}

size_t bide__text_size(bide_value v)
{
    return ((const struct text_object *)v.as.object)->size;
}

/* --- building ----------------------------------------------------------------------- */

static bool reserve(struct bide__text *text, size_t more)
{
    size_t need = text->size + more + 1;
    if (text->failed)
        return false;
    if (need <= text->room)
        return true;
    size_t room = need < 64 ? 64 : need * 2;
    char *larger = bide__allocation_fails() ? NULL : realloc(text->bytes, room);
    if (!larger) {
        text->failed = true;
        return false;
    }
    text->bytes = larger;
    text->room = room;
    return true;
}

static void add_bytes(struct bide__text *text, const char *bytes, size_t size)
{
    if (!reserve(text, size))
        return;
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
}

void bide__text_add(struct bide__text *text, const char *piece)
{
    add_bytes(text, piece, strlen(piece));
}

void bide__text_addf(struct bide__text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    if (size >= 0 && reserve(text, (size_t)size))
        text->size += (size_t)vsnprintf(text->bytes + text->size, (size_t)size + 1, format, again);
    va_end(again);
    va_end(arguments);
}

bide_value bide__text_finish(struct bide__text *text)
{
    bide_value v = BIDE_FAILED;
    if (text->failed && !text->raised)
        bide__raise_no_memory();
    else if (!text->failed)
        v = bide_strn(text->bytes ? text->bytes : "", text->size);
    free(text->bytes);
    *text = (struct bide__text){0};
    return v;
}

/* The shortest text that reads back as the same double, with ".0" where it looks like an int. */
static void add_float(struct bide__text *text, double f)
{
    char digits[40];
    if (isnan(f) || isinf(f)) {
        bide__text_add(text, isnan(f) ? "nan" : f > 0 ? "inf" : "-inf");
        return;
    }
    for (int precision = 1; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, f);
        if (strtod(digits, NULL) == f)
            break;
    }
    /* Python keeps the plain form up to 16 digits, where %g turns to an exponent sooner. */
    double magnitude = fabs(f);
    if (strchr(digits, 'e') && magnitude < 1e16 && magnitude >= 1e-4)
        snprintf(digits, sizeof digits, "%.0f", f);
    bide__text_add(text, digits);
    if (!strpbrk(digits, ".e"))
        bide__text_add(text, ".0");
}

static void add_quoted(struct bide__text *text, bide_value v)
{
    const char *bytes = bide_data(v);
    size_t size = bide_size(v);
    bool binary = v.kind == BIDE_KIND_BYTES;
    char quote = memchr(bytes, '\'', size) && !memchr(bytes, '"', size) ? '"' : '\'';
    bide__text_addf(text, "%s%c", binary ? "b" : "", quote);
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '\n')
            bide__text_add(text, "\\n");
        else if (c == '\t')
            bide__text_add(text, "\\t");
        else if (c == '\r')
            bide__text_add(text, "\\r");
        else if (c == '\\' || c == quote)
            bide__text_addf(text, "\\%c", c);
        else if (c < ' ' || c == 0x7f || (binary && c >= 0x80))
            bide__text_addf(text, "\\x%02x", c);
        else
            add_bytes(text, &bytes[i], 1);
    }
    add_bytes(text, &quote, 1);
}

static void add_items(struct bide__text *text, bide_value v)
{
    bool tuple = v.kind == BIDE_KIND_TUPLE;
    bide__text_add(text, tuple ? "(" : "[");
    for (size_t i = 0; i < bide_size(v); i++) {
        bide__text_add(text, i ? ", " : "");
        bide__text_add_value(text, bide_item(v, i), true);
    }
    bide__text_add(text, tuple ? bide_size(v) == 1 ? ",)" : ")" : "]");
}

static void add_object(struct bide__text *text, bide_value v, bool quoted)
{
    if (!quoted && bide_is_error(v, BIDE_BaseException)) {
        bide__text_add(text, bide_error_message(v));
        return;
    }
    if (!v.as.object->type->repr) {
        bide__text_addf(text, "<%s object>", bide_type_name(v));
        return;
    }
    bide_value repr = v.as.object->type->repr(v.as.object);
    if (bide_failed(repr)) {
        text->failed = text->raised = true;
        return;
    }
    bide__text_add(text, bide_cstr(repr));
    bide_drop(repr);
}

void bide__text_add_value(struct bide__text *text, bide_value v, bool quoted)
{
    switch ((bide_kind)v.kind) {
    case BIDE_KIND_NONE:
        bide__text_add(text, "None");
        break;
    case BIDE_KIND_FAILED:
        text->failed = true;
        break;
    case BIDE_KIND_BOOL:
        bide__text_add(text, v.as.b ? "True" : "False");
        break;
    case BIDE_KIND_INT:
        bide__text_addf(text, "%lld", (long long)v.as.i);
        break;
    case BIDE_KIND_FLOAT:
        add_float(text, v.as.f);
        break;
    case BIDE_KIND_PTR:
        bide__text_addf(text, "<pointer %p>", v.as.ptr);
        break;
    case BIDE_KIND_STR:
        if (quoted)
            add_quoted(text, v);
        else
            add_bytes(text, bide_cstr(v), bide_size(v));
        break;
    case BIDE_KIND_BYTES:
        add_quoted(text, v);
        break;
    case BIDE_KIND_LIST:
    case BIDE_KIND_TUPLE:
        add_items(text, v);
        break;
    case BIDE_KIND_JS:
    case BIDE_KIND_OBJECT:
        add_object(text, v, quoted);
        break;
    }
}

bide_value bide_text(bide_value v)
{
    struct bide__text text = {0};
    if (bide_failed(v)) {
        bide__propagate();
        return v;
    }
    if (v.kind == BIDE_KIND_STR)
        return bide_ref(v);
    bide__text_add_value(&text, v, false);
    return bide__text_finish(&text);
}

bide_value bide_repr(bide_value v)
{
    struct bide__text text = {0};
    if (bide_failed(v)) {
        bide__propagate();
        return v;
    }
    bide__text_add_value(&text, v, true);
    return bide__text_finish(&text);
}
