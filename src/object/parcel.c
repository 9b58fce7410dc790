/* parcel.c - values packed into one block of memory, and opened elsewhere.
 *
 * A block is a row of nodes, each a bide_value as it stands in memory followed by what its object
 * holds. Reading must pass over the whole row whatever happens, because nodes of shared state hold
 * a reference.
 *
 * SPDX-License-Identifier: MIT */
#include "object/parcel.h"

#include <string.h>

#include "object/error.h"
#include "object/list.h"
#include "object/memory.h"
#include "object/shared.h"

enum { DEEPEST = 100 };

/* What a node of BIDE_KIND_OBJECT is; in `unused`. The payload of an exception's is whether its
 * context is its cause: `raise from` makes it so, and copying both would double at every level. */
enum { EXCEPTION = 1, EXCEPTION_WITHOUT_MEMORY, SHARED };

struct bide_parcel {
    size_t size, room;
    unsigned char bytes[];
};

/* --- what crosses ------------------------------------------------------------------- */

static bool is_sequence(bide_value v)
{
    return v.kind == BIDE_KIND_LIST || v.kind == BIDE_KIND_TUPLE;
}

static int refuse(bide_value v)
{
    return bide_raise(BIDE_TypeError,
                      "a %s stays on its thread: what crosses to another is copied; send what it "
                      "holds, or a pointer",
                      bide_type_name(v));
}

static int check(bide_value v, int depth)
{
    if (depth > DEEPEST)
        return bide_raise(BIDE_RecursionError,
                          "a value that crosses to another thread may be nested %d deep", DEEPEST);
    if (v.kind == BIDE_KIND_JS)
        return refuse(v);
    if (v.kind == BIDE_KIND_OBJECT && !bide__exception_of(v) && !v.as.object->type->shared)
        return refuse(v);
    for (size_t i = 0; is_sequence(v) && i < bide_size(v); i++)
        if (check(bide_item(v, i), depth + 1) < 0)
            return BIDE_RAISED;
    return 0;
}

static bool crosses(bide_value v, int depth)
{
    bide_value pending = bide_error_take();
    bool does = check(v, depth) == 0;
    bide_error_clear();
    if (!bide_is_none(pending))
        bide_error_restore(pending);
    return does;
}

bool bide__crosses(bide_value v)
{
    return crosses(v, 0);
}

/* What an exception holds besides its text goes along if it can. */
static bide_value if_it_crosses(bide_value v, int depth)
{
    return crosses(v, depth) ? v : BIDE_NONE;
}

/* --- packing ------------------------------------------------------------------------ */

static int add(bide_parcel **parcel, const void *bytes, size_t size)
{
    bide_parcel *self = *parcel;
    if (self->room - self->size < size) {
        size_t room = (self->room + size) * 2;
        self = bide__realloc(self, sizeof *self + room);
        if (!self)
            return BIDE_RAISED;
        self->room = room;
        *parcel = self;
    }
    if (size)
        memcpy(self->bytes + self->size, bytes, size);
    self->size += size;
    return 0;
}

static int pack(bide_parcel **parcel, bide_value v, int depth);

static int pack_exception(bide_parcel **parcel, const bide__exception *e, int depth)
{
    bool same = !bide_is_none(e->cause) && bide_is(e->cause, e->context);
    bide_value parts[] = {
        e->message,
        if_it_crosses(e->value, depth),
        if_it_crosses(e->cause, depth),
        same ? BIDE_NONE : if_it_crosses(e->context, depth),
        if_it_crosses(e->members, depth),
    };
    bide_value node = {.kind = BIDE_KIND_OBJECT, .unused = EXCEPTION, .as = {.i = same}};
    if (e->shared)
        node.unused = EXCEPTION_WITHOUT_MEMORY;
    if (add(parcel, &node, sizeof node) < 0 || add(parcel, &e->type, sizeof e->type) < 0)
        return BIDE_RAISED;
    if (e->shared)
        return 0;
    if (add(parcel, &e->site_count, sizeof e->site_count) < 0 ||
        add(parcel, e->sites, sizeof e->sites) < 0 ||
        add(parcel, &e->add_members, sizeof e->add_members) < 0)
        return BIDE_RAISED;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (pack(parcel, parts[i], depth) < 0)
            return BIDE_RAISED;
    return 0;
}

static int pack_shared(bide_parcel **parcel, bide_object *object)
{
    bide__shared *shared = object->type->shared(object);
    bide_value node = {.kind = BIDE_KIND_OBJECT, .unused = SHARED, .as = {.ptr = shared}};
    if (!shared || add(parcel, &node, sizeof node) < 0)
        return BIDE_RAISED;
    bide__shared_ref(shared);
    return 0;
}

/* v has been checked, but for the contexts of exceptions: those too deep are left out. */
static int pack(bide_parcel **parcel, bide_value v, int depth)
{
    const bide__exception *e = bide__exception_of(v);
    if (e && depth > DEEPEST)
        return add(parcel, &BIDE_NONE, sizeof v);
    if (e)
        return pack_exception(parcel, e, depth + 1);
    if (v.kind == BIDE_KIND_OBJECT)
        return pack_shared(parcel, v.as.object);
    bide_value node = v;
    if (v.kind >= BIDE_KIND_STR)
        node.as.i = (int64_t)bide_size(v);
    if (add(parcel, &node, sizeof node) < 0)
        return BIDE_RAISED;
    if (v.kind == BIDE_KIND_STR || v.kind == BIDE_KIND_BYTES)
        return add(parcel, bide_data(v), bide_size(v));
    for (size_t i = 0; is_sequence(v) && i < bide_size(v); i++)
        if (pack(parcel, bide_item(v, i), depth + 1) < 0)
            return BIDE_RAISED;
    return 0;
}

