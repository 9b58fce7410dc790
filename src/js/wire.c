/* wire.c - writing values for JavaScript to read.
 *
 * Writing has two steps. The first looks at the value and raises what is wrong with it; the second
 * can then fail for want of memory only, and everything it wrote is taken back.
 *
 * SPDX-License-Identifier: MIT */
#include "js/wire.h"

#include <bide/error.h>
#include <bide/protocol.h>

#include <string.h>

#include "js/handle.h"
#include "js/objects.h"
#include "js/promise.h"
#include "object/error.h"
#include "object/memory.h"

enum { KEPT = 64 * 1024 };

/* --- bytes --------------------------------------------------------------------------- */

static uint8_t *reserve(bide__writer *w, size_t size)
{
    if (w->failed)
        return NULL;
    if (w->capacity - w->size < size) {
        size_t larger = w->capacity ? w->capacity : 1024;
        while (larger - w->size < size)
            larger *= 2;
        uint8_t *moved = bide__realloc(w->data, larger);
        if (!moved) {
            w->failed = true;
            return NULL;
        }
        w->data = moved;
        w->capacity = larger;
    }
    uint8_t *at = w->data + w->size;
    w->size += size;
    return at;
}

static void put_bytes(bide__writer *w, const void *data, size_t size)
{
    uint8_t *at = reserve(w, size);
    if (at && size)
        memcpy(at, data, size);
}

void bide__put_u8(bide__writer *w, uint32_t v)
{
    uint8_t byte = (uint8_t)v;
    put_bytes(w, &byte, 1);
}

void bide__put_u32(bide__writer *w, uint32_t v)
{
    put_bytes(w, &v, sizeof v); /* WebAssembly is little-endian */
}

static void put_sized(bide__writer *w, const void *data, size_t size)
{
    bide__put_u32(w, (uint32_t)size);
    put_bytes(w, data, size);
}

void bide__put_text(bide__writer *w, const char *text)
{
    put_sized(w, text, strlen(text));
}

void bide__writer_cut(bide__writer *w, size_t size)
{
    w->size = size;
    w->failed = false;
}

void bide__writer_empty(bide__writer *w)
{
    bide__writer_cut(w, 0);
    if (w->capacity > KEPT) {
        bide__free(w->data);
        *w = (bide__writer){0};
    }
}

/* --- looking ahead ------------------------------------------------------------------- */

static int check(bide_value v, unsigned depth)
{
    if (v.kind == BIDE_KIND_FAILED)
        return bide_error_pending() ? BIDE_RAISED : bide_raise(BIDE_RuntimeError, "no value");
    if (v.kind == BIDE_KIND_PTR)
        return bide_raise(BIDE_TypeError, "a pointer cannot be given to JavaScript");
    if (v.kind != BIDE_KIND_LIST && v.kind != BIDE_KIND_TUPLE)
        return 0;
    if (depth == BIDE__WIRE_DEPTH)
        return bide_raise(BIDE_ValueError,
                          "a list for JavaScript is nested deeper than %d, or contains itself",
                          BIDE__WIRE_DEPTH);
    for (size_t i = 0; i < bide_size(v); i++) {
        if (check(bide_item(v, i), depth + 1) < 0)
            return BIDE_RAISED;
    }
    return 0;
}

/* --- writing ------------------------------------------------------------------------- */

static void put(bide__writer *w, bide_value v, unsigned depth);

static void put_items(bide__writer *w, bide_value v, unsigned depth)
{
    bide__put_u32(w, (uint32_t)bide_size(v));
    for (size_t i = 0; i < bide_size(v) && !w->failed; i++)
        put(w, bide_item(v, i), depth + 1);
}

static void put_object(bide__writer *w, bide_value v)
{
    const void *address = v.as.object;
    const char *type = bide_type_name(v);
    uint32_t class = bide__js_class_of(v);
    uint32_t slot =
        class == BIDE__JS_PROMISE ? bide__js_promise(bide_ref(v)) : bide__js_keep(bide_ref(v));
    if (!slot) {
        w->failed = true;
        return;
    }
    bide__put_u8(w, BIDE__WIRE_OBJECT);
    bide__put_u32(w, slot);
    bide__put_u8(w, class);
    bide__put_u32(w, (uint32_t)(uintptr_t)address);
    bide__put_text(w, type);
}

