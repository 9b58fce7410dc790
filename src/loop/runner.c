/* runner.c - loops and runners as values: run more than once, stopped, closed.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/runner.h>

#include "loop/checked.h"
#include "loop/port.h"
#include "loop/run.h"
#include "loop/shutdown.h"
#include "loop/task.h"

/* --- the loop ----------------------------------------------------------------------- */

bide_value bide_loop(void)
{
    return bide_object_value(bide__loop_on_host());
}

bide_value bide_running_loop(void)
{
    bide__loop *loop = bide__loop_required();
    return loop ? bide_object_ref(loop) : BIDE_FAILED;
}

/* The loop if it can be used: open. */
static bide__loop *open_loop(bide_value v)
{
    bide__loop *loop = bide_failed(v) ? NULL : bide__loop_of(v);
    if (!loop || bide__loop_check_thread(loop) < 0) {
        bide__propagate();
        return NULL;
    }
    if (!loop->host)
        bide_raise(BIDE_RuntimeError, "Event loop is closed");
    return loop->host ? loop : NULL;
}

/* The loop if it can be run. */
static bide__loop *idle_loop(bide_value v)
{
    bide__loop *loop = open_loop(v);
    if (!loop || !bide_loop_running())
        return loop;
    bide_raise(BIDE_RuntimeError, loop->running
                                      ? "This event loop is already running"
                                      : "Cannot run the event loop while another loop is running");
    return NULL;
}

int bide_loop_run_forever(bide_value v)
{
    bide__loop *loop = idle_loop(v);
    return loop ? bide__loop_run(loop) : BIDE_RAISED;
}

int bide_loop_run_until_complete(bide_value v, bide_value awaitable, bide_value *result)
{
    bide__loop *loop = bide_failed(awaitable) ? NULL : idle_loop(v);
    bide_value value = BIDE_NONE;
    if (result)
        *result = BIDE_NONE;
    if (!loop) {
        bide_drop(awaitable);
        return bide__propagate();
    }
    bide_value future =
        bide__coro_of(awaitable) ? bide__task_new(loop, awaitable, NULL, BIDE_NONE) : awaitable;
    int status = bide_failed(future) ? BIDE_RAISED : bide__loop_run_until(loop, future);
    if (status == 0 && !bide_future_done(future))
        status = bide_raise(BIDE_RuntimeError, "Event loop stopped before Future completed.");
    if (status == 0)
        status = bide_future_result(future, &value);
    bide_drop(future);
    if (result)
        *result = value;
    else
        bide_drop(value);
    return status;
}

int bide_loop_stop(bide_value v)
{
    bide__loop *loop = bide__loop_of(v);
    if (!loop || bide__loop_check_thread(loop) < 0)
        return BIDE_RAISED;
    loop->stopping = true;
    return 0;
}

int bide_loop_close(bide_value v)
{
    bide__loop *loop = bide__loop_of(v);
    if (!loop || bide__loop_check_thread(loop) < 0)
        return BIDE_RAISED;
    if (loop->running)
        return bide_raise(BIDE_RuntimeError, "Cannot close a running event loop");
    bide__loop_close(loop);
    return 0;
}

bool bide_loop_is_running(bide_value v)
{
    const bide__loop *loop = bide__loop_peek(v);
    return loop && loop->running;
}

bool bide_loop_is_closed(bide_value v)
{
    const bide__loop *loop = bide__loop_peek(v);
    return loop && !loop->host;
}

int64_t bide_loop_time(bide_value v)
{
    bide__loop *loop = open_loop(v);
    return loop ? loop->host->now(loop->host) : 0;
}

/* The open loop, whose host may have to be told that something is to be scheduled. */
static bide__loop *scheduling(bide_value v)
{
    bide__loop *loop = open_loop(v);
    if (loop && loop->host->scheduled)
        loop->host->scheduled(loop->host);
    return loop;
}

bide_value bide_loop_call_soon(bide_value v, bide_callback *fn, bide_value arg)
{
    return bide__call_soon_on(scheduling(v), fn, arg);
}

bide_value bide_loop_task(bide_value v, bide_value coro, const char *name)
{
    bide__loop *loop = bide_failed(coro) ? NULL : scheduling(v);
    if (loop)
        return bide__task_new(loop, bide__task_coro(loop, coro), name, BIDE_NONE);
    bide_drop(coro);
    bide__propagate();
    return BIDE_FAILED;
}

bide_value bide_loop_future_at(const bide_site *site, bide_value v)
{
    return bide__future_on(open_loop(v), site);
}

/* --- the runner --------------------------------------------------------------------- */

struct runner {
    bide_object base;
    bide__loop *loop; /* owned; NULL before the first run and after the end */
    bool closed;
};

static void close_runner(struct runner *self)
{
    bide__loop *loop = self->loop;
    self->closed = true;
    self->loop = NULL;
    if (!loop)
        return;
    bide_value pending = bide_error_take();
    bide__loop_shut_down(loop);
    bide_drop(bide_object_value(loop));
    if (!bide_is_none(pending))
        bide_error_restore(pending);
}

static void runner_finalize(void *self)
{
    close_runner(self);
}

static const bide_type runner_type = {.name = "Runner", .finalize = runner_finalize};

bide_value bide_runner(void)
{
    return bide_object_value(bide_object_new(&runner_type, sizeof(struct runner)));
}

int bide_runner_run(bide_value runner, bide_value coro, bide_value *result)
{
    struct runner *self = bide__checked(runner, &runner_type);
    bide_value v = BIDE_NONE;
    int status = BIDE_RAISED;
    if (result)
        *result = BIDE_NONE;
    if (self && self->closed)
        bide_raise(BIDE_RuntimeError, "Runner is closed");
    else if (self && bide__check_main(coro, "Runner.run()") == 0 &&
             (self->loop || (self->loop = bide__loop_on_host())))
        status = 0;
    if (status == 0)
        status = bide__run_main(self->loop, coro, &v);
    else
        bide_drop(coro);
    if (result)
        *result = v;
    else
        bide_drop(v);
    return status;
}

int bide_runner_close(bide_value runner)
{
    struct runner *self = bide__checked(runner, &runner_type);
    if (!self)
        return BIDE_RAISED;
    close_runner(self);
    return 0;
}
