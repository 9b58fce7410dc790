/* context_copy.c - contexts that cross to another thread.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/context.h"

#include "object/memory.h"
#include "object/parcel.h"

/* A list of tuples: a variable, as a pointer, and its value. */
static bide_value list_bindings(const bide__bindings *bindings)
{
    bide_value list = bide_list();
    for (size_t i = 0; i < bindings->count && !bide_failed(list); i++) {
        const bide__binding *item = &bindings->items[i];
        bool crosses = bide__crosses(item->value);
        bide_value value =
            crosses ? bide_ref(item->value) : bide_ptr((void *)&bide__context_stayed);
        bide_value pair = bide_tuple(bide_ptr(item->var.as.object), value);
        if (bide_list_append(list, pair) < 0) {
            bide_drop(list);
            list = BIDE_FAILED;
        }
    }
    return list;
}

int bide__context_pack(bide_parcel **out)
{
    const bide__bindings *bindings = *bide__context_slot_now();
    *out = NULL;
    if (!bindings || bindings->count == 0)
        return 0;
    *out = bide_parcel_pack(list_bindings(bindings));
    return *out ? 0 : BIDE_RAISED;
}

int bide__context_open(bide_parcel **parcel, bide__bindings **out)
{
    *out = NULL;
    if (!*parcel)
        return 0;
    bide_value list = bide_parcel_open(*parcel);
    *parcel = NULL;
    size_t count = bide_size(list);
    bide__bindings *bindings = NULL;
    if (!bide_failed(list))
        bindings = bide__alloc(sizeof *bindings + count * sizeof bindings->items[0]);
    if (bindings) {
        bindings->refs = 1;
        bindings->count = count;
    }
    for (size_t i = 0; bindings && i < count; i++) {
        bide_value pair = bide_item(list, i);
        bide_value var = {.kind = BIDE_KIND_OBJECT, .as = bide_item(pair, 0).as};
        bindings->items[i] = (bide__binding){bide__context_key(var), bide_ref(bide_item(pair, 1))};
    }
    bide_drop(list);
    *out = bindings;
    return bindings ? 0 : BIDE_RAISED;
}
