/* value.c - what holds for values of every kind: comparing, converting, naming their types.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/value.h>

#include <bide/protocol.h>

#include <string.h>

#include "object/error.h"
#include "object/list.h"

const bide_type *bide__type_of(bide_value v)
{
    static const bide_type plain; /* without any slot, for what is no object */
    return v.kind < BIDE_KIND_STR ? &plain : v.as.object->type;
}

const char *bide_type_name(bide_value v)
{
    static const char names[][9] = {"NoneType", "bool", "int", "float", "pointer", "failed"};
    const bide__exception *e = bide__exception_of(v);
    if (v.kind < BIDE_KIND_STR)
        return names[v.kind];
    return e ? e->type->name : v.as.object->type->name;
}

bool bide_is(bide_value a, bide_value b)
{
    if (a.kind != b.kind)
        return false;
    switch ((bide_kind)a.kind) {
    case BIDE_KIND_NONE:
    case BIDE_KIND_FAILED:
        return true;
    case BIDE_KIND_BOOL:
        return a.as.b == b.as.b;
    case BIDE_KIND_INT:
        return a.as.i == b.as.i;
    case BIDE_KIND_FLOAT:
        return a.as.f == b.as.f;
    case BIDE_KIND_PTR:
        return a.as.ptr == b.as.ptr;
    default:
        return a.as.object == b.as.object;
    }
}

static bool is_number(bide_value v)
{
    return v.kind == BIDE_KIND_BOOL || v.kind == BIDE_KIND_INT || v.kind == BIDE_KIND_FLOAT;
}

static double number_of(bide_value v)
{
    return v.kind == BIDE_KIND_FLOAT ? v.as.f : v.kind == BIDE_KIND_INT ? (double)v.as.i : v.as.b;
}

/* Exactly: an int of more than 53 bits equals no float that it would be rounded to. */
static bool int_equals_float(bide_value a, bide_value b)
{
    int64_t i = a.kind == BIDE_KIND_BOOL ? a.as.b : a.as.i;
    return b.as.f >= -0x1p63 && b.as.f < 0x1p63 && (int64_t)b.as.f == i &&
           (double)(int64_t)b.as.f == b.as.f;
}

static bool numbers_equal(bide_value a, bide_value b)
{
    if (a.kind == BIDE_KIND_FLOAT && b.kind == BIDE_KIND_FLOAT)
        return a.as.f == b.as.f;
    if (a.kind == BIDE_KIND_FLOAT)
        return int_equals_float(b, a);
    if (b.kind == BIDE_KIND_FLOAT)
        return int_equals_float(a, b);
    return a.kind != b.kind && number_of(a) == number_of(b); /* a bool and an int */
}

bool bide_equal(bide_value a, bide_value b)
{
    if (bide_is(a, b))
        return true;
    if (is_number(a) && is_number(b))
        return numbers_equal(a, b);
    if (a.kind != b.kind || a.kind < BIDE_KIND_STR || bide_size(a) != bide_size(b))
        return false;
    if (a.kind == BIDE_KIND_STR || a.kind == BIDE_KIND_BYTES)
        return memcmp(bide_data(a), bide_data(b), bide_size(a)) == 0;
    if (a.kind != BIDE_KIND_LIST && a.kind != BIDE_KIND_TUPLE)
        return false;
    for (size_t i = 0; i < bide_size(a); i++)
        if (!bide_equal(bide_item(a, i), bide_item(b, i)))
            return false;
    return true;
}

size_t bide_size(bide_value v)
{
    switch ((bide_kind)v.kind) {
    case BIDE_KIND_STR:
    case BIDE_KIND_BYTES:
        return bide__text_size(v);
    case BIDE_KIND_LIST:
    case BIDE_KIND_TUPLE:
        return bide__list_size(v);
    default:
        return 0;
    }
}

bool bide_truthy(bide_value v)
{
    if (is_number(v))
        return number_of(v) != 0;
    switch ((bide_kind)v.kind) {
    case BIDE_KIND_NONE:
    case BIDE_KIND_FAILED:
        return false;
    case BIDE_KIND_PTR:
        return v.as.ptr != NULL;
    case BIDE_KIND_OBJECT:
    case BIDE_KIND_JS:
        return true;
    default:
        return bide_size(v) > 0;
    }
}

int bide_to_int(bide_value v, int64_t *out)
{
    int64_t unwanted;
    out = out ? out : &unwanted;
    *out = 0;
    if (v.kind == BIDE_KIND_INT || v.kind == BIDE_KIND_BOOL) {
        *out = v.kind == BIDE_KIND_INT ? v.as.i : v.as.b;
        return 0;
    }
    /* The bounds are those of int64: 2^63 itself is out of range. */
    if (v.kind == BIDE_KIND_FLOAT && v.as.f >= -0x1p63 && v.as.f < 0x1p63 &&
        (double)(int64_t)v.as.f == v.as.f) {
        *out = (int64_t)v.as.f;
        return 0;
    }
    return bide__raise(BIDE_TypeError, "an int is expected, got '%s'", bide_type_name(v));
}

int bide_to_float(bide_value v, double *out)
{
    bool is = is_number(v);
    if (out)
        *out = is ? number_of(v) : 0;
    return is ? 0 : bide__raise(BIDE_TypeError, "a float is expected, got '%s'", bide_type_name(v));
}

void *bide_object_of(bide_value v, const bide_type *type)
{
    if (v.kind >= BIDE_KIND_JS && v.as.object->type == type)
        return v.as.object;
    bide__raise(BIDE_TypeError, "'%s' object is expected, got '%s'", type->name, bide_type_name(v));
    return NULL;
}

bide_value bide_self(void *self)
{
    bide_value v = bide_object_value(self);
    return bide_ref(v);
}
