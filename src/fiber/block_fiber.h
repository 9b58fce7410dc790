/* block_fiber.h - what the two ways to switch on WebAssembly share: a fiber is a block of linear
 * memory (block_pool.h) with a C stack in it, and the stack pointer is a global.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_BLOCK_FIBER_H
#define BIDE_FIBER_BLOCK_FIBER_H

#include <bide/fiber.h>

#include "fiber/block_pool.h"

__asm__(".globaltype __stack_pointer, i32\n");

__attribute__((always_inline)) static inline char *bide__get_sp(void)
{
    char *sp;
    __asm__ volatile("global.get __stack_pointer\n\tlocal.set %0" : "=r"(sp));
    return sp;
}

__attribute__((always_inline)) static inline void bide__set_sp(char *sp)
{
    __asm__ volatile("local.get %0\n\tglobal.set __stack_pointer" : : "r"(sp) : "memory");
}

/* Whether `sp` is in the program's own stack, which is below all other memory. */
__attribute__((always_inline)) static inline bool bide__is_plain(const char *sp)
{
    return sp <= &__global_base;
}

/* bide_fiber_new, for a backend that has nothing to add. */
bide_fiber *bide__fiber_make(bide_fiber_entry *entry, void *arg, size_t stack_size,
                             const char *name);

/* Why a fiber that is not suspended cannot be resumed. */
static inline int bide__refuse_resume(const bide_fiber *fiber)
{
    return fiber->state == BIDE_FIBER_DONE ? BIDE_FIBER_EDONE : BIDE_FIBER_EBUSY;
}

/* Why a fiber that is barred cannot be suspended. */
int bide__cold_barred(const bide_fiber *fiber);

#endif
