/* limit.h - how many fibers may be live.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_LIMIT_H
#define BIDE_FIBER_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern size_t bide__fiber_most; /* of each thread; SIZE_MAX: as many as there is memory for */

static inline bool bide__too_many_fibers(size_t live)
{
    return bide__fiber_most != SIZE_MAX && live >= bide__fiber_most;
}

#endif