/* What an exception carries crosses if it can; it never keeps the exception from crossing. */
static void put_if_possible(bide__writer *w, bide_value v, unsigned depth)
{
    if (check(v, depth) < 0) {
        bide_error_clear();
        v = BIDE_NONE;
    }
    put(w, v, depth);
}

static void put_traceback(bide__writer *w, bide_value error)
{
    bide_value text = bide_error_traceback(error);
    if (bide_failed(text)) {
        bide_error_clear();
        bide__put_u32(w, 0);
        return;
    }
    put_sized(w, bide_data(text), bide_size(text));
    bide_drop(text);
}

/* ERROR: the names of the type and of its bases, ended by an empty one; then message, value, cause,
 * members and, for the outermost, traceback. */
static void put_error(bide__writer *w, bide_value error, unsigned depth)
{
    bide__put_u8(w, BIDE__WIRE_ERROR);
    for (const bide_error_type *t = bide_error_type_of(error); t; t = t->parent)
        bide__put_text(w, t->name);
    bide__put_text(w, "");
    bide__put_text(w, bide_error_message(error));
    put_if_possible(w, bide_error_value(error), depth + 1);
    bide_value cause = bide_error_cause(error);
    if (bide_is_none(cause))
        cause = bide_error_context(error);
    put_if_possible(w, depth < BIDE__WIRE_DEPTH ? cause : BIDE_NONE, depth + 1);
    put_if_possible(w, depth < BIDE__WIRE_DEPTH ? bide_error_members(error) : BIDE_NONE, depth + 1);
    if (depth == 0)
        put_traceback(w, error);
    else
        bide__put_u32(w, 0);
}

static void put_number(bide__writer *w, uint32_t tag, const void *bits)
{
    bide__put_u8(w, tag);
    put_bytes(w, bits, 8);
}

static void put(bide__writer *w, bide_value v, unsigned depth)
{
    switch ((bide_kind)v.kind) {
    case BIDE_KIND_NONE:
    case BIDE_KIND_PTR:
    case BIDE_KIND_FAILED:
        bide__put_u8(w, BIDE__WIRE_NONE);
        break;
    case BIDE_KIND_BOOL:
        bide__put_u8(w, v.as.b ? BIDE__WIRE_TRUE : BIDE__WIRE_FALSE);
        break;
    case BIDE_KIND_INT:
        put_number(w, BIDE__WIRE_INT, &v.as.i);
        break;
    case BIDE_KIND_FLOAT:
        put_number(w, BIDE__WIRE_FLOAT, &v.as.f);
        break;
    case BIDE_KIND_STR:
    case BIDE_KIND_BYTES:
        bide__put_u8(w, v.kind == BIDE_KIND_STR ? BIDE__WIRE_STR : BIDE__WIRE_BYTES);
        put_sized(w, bide_data(v), bide_size(v));
        break;
    case BIDE_KIND_LIST:
    case BIDE_KIND_TUPLE:
        bide__put_u8(w, v.kind == BIDE_KIND_LIST ? BIDE__WIRE_LIST : BIDE__WIRE_TUPLE);
        put_items(w, v, depth);
        break;
    case BIDE_KIND_JS:
        bide__put_u8(w, BIDE__WIRE_JS);
        bide__put_u32(w, bide__js_handle_id(v));
        break;
    case BIDE_KIND_OBJECT:
        if (bide__exception_of(v))
            put_error(w, v, depth);
        else
            put_object(w, v);
        break;
    }
}

int bide__put_value(bide__writer *w, bide_value v)
{
    size_t size = w->size;
    uint32_t mark = bide__js_keep_mark();
    if (check(v, 0) < 0)
        return BIDE_RAISED;
    put(w, v, 0);
    if (!w->failed)
        return 0;
    bide__writer_cut(w, size);
    bide__js_keep_rollback(mark);
    return BIDE_RAISED;
}
