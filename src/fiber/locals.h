/* locals.h - see locals.c.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_LOCALS_H
#define BIDE_FIBER_LOCALS_H

#include <stdbool.h>

#define BIDE__EXPORT(name) __attribute__((export_name(#name)))

/* Whether every frame asks if it fits. */
BIDE__EXPORT(bide_fiber_frames_ask) bool bide__frames_ask(void);
/* Called by one that does not: has the unwind go on in the area that the next answers. */
BIDE__EXPORT(bide_fiber_make_room) void bide__make_room(void);
/* The area that follows one that is full up to its `top` (asyncify.c). */
BIDE__EXPORT(bide_fiber_next_area) void *bide__next_area(void *full);

#endif