bide_parcel *bide_parcel_pack(bide_value v)
{
    enum { ROOM = 3 * sizeof(bide_value) };
    bide_parcel *parcel = NULL;
    if (bide_failed(v))
        bide__propagate();
    else if (check(v, 0) == 0 && (parcel = bide__alloc(sizeof *parcel + ROOM)))
        parcel->room = ROOM;
    if (parcel && pack(&parcel, v, 0) < 0) {
        bide_value error = bide_error_take();
        bide_parcel_drop(parcel);
        parcel = NULL;
        bide_error_restore(error);
    }
    bide_drop(v);
    return parcel;
}

/* --- opening ------------------------------------------------------------------------ */

struct reader {
    const bide_parcel *parcel;
    size_t at;
    bool keep;   /* the parcel stays, and its references with it */
    bool failed; /* nothing is made any more: an exception is pending, or the parcel is dropped */
};

/* The next bytes. A parcel that could not be packed to its end is being dropped: NULL there. */
static const void *pass(struct reader *reader, size_t size)
{
    if (reader->parcel->size - reader->at < size)
        return NULL;
    reader->at += size;
    return reader->parcel->bytes + (reader->at - size);
}

static void take(struct reader *reader, void *out, size_t size)
{
    const void *bytes = pass(reader, size);
    if (bytes)
        memcpy(out, bytes, size);
    else
        memset(out, 0, size);
}

static bide_value made(struct reader *reader, bide_value v)
{
    if (bide_failed(v))
        reader->failed = true;
    return v;
}

static bide_value unpack(struct reader *reader);

static bide_value unpack_text(struct reader *reader, bide_value node)
{
    size_t size = (size_t)node.as.i;
    const void *bytes = pass(reader, size);
    if (reader->failed)
        return BIDE_FAILED;
    return made(reader,
                node.kind == BIDE_KIND_STR ? bide_strn(bytes, size) : bide_bytes(bytes, size));
}

static bide_value unpack_sequence(struct reader *reader, bide_value node)
{
    size_t count = (size_t)node.as.i;
    bide_value *items = NULL;
    if (!reader->failed && count && !(items = bide__alloc(count * sizeof *items)))
        reader->failed = true;
    for (size_t i = 0; i < count && reader->at < reader->parcel->size; i++) {
        bide_value item = unpack(reader);
        if (items)
            items[i] = item;
        else
            bide_drop(item);
    }
    bide_value v = BIDE_FAILED;
    if (!reader->failed) {
        v = made(reader, node.kind == BIDE_KIND_LIST ? bide_list_of(items, count)
                                                     : bide_tuple_of(items, count));
    } else if (items) {
        for (size_t i = 0; i < count; i++)
            bide_drop(items[i]);
    }
    bide__free(items);
    return v;
}

static bide_value unpack_exception(struct reader *reader, bool same)
{
    bide__exception read = {.shared = false};
    take(reader, &read.type, sizeof read.type);
    take(reader, &read.site_count, sizeof read.site_count);
    take(reader, read.sites, sizeof read.sites);
    take(reader, &read.add_members, sizeof read.add_members);
    bide_value *const parts[] = {&read.message, &read.value, &read.cause, &read.context,
                                 &read.members};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        *parts[i] = unpack(reader);
    if (bide_is_none(read.members))
        read.add_members = NULL;
    if (same)
        read.context = bide_ref(read.cause);
    bide__exception *e = NULL;
    if (!reader->failed && !(e = bide_object_new(&bide__exception_type, sizeof *e)))
        reader->failed = true;
    if (!e) {
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
            bide_drop(*parts[i]);
        return BIDE_FAILED;
    }
    read.base = e->base;
    *e = read;
    return bide_object_value(e);
}

/* The one of this thread. */
static bide_value unpack_exception_without_memory(struct reader *reader)
{
    const bide_error_type *type = NULL;
    take(reader, &type, sizeof type);
    if (reader->failed)
        return BIDE_FAILED;
    if (type == BIDE_GeneratorExit)
        return bide__generator_exit();
    bide__raise_no_memory();
    return bide_error_take();
}

static bide_value unpack(struct reader *reader)
{
    bide_value node;
    take(reader, &node, sizeof node);
    if (node.kind == BIDE_KIND_STR || node.kind == BIDE_KIND_BYTES)
        return unpack_text(reader, node);
    if (is_sequence(node))
        return unpack_sequence(reader, node);
    if (node.kind != BIDE_KIND_OBJECT)
        return node;
    if (node.unused == EXCEPTION)
        return unpack_exception(reader, node.as.i);
    if (node.unused == EXCEPTION_WITHOUT_MEMORY)
        return unpack_exception_without_memory(reader);
    bide__shared *shared = node.as.ptr;
    if (reader->keep)
        bide__shared_ref(shared);
    if (!reader->failed)
        return made(reader, bide__handle_new(shared));
    bide__shared_drop(shared);
    return BIDE_FAILED;
}

bide_value bide_parcel_open(bide_parcel *parcel)
{
    struct reader reader = {.parcel = parcel};
    if (!parcel) {
        bide__propagate();
        return BIDE_FAILED;
    }
    bide_value v = unpack(&reader);
    bide__free(parcel);
    return v;
}

bide_value bide__parcel_copy(const bide_parcel *parcel)
{
    struct reader reader = {.parcel = parcel, .keep = true};
    return unpack(&reader);
}

void bide_parcel_drop(bide_parcel *parcel)
{
    struct reader reader = {.parcel = parcel, .failed = true};
    if (parcel)
        bide_drop(unpack(&reader));
    bide__free(parcel);
}
