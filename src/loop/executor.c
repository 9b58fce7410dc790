/* executor.c - executors as values, and awaiting what runs on a thread: run_in_executor, to_thread.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/checked.h"
#include "loop/context.h"
#include "loop/pool.h"

/* --- executors ---------------------------------------------------------------------- */

struct executor {
    bide_object base;
    bide__pool *pool; /* owned */
    bool shut;
};

static void executor_finalize(void *self)
{
    bide__pool_abandon(((struct executor *)self)->pool);
}

static const bide_type executor_type = {
    .name = "ThreadPoolExecutor",
    .finalize = executor_finalize,
};

bide_value bide_executor(unsigned max_workers)
{
    bide__pool *pool = bide__pool_new(max_workers);
    struct executor *self = pool ? bide_object_new(&executor_type, sizeof *self) : NULL;
    if (self)
        self->pool = pool;
    else
        bide__pool_abandon(pool);
    return bide_object_value(self);
}

/* The pool of an executor that takes functions; NULL with an exception otherwise. */
static bide__pool *open_pool(bide_value executor)
{
    struct executor *self = bide__checked(executor, &executor_type);
    if (self && self->shut)
        bide_raise(BIDE_RuntimeError, "cannot schedule new futures after shutdown");
    return self && !self->shut ? self->pool : NULL;
}

bide_value bide_executor_submit(bide_value executor, bide_function *fn, bide_value arg)
{
    bide__pool *pool = bide_failed(arg) ? NULL : open_pool(executor);
    if (!pool) {
        bide_drop(arg);
        bide__propagate();
        return BIDE_FAILED;
    }
    bide__concurrent *future = bide__pool_submit(pool, fn, arg, NULL);
    return future ? bide__handle_new(&future->shared) : BIDE_FAILED;
}

int bide_executor_shutdown(bide_value executor, bool wait, bool cancel_futures)
{
    struct executor *self = bide__checked(executor, &executor_type);
    if (!self)
        return BIDE_RAISED;
    self->shut = true;
    bide__pool_shut(self->pool, cancel_futures);
    if (wait)
        bide__pool_join(self->pool);
    return 0;
}

/* --- awaiting ----------------------------------------------------------------------- */

/* The threads of the loop's default executor. */
static bide__pool *default_pool(bide__loop *loop)
{
    if (loop->pool_shut) {
        bide_raise(BIDE_RuntimeError, "Executor shutdown has been called");
        return NULL;
    }
    if (!loop->pool)
        loop->pool = bide__pool_on(loop->host);
    loop->end_pool = bide__loop_end_pool;
    return loop->pool;
}

/* A future of what fn(arg) comes to. `arg` and `context` move in. */
static bide_value run(bide_value executor, bide_function *fn, bide_value arg, bide_parcel *context)
{
    bide__loop *loop = bide_failed(arg) ? NULL : bide__loop_required();
    bide__pool *pool = NULL;
    if (loop && bide__port_of(loop))
        pool = bide_is_none(executor) ? default_pool(loop) : open_pool(executor);
    if (!pool) {
        bide_drop(arg);
        bide_parcel_drop(context);
        bide__propagate();
        return BIDE_FAILED;
    }
    bide__concurrent *future = bide__pool_submit(pool, fn, arg, context);
    return future ? bide__link(loop, future) : BIDE_FAILED;
}

bide_value bide_run_in_executor(bide_value executor, bide_function *fn, bide_value arg)
{
    return run(executor, fn, arg, NULL);
}

/* arg: the tuple of the function and its argument. */
static BIDE_ASYNC int to_thread(bide_value arg, bide_value *result)
{
    bide_parcel *context;
    bide_function *fn = (bide_function *)bide_item(arg, 0).as.ptr;
    if (bide__context_pack(&context) < 0)
        return BIDE_RAISED;
    return bide_await(run(BIDE_NONE, fn, bide_ref(bide_item(arg, 1)), context), result);
}

bide_value bide_to_thread_at(const bide_origin *origin, bide_function *fn, bide_value arg)
{
    return bide_coro_at(origin, to_thread, bide_tuple(bide_ptr((void *)fn), arg));
}
