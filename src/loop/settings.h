/* settings.h - how the loops of this thread are to be: from calls, or else from the environment.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_SETTINGS_H
#define BIDE_LOOP_SETTINGS_H

#include "loop/loop.h"

/* A host that BIDE_HOST can name. */
typedef struct bide__host_row {
    const char *name;
    bide_host *(*make)(void); /* NULL: no memory */
    struct bide__host_row *next;
    bool preferred; /* taken where nothing is named */
} bide__host_row;

/* Adds a host that the library itself does not know; the row stays. */
void bide__host_offer(bide__host_row *row);

/* The host that is in force; NULL with an exception. */
bide_host *bide__settings_host(void);
/* Sets up a new loop: its seed, debug mode and trace. 0 or BIDE_RAISED. */
int bide__settings_apply(bide__loop *loop);
/* The seed in force; BIDE_NO_SEED if there is none. */
int64_t bide__settings_seed(void);

/* Starts writing a trace, as BIDE_TRACE says, unless one was begun: 0 or BIDE_RAISED
 * (trace_file.c). */
int bide__trace_from_environment(const char *path);

#endif
