/* list.h - what the other files of the object layer need of text.c and list.c.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_OBJECT_LIST_H
#define BIDE_OBJECT_LIST_H

#include <bide/value.h>

size_t bide__text_size(bide_value v); /* of a str or bytes */
size_t bide__list_size(bide_value v); /* of a list or tuple */
/* An empty list with room for so many items. */
bide_value bide__list_for(size_t count);
/* Takes item i out of a list or tuple that nobody else has, and leaves None there. */
bide_value bide__list_take(bide_value v, size_t i);
/* tuple(v) of a list or tuple, which is borrowed. */
bide_value bide__tuple_copy(bide_value v);
/* list.remove: the first item that is v; nothing if there is none. v moves in. */
void bide__list_remove(bide_value list, bide_value v);
/* list.pop(): the last item. */
bide_value bide__list_pop(bide_value list);
/* Two lists have what the other had. */
void bide__list_swap(bide_value one, bide_value other);

#endif
