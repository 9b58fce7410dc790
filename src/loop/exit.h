/* exit.h - exceptions that end a run wherever they are raised: SystemExit and KeyboardInterrupt.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_EXIT_H
#define BIDE_LOOP_EXIT_H

#include "loop/loop.h"

bool bide__is_exit(bide_value error);
/* A task or callback has raised `error` (borrowed): if it is one of the two and the loop runs a
 * main, the run ends at once, with it, and what was ready is left for the end: whether that is so.
 */
bool bide__loop_exit(bide__loop *loop, bide_value error);

/* A callback has raised the pending exception: any other than those is reported. */
void bide__callback_failed(bide__loop *loop);

#endif
