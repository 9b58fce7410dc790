/* shuffle.h - running what has no specified order in one that a seed gives, to find races.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_SHUFFLE_H
#define BIDE_LOOP_SHUFFLE_H

#include "loop/loop.h"

/* Shuffles from now on. */
void bide__shuffle_from(bide__loop *loop, uint64_t seed);
/* The next number: the same on every target. */
uint64_t bide__random(bide__loop *loop);
/* An iteration's batch in another order: what has an order of its own keeps it (bide_use_seed says
 * what has). Without memory the batch stays as it is. */
bide__ready *bide__shuffle(bide__loop *loop, bide__ready *batch);

#endif
