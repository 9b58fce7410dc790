/* observe.h - looking at each step of each task: for traces, slow steps and debug mode.
 *
 * A loop is `observed` while somebody wants that; the loop asks it once for each thing that it
 * runs.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_OBSERVE_H
#define BIDE_LOOP_OBSERVE_H

#include "loop/task.h"

/* Finds out whether the loop is to be observed. */
void bide__observe(bide__loop *loop);
/* Runs what is ready, and tells what came of it. */
void bide__barrier_observe(bide__ready *ready, bide__loop *loop,
                           void (*run)(bide__ready *ready, bide__loop *loop));
/* The first step of an eager task, which is taken inside the step of another. */
void bide__observe_step(bide__task *task, void (*step)(bide__task *task, bide_value error));
void bide__observe_created(bide__task *task);
void bide__observe_cancelled(bide__task *task);

/* Where its innermost coroutine awaits, or did last; NULL if it did nowhere yet. */
const bide_site *bide__task_site(const bide__task *task);

#endif
