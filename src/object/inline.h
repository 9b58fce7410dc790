/* inline.h - coroutines that run on the stack of the one that awaits them (inline.c).
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_OBJECT_INLINE_H
#define BIDE_OBJECT_INLINE_H

#include "object/exec.h"

/* Whether awaiting `self` may run it here: fresh, reachable by nobody else, and room enough. */
bool bide__can_inline(const bide__coro *self);
/* Runs it: `self` moves in. */
int bide__await_inline(bide__exec *exec, bide__coro *self, bide_value *out);
/* RecursionError if `self` runs too many awaits deep. */
int bide__check_level(const bide__coro *self);
/* How much of a fiber's stack must be left where it suspends. */
size_t bide__reserve(const bide_fiber *fiber);

#endif
