/* overflow.h - reports a stack overflow by name instead of dying of a bare fault.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_OVERFLOW_H
#define BIDE_FIBER_OVERFLOW_H

#include <bide/fiber.h>

#include "fiber/complain.h"

/* Writes the report. Needs no memory, and no stack but a few hundred bytes. */
static inline void bide__overflow_report(const bide_fiber *fiber)
{
    char digits[BIDE__DIGITS];
    bide__complain("bide: stack overflow: '", fiber->name ? fiber->name : "a fiber",
                   "' used up its stack of ", bide__decimal(digits, fiber->stack_size),
                   BIDE__STACK_ADVICE, "\n", NULL);
}

/* Natively: watches the calling thread from now on; cheap when it does already. */
void bide__overflow_watch(void);

#endif
