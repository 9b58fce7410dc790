/* unwire.c - reading values that JavaScript wrote.
 *
 * Every size is checked against what is left before it is believed.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/error.h>

#include <string.h>

#include "js/handle.h"
#include "js/objects.h"
#include "js/wire.h"
#include "object/error.h"
#include "object/memory.h"

static int malformed(void)
{
    return bide_raise(BIDE_ValueError, "a message from JavaScript is malformed");
}

static int get_bytes(bide__reader *r, void *to, size_t size)
{
    if ((size_t)(r->end - r->at) < size)
        return malformed();
    memcpy(to, r->at, size);
    r->at += size;
    return 0;
}

/* A size and as many bytes, which stay where they are. */
static int get_sized(bide__reader *r, const char **data, uint32_t *size)
{
    if (get_bytes(r, size, sizeof *size) < 0)
        return BIDE_RAISED;
    if ((size_t)(r->end - r->at) < *size)
        return malformed();
    *data = (const char *)r->at;
    r->at += *size;
    return 0;
}

static int answer(bide_value v, bide_value *out)
{
    *out = bide_failed(v) ? BIDE_NONE : v;
    return bide_failed(v) ? BIDE_RAISED : 0;
}

static int get(bide__reader *r, bide_value *out, unsigned depth);

static bide_value tuple_of(bide_value list)
{
    size_t count = bide_size(list);
    bide_value *items = bide__alloc((count + 1) * sizeof *items);
    if (!items)
        return BIDE_FAILED;
    for (size_t i = 0; i < count; i++)
        items[i] = bide_ref(bide_item(list, i));
    bide_value tuple = bide_tuple_of(items, count);
    bide__free(items);
    return tuple;
}

static int get_items(bide__reader *r, bool tuple, bide_value *out, unsigned depth)
{
    uint32_t count;
    if (depth == BIDE__WIRE_DEPTH || get_bytes(r, &count, sizeof count) < 0)
        return malformed();
    BIDE_SCOPED bide_value list = bide_list_of(NULL, 0);
    if (bide_failed(list))
        return BIDE_RAISED;
    for (uint32_t i = 0; i < count; i++) {
        bide_value item;
        BIDE_TRY(get(r, &item, depth + 1));
        BIDE_TRY(bide_list_append(list, item));
    }
    return answer(tuple ? tuple_of(list) : bide_ref(list), out);
}

static int get_handle(bide__reader *r, bide_value *out)
{
    uint32_t id, size;
    uint8_t abilities;
    const char *name;
    BIDE_TRY(get_bytes(r, &id, sizeof id));
    BIDE_TRY(get_bytes(r, &abilities, sizeof abilities));
    BIDE_TRY(get_sized(r, &name, &size));
    return answer(bide__js_handle(id, abilities, name, size), out);
}

static int get_object(bide__reader *r, bide_value *out)
{
    uint32_t slot;
    BIDE_TRY(get_bytes(r, &slot, sizeof slot));
    bide_value v = bide__js_kept(slot);
    if (bide_is_none(v))
        return malformed();
    *out = bide_ref(v);
    return 0;
}

/* What was thrown or rejected: a JSError whose value is the reason. */
static int get_reason(bide__reader *r, bide_value *out, unsigned depth)
{
    const char *text;
    uint32_t size;
    bide_value reason;
    if (depth > 0)
        return malformed();
    BIDE_TRY(get_sized(r, &text, &size));
    BIDE_TRY(get(r, &reason, depth + 1));
    bide_value error = bide_error_new(BIDE_JSError, "%.*s", (int)size, text);
    if (bide_failed(error)) {
        bide_drop(reason);
        return BIDE_RAISED;
    }
    bide__exception_of(error)->value = reason;
    *out = error;
    return 0;
}

static int get_number(bide__reader *r, uint8_t tag, bide_value *out)
{
    int64_t i;
    double f;
    BIDE_TRY(get_bytes(r, tag == BIDE__WIRE_INT ? (void *)&i : (void *)&f, 8));
    *out = tag == BIDE__WIRE_INT ? bide_int(i) : bide_float(f);
    return 0;
}

static int get_text(bide__reader *r, uint8_t tag, bide_value *out)
{
    const char *data;
    uint32_t size;
    BIDE_TRY(get_sized(r, &data, &size));
    if (tag == BIDE__WIRE_STR)
        return answer(bide_strn(data, size), out);
    return answer(bide_bytes(size ? data : NULL, size), out);
}

static int get(bide__reader *r, bide_value *out, unsigned depth)
{
    uint8_t tag;
    *out = BIDE_NONE;
    BIDE_TRY(get_bytes(r, &tag, sizeof tag));
    switch (tag) {
    case BIDE__WIRE_NONE:
        return 0;
    case BIDE__WIRE_FALSE:
    case BIDE__WIRE_TRUE:
        *out = bide_bool(tag == BIDE__WIRE_TRUE);
        return 0;
    case BIDE__WIRE_INT:
    case BIDE__WIRE_FLOAT:
        return get_number(r, tag, out);
    case BIDE__WIRE_STR:
    case BIDE__WIRE_BYTES:
        return get_text(r, tag, out);
    case BIDE__WIRE_LIST:
    case BIDE__WIRE_TUPLE:
        return get_items(r, tag == BIDE__WIRE_TUPLE, out, depth);
    case BIDE__WIRE_JS:
        return get_handle(r, out);
    case BIDE__WIRE_OBJECT:
        return get_object(r, out);
    case BIDE__WIRE_REASON:
        return get_reason(r, out, depth);
    default:
        return malformed();
    }
}

int bide__get_value(bide__reader *r, bide_value *out)
{
    return get(r, out, 0);
}
