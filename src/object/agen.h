/* agen.h - the awaitables that coroutines and async generators give.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_OBJECT_AGEN_H
#define BIDE_OBJECT_AGEN_H

#include <bide/step.h>

/* coroutine.__await__(): an iterator that drives it (await_iter.c). */
bide_value bide__coroutine_await_slot(void *self);

/* For introspection, and on loan: what an awaitable steps that has no body of its own: an asend its
 * async generator, an anext with a default its iterator. BIDE_NONE for all else. */
bide_value bide__step_target(bide_value v);
/* The part of it that anext.c knows. */
bide_value bide__anext_target(bide_value v);

#endif
