/* dump.h - the tasks of a loop as text: who waits for whom, and where in the source.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_DUMP_H
#define BIDE_LOOP_DUMP_H

#include "loop/park.h"
#include "object/text.h"

/* Every task that is not done, each on a line of its own that begins with a newline. Runs no code
 * of the program's but repr slots. */
void bide__dump(struct bide__text *text, bide__loop *loop);
/* What a future waits for, on one line: "sleep until 3.5 s". */
void bide__text_add_future(struct bide__text *text, const bide__future *future);
/* The same, and what it follows below it. */
void bide__text_add_tree(struct bide__text *text, const bide__future *future);
/* What is waited for where something is parked: "Queue.get on <Queue object>". */
void bide__text_add_parking(struct bide__text *text, const bide__parking *parking);
/* The same of a task: of the future that it awaits, or what it is parked at. Whether it waits. */
bool bide__text_add_wait(struct bide__text *text, const bide__task *task);
/* "3.5 s" */
void bide__text_add_seconds(struct bide__text *text, int64_t ns);

/* The task that holds a lock, which may be gone: to be compared first; NULL if none does (lock.c).
 */
bide__task *bide__lock_holder(bide_value lock);
/* When the earliest timeout of the task's blocks is due; BIDE_NEVER: none (timeout.c). */
int64_t bide__timeout_of(const bide__task *task);

#endif
