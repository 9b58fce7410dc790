/* agen.h - the slots that coroutine objects and async generators fill with awaitables.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_OBJECT_AGEN_H
#define BIDE_OBJECT_AGEN_H

#include <bide/step.h>

bide_value bide__agen_anext_slot(void *self);
bide_value bide__agen_aclose_slot(void *self);
/* Asks the hook whether a yield is allowed now: 0 or BIDE_RAISED. */
int bide__agen_may_yield(bide__coro *agen);
/* coroutine.__await__(): an iterator that drives it (await_iter.c). */
bide_value bide__coroutine_await_slot(void *self);

/* For introspection, and on loan: what an awaitable steps that has no body of its own: an asend its
 * async generator, an anext with a default its iterator. BIDE_NONE for all else. */
bide_value bide__step_target(bide_value v);
/* The part of it that anext.c knows. */
bide_value bide__anext_target(bide_value v);

#endif
