/* bide/timeout.h - limits in time: asyncio.timeout and wait_for.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_TIMEOUT_H
#define BIDE_TIMEOUT_H

#include <bide/protocol.h>
#include <bide/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* asyncio.timeout: a manager for BIDE_ASYNC_WITH. When `delay` ns have passed, what the block
 * awaits is cancelled and the block raises TimeoutError. BIDE_NEVER: no limit. A delay of 0 lets
 * the block run up to its first await. The block's variable is the timeout itself. */
bide_value bide_timeout(int64_t delay);
/* asyncio.timeout_at: the same with a deadline on the loop's clock. */
bide_value bide_timeout_at(int64_t deadline);
/* The deadline; BIDE_NEVER without one. Borrows, as do the next two. */
int64_t bide_timeout_when(bide_value timeout);
/* Whether the block was left by this timeout. */
bool bide_timeout_expired(bide_value timeout);
/* Moves the deadline, or with BIDE_NEVER removes it. RuntimeError outside the block. */
int bide_timeout_reschedule(bide_value timeout, int64_t deadline);

/* asyncio.wait_for: awaits `awaitable` (moves in) for at most `delay` ns; then it is cancelled and
 * awaited, and TimeoutError is raised. BIDE_NEVER: no limit. A coroutine runs in the calling task,
 * as since Python 3.12. */
BIDE_ASYNC int bide_wait_for(bide_value awaitable, int64_t delay, bide_value *out);
/* The same until a deadline. */
BIDE_ASYNC int bide_wait_until(bide_value awaitable, int64_t deadline, bide_value *out);

#ifdef __cplusplus
}
#endif
#endif
