/* futures.h - long lists of futures: where each stands first, as one may be given twice; and
 * forgetting those that are done.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_FUTURES_H
#define BIDE_LOOP_FUTURES_H

#include <bide/value.h>

/* A hash table, so that long lists are no trouble; zeroed to start with. Its memory is taken when
 * the first item comes that somebody else has too. */
struct bide__places {
    size_t *slots; /* owned; a place + 1, or 0; NULL until it is needed */
    size_t mask;
};

/* The first place of what stands at i, where all before it were asked for. Without memory for the
 * table, the size of the list, with MemoryError. */
size_t bide__first_place(struct bide__places *self, bide_value list, size_t i);
void bide__places_free(struct bide__places *self);

/* Whether nobody else has a reference to it. */
static inline bool bide__is_alone(bide_value item)
{
    return item.kind == BIDE_KIND_OBJECT && item.as.object->refs == 1;
}

/* Drops those that are done from a list in which few are not, `left` at most; otherwise nothing, so
 * that it may be called as each is done. Without memory for that they stay. */
void bide__forget_done(bide_value futures, size_t left);

#endif
