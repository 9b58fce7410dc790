/* run.h - the pieces of asyncio.run, for runners.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_RUN_H
#define BIDE_LOOP_RUN_H

#include "loop/loop.h"

/* A loop on the host that is in force; NULL with an exception. */
bide__loop *bide__loop_on_host(void);
/* A loop on `host`, which it owns, with the other settings that are in force; NULL, which `host`
 * may be too, with an exception. */
bide__loop *bide__loop_with(bide_host *host);
/* Whether `coro` can be run from here by `who`: 0 or BIDE_RAISED. Borrows. */
int bide__check_main(bide_value coro, const char *who);
/* Runs it (moves in) to its end: 0 with its result, or BIDE_RAISED. */
int bide__run_main(bide__loop *loop, bide_value coro, bide_value *result);

#endif
