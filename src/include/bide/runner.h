/* bide/runner.h - loops that are run more than once: asyncio.Runner, and the loop itself.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_RUNNER_H
#define BIDE_RUNNER_H

#include <bide/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* asyncio.new_event_loop(), on the host that bide_run would use. A loop is a value; the functions
 * borrow it. RuntimeError "Event loop is closed" on one that is. */
bide_value bide_loop(void);
/* asyncio.get_running_loop(): yours to drop. RuntimeError if none runs. */
bide_value bide_running_loop(void);
/* loop.run_forever: until bide_loop_stop. RuntimeError if a loop runs already. */
int bide_loop_run_forever(bide_value loop);
/* loop.run_until_complete: a coroutine or future, which moves in. */
int bide_loop_run_until_complete(bide_value loop, bide_value awaitable, bide_value *result);
/* Runs the loop for `ns` of its time, whatever happens; then it may be run on. On the virtual clock
 * it is how a test lets an hour pass and looks at what that did. */
int bide_loop_run_for(bide_value loop, int64_t ns);
/* loop.stop: the loop ends after the iteration that runs, or the next one. */
int bide_loop_stop(bide_value loop);
/* Always close what bide_loop or bide_runner made: a callback or task whose argument refers to its
 * loop keeps it alive otherwise.
 * loop.close: forgets what is scheduled; tasks that are left are reported when they go.
 * RuntimeError while it runs. Closing twice is fine. */
int bide_loop_close(bide_value loop);
bool bide_loop_is_running(bide_value loop);
bool bide_loop_is_closed(bide_value loop);
/* loop.time(). */
int64_t bide_loop_time(bide_value loop);
/* loop.call_soon, loop.create_task, loop.create_future on a loop that need not be running. */
bide_value bide_loop_call_soon(bide_value loop, bide_callback *fn, bide_value arg);
bide_value bide_loop_task(bide_value loop, bide_value coro, const char *name);
#define bide_loop_future(loop) bide_loop_future_at(BIDE_HERE, loop)
bide_value bide_loop_future_at(const bide_site *site, bide_value loop);

/* asyncio.Runner: several runs on one loop, then the end that bide_run gives it. */
bide_value bide_runner(void);
int bide_runner_run(bide_value runner, bide_value coro, bide_value *result);
int bide_runner_close(bide_value runner);

#ifdef __cplusplus
}
#endif
#endif
