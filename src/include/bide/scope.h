/* bide/scope.h - cancel scopes: blocks that can be cancelled, with a deadline or a shield.
 *
 *     BIDE_ASYNC_WITH (scope, bide_scope(BIDE_SECONDS(5))) {
 *         BIDE_WITH_TRY(scope, fetch_everything());
 *     }
 *     BIDE_END_WITH(scope);
 *
 * A cancellation of asyncio is an event: caught once, it is over. That of a scope is a state. Once
 * a scope is cancelled, every await inside it that has to wait fails with CancelledError, also in
 * what the block calls, until the block is left; who catches the error meets it again at the next
 * await. What is awaited at that moment is cancelled as by bide_future_cancel: of a gather or a
 * task group the tasks, of bide_await_shared only the waiting. An await that is done already gives
 * what it has.
 *
 * The error carries its scope (bide_error_value), and each scope stops only its own: an inner one
 * never takes an outer one's cancellation, nor a task's (bide_future_cancel), nor does a timeout or
 * a task group take a scope's. Where several scopes are cancelled the error is the outermost's.
 * A scope cancels the task that entered it; other tasks only as that task waits for them. Scopes
 * leave bide_task_cancelling alone.
 *
 * A shielded scope is for cleanup: inside it the cancellations of the scopes around, of timeouts
 * and groups around, and of the task are held back until it is left. Its own deadline limits it: at
 * the deadline its awaits fail until it is left; then what was held back goes on. A task's
 * cancellation that was held back is raised where the scope is left.
 *
 *     BIDE_ASYNC_WITH (scope, bide_shielded_scope(BIDE_SECONDS(2))) {
 *         BIDE_WITH_TRY(scope, say_goodbye(connection));
 *     }
 *     BIDE_END_WITH(scope);
 *
 * An async generator must not yield inside a scope, a timeout or a task group: what would be
 * cancelled is its consumer. It raises RuntimeError, unless it is used by bide_context_manager.
 *
 * The functions borrow the scope and raise TypeError for anything else.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_SCOPE_H
#define BIDE_SCOPE_H

#include <bide/protocol.h>
#include <bide/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A scope for BIDE_ASYNC_WITH, whose variable is the scope itself. It cancels itself `delay` ns
 * after this call, or at a deadline on the loop's clock; BIDE_NEVER: no limit. anyio.CancelScope,
 * anyio.move_on_after. */
bide_value bide_scope(int64_t delay);
bide_value bide_scope_at(int64_t deadline);
/* The same with a shield: CancelScope(shield=True, deadline=...). */
bide_value bide_shielded_scope(int64_t delay);
bide_value bide_shielded_scope_at(int64_t deadline);

/* What the block does, as plain calls. RuntimeError outside tasks, inside a plain generator, and
 * for one that was entered before. */
int bide_scope_enter(bide_value scope);
/* Takes the pending exception if it is this scope's own: 0, or BIDE_RAISED with one that goes on.
 * RuntimeError if the scope is not entered, or if inner ones are. */
int bide_scope_leave(bide_value scope);

/* Cancels it, with a reason (NULL: none) as the message of the errors: 1, or 0 if it was cancelled
 * or left before. One that is not entered yet is cancelled from its beginning. */
int bide_scope_cancel(bide_value scope, const char *reason);
/* Whether it was cancelled, by a call or by its deadline. */
bool bide_scope_cancelled(bide_value scope);
/* Whether it was left by its own cancellation, and stopped it. */
bool bide_scope_caught(bide_value scope);
/* Its deadline; BIDE_NEVER without one. */
int64_t bide_scope_deadline(bide_value scope);
/* Moves the deadline, or with BIDE_NEVER removes it. RuntimeError once it is cancelled or left. */
int bide_scope_reschedule(bide_value scope, int64_t deadline);

/* Of the running task: the earliest deadline of the scopes around that it is not shielded from;
 * 0 if one of them is cancelled, BIDE_NEVER if there is none. */
int64_t bide_current_deadline(void);
/* For work that does not await: 0, or CancelledError if a scope around is cancelled. */
int bide_scope_check(void);

#ifdef __cplusplus
}
#endif
#endif
