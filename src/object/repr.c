/* repr.c - values as text: Python's str() and repr().
 *
 * SPDX-License-Identifier: MIT */
#include <bide/protocol.h>

#include <string.h>

#include "object/error.h"
#include "object/format.h"

static void add_hex(struct bide__text *text, uintptr_t number, int digits)
{
    while (digits-- > 0)
        bide__text_add_bytes(text, &"0123456789abcdef"[number >> 4 * digits & 15], 1);
}

static void add_pointer(struct bide__text *text, uintptr_t pointer)
{
    int digits = 1;
    while (digits < (int)sizeof pointer * 2 && pointer >> 4 * digits)
        digits++;
    bide__text_add(text, "<pointer 0x");
    add_hex(text, pointer, digits);
    bide__text_add(text, ">");
}

static void add_quoted(struct bide__text *text, bide_value v)
{
    const char *bytes = bide_data(v);
    size_t size = bide_size(v);
    bool binary = v.kind == BIDE_KIND_BYTES;
    char quote = memchr(bytes, '\'', size) && !memchr(bytes, '"', size) ? '"' : '\'';
    bide__text_add(text, binary ? "b" : "");
    bide__text_add_bytes(text, &quote, 1);
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '\n')
            bide__text_add(text, "\\n");
        else if (c == '\t')
            bide__text_add(text, "\\t");
        else if (c == '\r')
            bide__text_add(text, "\\r");
        else if (c < ' ' || c == 0x7f || (binary && c >= 0x80)) {
            bide__text_add(text, "\\x");
            add_hex(text, c, 2);
        } else {
            bide__text_add(text, c == '\\' || c == quote ? "\\" : "");
            bide__text_add_bytes(text, &bytes[i], 1);
        }
    }
    bide__text_add_bytes(text, &quote, 1);
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

/* What has no slot for it: exceptions and coroutine objects would need what makes texts in every
 * program. */
static void add_without_slot(struct bide__text *text, bide_value v)
{
    const bide__exception *e = bide__exception_of(v);
    const bide__coro *coro = bide__coro_of(v);
    if (e) {
        bool quoted = !bide_is_none(e->message);
        bide__text_add_plain(text, "%s(%s%s%s)", e->type->name, quoted ? "'" : "",
                             quoted ? bide_cstr(e->message) : "", quoted ? "'" : "");
    } else if (coro) {
        bide__text_add_plain(text, "<%s object %s>", bide_type_name(v), coro->origin->name);
    } else {
        bide__text_add_plain(text, "<%s object>", bide_type_name(v));
    }
}

static void add_object(struct bide__text *text, bide_value v, bool quoted)
{
    if (!quoted && bide_is_error(v, BIDE_BaseException)) {
        bide__text_add(text, bide_error_message(v));
        return;
    }
    if (!v.as.object->type->repr) {
        add_without_slot(text, v);
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
        bide__text_add_decimal(text, v.as.i);
        break;
    case BIDE_KIND_FLOAT:
        bide__text_add_float(text, v.as.f);
        break;
    case BIDE_KIND_PTR:
        add_pointer(text, (uintptr_t)v.as.ptr);
        break;
    case BIDE_KIND_STR:
        if (quoted)
            add_quoted(text, v);
        else
            bide__text_add_bytes(text, bide_cstr(v), bide_size(v));
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
