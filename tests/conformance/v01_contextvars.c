/* Context variables: tasks copy the context when they are made, callbacks when they are
 * registered; what is awaited shares it.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value var;

/* log(a, b, ..., var.get()) */
#define log_var(...)                                                                               \
    do {                                                                                           \
        BIDE_SCOPED bide_value now = bide_context_var_get(var);                                    \
        log(__VA_ARGS__, now);                                                                     \
    } while (0)

static int set(bide_value v)
{
    return bide_context_var_set(var, bide_ref(v), NULL);
}

static int set_str(const char *text)
{
    return bide_context_var_set(var, bide_str(text), NULL);
}

static BIDE_ASYNC int child(bide_value n, bide_value *result)
{
    log_var(n, "sees");
    BIDE_TRY(set(n));
    BIDE_TRY(bide_sleep(0));
    log_var(n, "keeps");
    return 0;
}

static BIDE_ASYNC int setter(bide_value arg, bide_value *result)
{
    return set_str("set by awaited coroutine");
}

static BIDE_ASYNC_GENERATOR int gen(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 3; i++)
        BIDE_TRY(bide_yield(bide_context_var_get(var), NULL));
    return 0;
}

static int callback(bide_value arg)
{
    log_var("callback");
    return 0;
}

static int done_cb(bide_value future, bide_value arg)
{
    log_var("done cb");
    return 0;
}

static BIDE_ASYNC int in_tasks(void)
{
    BIDE_TRY(set_str("main"));
    BIDE_SCOPED bide_value t = spawn(bide_coro(child, bide_str("t1")));
    BIDE_TRY(set_str("main2"));
    BIDE_SCOPED bide_value u = spawn(bide_coro(child, bide_str("t2")));
    BIDE_TRY(bide_await(bide_gather(bide_list(bide_ref(t), bide_ref(u)), false), NULL));
    log_var("main");
    BIDE_TRY(bide_await(bide_coro(setter, BIDE_NONE), NULL));
    log_var("await shares context:");
    return 0;
}

static BIDE_ASYNC int in_callbacks(void)
{
    BIDE_TRY(set_str("before"));
    bide_drop(bide_call_soon(callback, BIDE_NONE));
    BIDE_TRY(set_str("after"));
    return bide_sleep(0);
}

static BIDE_ASYNC int explicit(void)
{
    BIDE_SCOPED bide_value ctx = bide_copy_context(), in_ctx = BIDE_NONE;
    BIDE_TRY(bide_context_run(ctx, set, bide_str("in ctx")));
    bide_value coro = bide_coro(child, bide_str("explicit"));
    BIDE_TRY(bide_await(bide_task_in(bide_ref(ctx), coro, NULL), NULL));
    in_ctx = bide_context_get(ctx, var);
    log_var("ctx", in_ctx, "main");

    BIDE_SCOPED bide_value f = bide_future();
    BIDE_TRY(bide_future_add_done_callback(f, done_cb, BIDE_NONE));
    BIDE_TRY(set_str("changed"));
    BIDE_TRY(bide_future_set_result(f, bide_int(0)));
    return bide_sleep(0);
}

static BIDE_ASYNC int sees(bide_value g, const char *value)
{
    BIDE_SCOPED bide_value v = BIDE_NONE;
    BIDE_TRY(set_str(value));
    BIDE_TRY(bide_await(bide_anext(g), &v));
    log("gen sees", v);
    return 0;
}

static BIDE_ASYNC int via(bide_value g, bide_value *result)
{
    return bide_await(bide_anext(g), result);
}

static BIDE_ASYNC int in_generators(void)
{
    BIDE_SCOPED bide_value g = bide_agen(gen, BIDE_NONE), tok = BIDE_NONE, v = BIDE_NONE;
    BIDE_TRY(sees(g, "x"));
    BIDE_TRY(sees(g, "y"));
    BIDE_TRY(bide_context_var_set(var, bide_str("tmp"), &tok));
    BIDE_TRY(bide_context_var_reset(var, bide_ref(tok)));
    log_var("reset");
    BIDE_TRY(set_str("z"));
    BIDE_TRY(bide_await(spawn(bide_coro(via, bide_ref(g))), &v));
    log("gen in task sees", v);
    return 0;
}

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    BIDE_TRY(in_tasks());
    BIDE_TRY(in_callbacks());
    BIDE_TRY(explicit());
    BIDE_TRY(in_generators());
    BIDE_TRY(bide_wait_for(bide_coro(setter, BIDE_NONE), BIDE_SECONDS(5), NULL));
    log_var("wait_for child is a task:");
    return 0;
}

int v01_contextvars(void)
{
    var = bide_context_var("var", bide_str("default"));
    top(bide_coro(async_main, BIDE_NONE));
    bide_clear(&var);
    return 0;
}
