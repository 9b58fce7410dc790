/* parts.h - parts of the object layer that leave their mark in others, and whether a program has
 * them.
 *
 * Where size counts that is for the linker to say: what a part's file defines, which is there if
 * something has called for it, is referred to weakly from elsewhere, behind BIDE__HAS. Elsewhere
 * all parts are there.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_OBJECT_PARTS_H
#define BIDE_OBJECT_PARTS_H

#include <bide/value.h>

#if BIDE__SMALL
#define BIDE__WEAK __attribute__((weak))
#define BIDE__HAS(name) (&bide__part_##name != 0)
#define BIDE__PART(name) const char bide__part_##name = 0
#define BIDE__DECLARE_PART(name) extern const char bide__part_##name BIDE__WEAK
#else
#define BIDE__WEAK
#define BIDE__HAS(name) 1
#define BIDE__PART(name) _Static_assert(1, #name)
#define BIDE__DECLARE_PART(name) _Static_assert(1, #name)
#endif

BIDE__DECLARE_PART(agen);      /* async generators: agen.c */
BIDE__DECLARE_PART(coroutine); /* coroutines: coroutine_type.c */
BIDE__DECLARE_PART(inline);    /* what runs on the stack of another: inline.c */
BIDE__DECLARE_PART(defer);     /* defer.c */
BIDE__DECLARE_PART(with);      /* with.c */
BIDE__DECLARE_PART(groups);    /* of exceptions: error_group.c */
BIDE__DECLARE_PART(counts);    /* of objects and allocations: debug_memory.c */
BIDE__DECLARE_PART(report);    /* of what has not ended: debug_report.c */

#endif
