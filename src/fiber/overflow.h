/* overflow.h - reports a native stack overflow by name instead of dying of a bare SIGSEGV.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_FIBER_OVERFLOW_H
#define BIDE_FIBER_OVERFLOW_H

/* Watches the calling thread from now on; cheap when it does already. */
void bide__overflow_watch(void);

#endif
