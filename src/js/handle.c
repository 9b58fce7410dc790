/* handle.c - handles and their types.
 *
 * A handle has the type of its JavaScript class, made when the class is first seen: so type names,
 * CPython's messages and bide_has tell the truth about it. Types are few and stay.
 *
 * SPDX-License-Identifier: MIT */
#include "js/handle.h"

#include <bide/error.h>
#include <bide/protocol.h>

#include <string.h>

#include "js/request.h"
#include "object/memory.h"

typedef struct js_handle {
    bide_object base;
    uint32_t id;
    uint32_t crossings;
} js_handle;

typedef struct js_class {
    bide_type type;
    struct js_class *next;
    uint32_t abilities;
    char name[];
} js_class;

enum { CLASSES = 256 }; /* beyond them all are called Object */

static js_class *classes;
static unsigned class_count;
static struct {
    js_handle *handle; /* NULL where C has none */
    uint32_t owed;     /* crossings given up that JavaScript could not be told of */
} *handles;            /* by id */
static uint32_t capacity, held;
static bool owing;

/* --- what a handle does -------------------------------------------------------------- */

static void finalize(void *self)
{
    js_handle *handle = self;
    handles[handle->id].handle = NULL;
    held--;
    if (bide__js_tell(BIDE__ASK_RELEASE, handle->id, handle->crossings))
        return;
    handles[handle->id].owed += handle->crossings;
    owing = true;
}

void bide__js_tell_owed(void)
{
    if (!owing)
        return;
    owing = false;
    for (uint32_t id = 0; id < capacity; id++) {
        if (handles[id].owed == 0)
            continue;
        if (bide__js_tell(BIDE__ASK_RELEASE, id, handles[id].owed))
            handles[id].owed = 0;
        else
            owing = true;
    }
}

static bide_value repr(void *self)
{
    return bide_strf("<JavaScript %s>", ((js_handle *)self)->base.type->name);
}

/* __await__: a future that settles as the thenable does. */
static bide_value await(void *self)
{
    bide_value future = bide__js_ask_begin(BIDE__ASK_AWAIT);
    bide__put_u32(&bide__js_outbox, ((js_handle *)self)->id);
    return bide_await_iter(bide__js_ask_end(future));
}

static bide_value value_of(js_handle *handle)
{
    return (bide_value){.kind = BIDE_KIND_JS, .as = {.object = &handle->base}};
}

static bide_value aiter(void *self)
{
    return bide__js_iterator(bide_ref(value_of(self)));
}

/* --- types --------------------------------------------------------------------------- */

static const bide_type *class_of(uint32_t abilities, const char *name, size_t size)
{
    if (class_count >= CLASSES || size > 64) {
        name = "Object";
        size = strlen(name);
    }
    for (js_class *c = classes; c; c = c->next) {
        if (c->abilities == abilities && strlen(c->name) == size && !memcmp(c->name, name, size))
            return &c->type;
    }
    js_class *c = bide__alloc(sizeof *c + size + 1);
    if (!c)
        return NULL;
    memcpy(c->name, name, size);
    c->abilities = abilities;
    c->type = (bide_type){
        .name = c->name,
        .finalize = finalize,
        .repr = repr,
        .await = abilities & BIDE__JS_THENABLE ? await : NULL,
        .aiter = abilities & BIDE__JS_ITERABLE ? aiter : NULL,
    };
    c->next = classes;
    classes = c;
    class_count++;
    return &c->type;
}

/* --- handles ------------------------------------------------------------------------- */

static bool make_room(uint32_t id)
{
    if (id < capacity)
        return true;
    uint32_t larger = capacity ? capacity : 64;
    while (larger <= id)
        larger *= 2;
    void *moved = bide__realloc(handles, larger * sizeof *handles);
    if (!moved)
        return false;
    handles = moved;
    memset(handles + capacity, 0, (larger - capacity) * sizeof *handles);
    capacity = larger;
    return true;
}

bide_value bide__js_handle(uint32_t id, uint8_t abilities, const char *name, size_t size)
{
    if (!make_room(id))
        return BIDE_FAILED;
    js_handle *handle = handles[id].handle;
    if (handle) {
        handle->crossings++;
        return bide_ref(value_of(handle));
    }
    const bide_type *type = class_of(abilities, name, size);
    handle = type ? bide_object_new(type, sizeof *handle) : NULL;
    if (!handle)
        return BIDE_FAILED;
    handle->id = id;
    handle->crossings = 1;
    handles[id].handle = handle;
    held++;
    return value_of(handle);
}

uint32_t bide__js_handle_id(bide_value handle)
{
    return ((js_handle *)handle.as.object)->id;
}

uint32_t bide__js_handle_count(void)
{
    return held;
}
