/* block_pool.h - the memory of a fiber on WebAssembly: control block and stack in one.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_BLOCK_POOL_H
#define BIDE_FIBER_BLOCK_POOL_H

#include <bide/fiber.h>

/* A control block with a stack of at least `size` bytes; NULL if there is no memory. */
bide_fiber *bide__block_take(size_t size);
void bide__block_give(bide_fiber *fiber);
/* At least `size` bytes that go with the fiber, for saved locals that do not fit its stack. The
 * ones of an earlier call are reused. NULL if there is no memory. */
char *bide__block_spill(bide_fiber *fiber, size_t size);
/* A number that no other block has, from 0 on without gaps. The fiber keeps it. */
unsigned bide__block_number(const bide_fiber *fiber);

#endif
