/* list.c - lists and tuples, and the iterator over them.
 *
 * SPDX-License-Identifier: MIT */
#include "object/list.h"

#include <bide/protocol.h>

#include <string.h>

#include "object/exec.h"
#include "object/memory.h"

struct list {
    bide_object base;
    bide_value *items; /* owned, as are they */
    size_t size, room;
};

static struct list *list_of(bide_value v)
{
    return (struct list *)v.as.object;
}

static void list_finalize(void *self)
{
    struct list *list = self;
    for (size_t i = 0; i < list->size; i++)
        bide_drop(list->items[i]);
    bide__array_free(list->items, list->room * sizeof *list->items);
}

static bide_value list_iter(void *self);
static bide_value tuple_iter(void *self);

static const bide_type list_type = {
    .name = "list",
    .finalize = list_finalize,
    .iter = list_iter,
};
static const bide_type tuple_type = {
    .name = "tuple",
    .finalize = list_finalize,
    .iter = tuple_iter,
};

static bide_value collect(bide_kind kind, const bide_value *items, size_t count)
{
    struct list *list = NULL;
    bool failed = false;
    for (size_t i = 0; i < count; i++)
        failed |= bide_failed(items[i]);
    if (failed)
        bide__propagate();
    else
        list = bide_object_new(kind == BIDE_KIND_LIST ? &list_type : &tuple_type, sizeof *list);
    bide_value v = {.kind = kind, .as = {.object = (bide_object *)list}};
    if (list && count && !(list->items = bide__array_grow(NULL, 0, count * sizeof *items))) {
        bide_drop(v);
        list = NULL;
    }
    if (!list) {
        for (size_t i = 0; i < count; i++)
            bide_drop(items[i]);
        return BIDE_FAILED;
    }
    if (count)
        memcpy(list->items, items, count * sizeof *items);
    list->size = list->room = count;
    return v;
}

bide_value bide__list_for(size_t count)
{
    bide_value v = bide_list_of(NULL, 0);
    if (bide_failed(v) || count == 0)
        return v;
    struct list *self = list_of(v);
    self->items = bide__array_grow(NULL, 0, count * sizeof *self->items);
    if (self->items) {
        self->room = count;
        return v;
    }
    bide_drop(v);
    return BIDE_FAILED;
}

bide_value bide_list_of(const bide_value *items, size_t count)
{
    return collect(BIDE_KIND_LIST, items, count);
}

bide_value bide_tuple_of(const bide_value *items, size_t count)
{
    return collect(BIDE_KIND_TUPLE, items, count);
}

bide_value bide__tuple_copy(bide_value v)
{
    const struct list *list = list_of(v);
    if (v.kind == BIDE_KIND_TUPLE)
        return bide_ref(v);
    for (size_t i = 0; i < list->size; i++)
        bide_ref(list->items[i]);
    return bide_tuple_of(list->items, list->size);
}

bide_value bide__collect(bide_kind kind, size_t count, const bide_value *items)
{
    return collect(kind, items, count);
}

size_t bide__list_size(bide_value v)
{
    return list_of(v)->size;
}

bide_value bide_item(bide_value v, size_t i)
{
    if ((v.kind != BIDE_KIND_LIST && v.kind != BIDE_KIND_TUPLE) || i >= list_of(v)->size)
        bide__bug(__FILE__, __LINE__, "bide_item needs a list or tuple that has such an item");
    return list_of(v)->items[i];
}

bide_value bide__list_take(bide_value v, size_t i)
{
    bide_value *item = &list_of(v)->items[i], taken = *item;
    *item = BIDE_NONE;
    return taken;
}

int bide_list_append(bide_value list, bide_value item)
{
    if (bide_failed(list) || bide_failed(item)) {
        bide_drop(item);
        return bide__propagate();
    }
    if (list.kind != BIDE_KIND_LIST) {
        bide_drop(item);
        return bide__raise(BIDE_TypeError, "bide_list_append needs a list, not '%s'",
                           bide_type_name(list));
    }
    struct list *self = list_of(list);
    if (self->size == self->room) {
        size_t room = self->room ? self->room * 2 : 4;
        bide_value *larger =
            bide__array_grow(self->items, self->room * sizeof *larger, room * sizeof *larger);
        if (!larger) {
            bide_drop(item);
            return BIDE_RAISED;
        }
        self->items = larger;
        self->room = room;
    }
    self->items[self->size++] = item;
    return 0;
}

void bide__list_remove(bide_value list, bide_value v)
{
    struct list *self = list_of(list);
    for (size_t i = 0; i < self->size; i++) {
        if (!bide_is(self->items[i], v))
            continue;
        bide_value removed = self->items[i];
        self->size--;
        memmove(&self->items[i], &self->items[i + 1], (self->size - i) * sizeof *self->items);
        bide_drop(removed);
        break;
    }
    bide_drop(v);
}

bide_value bide__list_pop(bide_value list)
{
    struct list *self = list_of(list);
    return self->items[--self->size];
}

void bide__list_swap(bide_value one, bide_value other)
{
    struct list *a = list_of(one), *b = list_of(other), before = *a;
    a->items = b->items;
    a->size = b->size;
    a->room = b->room;
    b->items = before.items;
    b->size = before.size;
    b->room = before.room;
}

/* --- iterating: next only, as CPython's list_iterator --------------------------------- */

struct list_iterator {
    bide_object base;
    bide_value list; /* owned; BIDE_NONE when exhausted */
    size_t next;
};

static void iterator_finalize(void *self)
{
    bide_drop(((struct list_iterator *)self)->list);
}

static int iterator_next(void *self, bide_value *out)
{
    struct list_iterator *it = self;
    *out = BIDE_NONE;
    if (bide_is_none(it->list) || it->next >= list_of(it->list)->size) {
        bide_drop(it->list);
        it->list = BIDE_NONE;
        return BIDE_RETURNED;
    }
    *out = bide_ref(list_of(it->list)->items[it->next++]);
    return BIDE_YIELDED;
}

static const bide_type list_iterator_type = {
    .name = "list_iterator",
    .finalize = iterator_finalize,
    .iter = bide_self,
    .next = iterator_next,
};
static const bide_type tuple_iterator_type = {
    .name = "tuple_iterator",
    .finalize = iterator_finalize,
    .iter = bide_self,
    .next = iterator_next,
};

static bide_value make_iterator(const bide_type *type, bide_kind kind, void *list)
{
    struct list_iterator *it = bide_object_new(type, sizeof *it);
    if (!it)
        return BIDE_FAILED;
    it->list = bide_ref((bide_value){.kind = kind, .as = {.object = list}});
    return bide_object_value(it);
}

static bide_value list_iter(void *self)
{
    return make_iterator(&list_iterator_type, BIDE_KIND_LIST, self);
}

static bide_value tuple_iter(void *self)
{
    return make_iterator(&tuple_iterator_type, BIDE_KIND_TUPLE, self);
}
