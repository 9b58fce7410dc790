/* open_agens.h - the async generators that a loop closes when nobody else does.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_OPEN_AGENS_H
#define BIDE_LOOP_OPEN_AGENS_H

#include "loop/loop.h"

/* The hooks of a running loop. */
bide_agen_hooks bide__loop_agen_hooks(void);
/* Closes every open async generator, all at once; errors are reported. */
void bide__loop_close_agens(bide__loop *loop);

#endif
