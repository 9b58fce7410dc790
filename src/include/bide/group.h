/* bide/group.h - asyncio.TaskGroup: tasks that live no longer than a block.
 *
 *     BIDE_ASYNC_WITH (group, bide_group()) {
 *         BIDE_WITH_TRY(group, bide_group_start(group, bide_coro(fetch, bide_str("a"))));
 *         BIDE_WITH_TRY(group, bide_group_start(group, bide_coro(fetch, bide_str("b"))));
 *     }
 *     BIDE_END_WITH(group);
 *
 * The block ends when all its tasks have. When one fails, the others and the block itself are
 * cancelled, and the block raises an ExceptionGroup of what they raised.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_GROUP_H
#define BIDE_GROUP_H

#include <bide/protocol.h>
#include <bide/task.h>

#ifdef __cplusplus
extern "C" {
#endif

bide_value bide_group(void);
/* group.create_task: a task of the group. `group` is borrowed, `coro` moves in (on failure it is
 * closed). RuntimeError before the block, after it, and while the group is shutting down. */
bide_value bide_group_task(bide_value group, bide_value coro, const char *name);
/* The same for a task nobody needs to hold: 0 or BIDE_RAISED. */
int bide_group_start(bide_value group, bide_value coro);

#ifdef __cplusplus
}
#endif
#endif
