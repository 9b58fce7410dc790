/* shutdown.h - the end of a loop.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_SHUTDOWN_H
#define BIDE_LOOP_SHUTDOWN_H

#include "loop/loop.h"

/* Cancels and waits for what is left, closes async generators, then the loop. Errors are reported.
 */
void bide__loop_shut_down(bide__loop *loop);

#endif
