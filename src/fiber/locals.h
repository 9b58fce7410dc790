/* locals.h - see locals.c.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_LOCALS_H
#define BIDE_FIBER_LOCALS_H

#include <stdbool.h>

#define BIDE__EXPORT(name) __attribute__((export_name(#name)))

/* Whether every frame asks if it fits. */
BIDE__EXPORT(bide_fiber_frames_ask) bool bide__frames_ask(void);
/* What was noted last: Asyncify's state. If every frame asks, it is read from there. */
BIDE__EXPORT(bide_fiber_mode) int bide__mode(void);
BIDE__EXPORT(bide_fiber_note_mode) void bide__note_mode(int now);
/* Called by one that does not: has the unwind go on in the area that the next answers. */
BIDE__EXPORT(bide_fiber_make_room) void bide__make_room(void);
/* The area that follows one that is full up to its `top` (asyncify.c). */
BIDE__EXPORT(bide_fiber_next_area) void *bide__next_area(void *full);

#endif
