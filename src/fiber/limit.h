/* limit.h - how many fibers may be live.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_LIMIT_H
#define BIDE_FIBER_LIMIT_H

#include <stddef.h>

extern size_t bide__fiber_most; /* of each thread */

#endif
