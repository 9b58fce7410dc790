/* AsyncExitStack leaves what it holds in reverse order; an exit that swallows stops the exception
 * there, one that fails replaces it, and pop_all keeps everything open.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

/* class M */
typedef struct {
    bide_object base;
    const char *name;
    bide_value swallow; /* what the exit returns */
    const char *fail;   /* the OSError that it raises instead */
} manager;

static BIDE_ASYNC int enter(bide_value arg, bide_value *result)
{
    manager *self = (manager *)arg.as.object;
    print("enter", self->name);
    return bide_return(result, self->name);
}

static BIDE_ASYNC int leave(bide_value args, bide_value *result)
{
    manager *self = (manager *)bide_item(args, 0).as.object;
    print("exit", self->name, ex(bide_item(args, 1)));
    if (self->fail)
        return bide_raise(BIDE_OSError, "%s", self->fail);
    return bide_return(result, self->swallow);
}

static bide_value aenter(void *self)
{
    return bide_coro(enter, bide_object_ref(self));
}

static bide_value aexit(void *self, bide_value error)
{
    return bide_coro(leave, bide_tuple(bide_object_ref(self), bide_ref(error)));
}

static const bide_type m_type = {.name = "M", .aenter = aenter, .aexit = aexit};

/* M("A"), M("B", .swallow = ...), M("B", .fail = ...) */
#define M(...) new_manager((manager){.name = __VA_ARGS__})

static bide_value new_manager(manager with)
{
    manager *self = bide_object_new(&m_type, sizeof *self);
    if (self) {
        self->name = with.name;
        self->swallow = with.swallow;
        self->fail = with.fail;
    }
    return bide_object_value(self);
}

static BIDE_ASYNC int cb(bide_value x, bide_value *result)
{
    print("callback", x);
    return 0;
}

static BIDE_ASYNC int a(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (st, bide_exit_stack()) {
        BIDE_WITH_TRY(st, bide_exit_stack_enter(st, M("A"), NULL));
        BIDE_WITH_TRY(st, bide_exit_stack_callback(st, cb, bide_str("C")));
        BIDE_WITH_TRY(st, bide_exit_stack_enter(st, M("B", .swallow = bide_bool(true)), NULL));
        BIDE_WITH_TRY(st, bide_raise(BIDE_ValueError, "v"));
    }
    BIDE_END_WITH(st);
    return bide_return(result, "swallowed by B");
}

static BIDE_ASYNC int b(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (st, bide_exit_stack()) {
        BIDE_WITH_TRY(st, bide_exit_stack_enter(st, M("A"), NULL));
        BIDE_WITH_TRY(st, bide_exit_stack_enter(st, M("B", .fail = "b"), NULL));
        BIDE_WITH_TRY(st, bide_raise(BIDE_ValueError, "v"));
    }
    BIDE_END_WITH(st);
    return 0;
}

static BIDE_ASYNC int c(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value keep = BIDE_NONE;
    BIDE_ASYNC_WITH (st, bide_exit_stack()) {
        BIDE_WITH_TRY(st, bide_exit_stack_enter(st, M("A"), NULL));
        keep = bide_exit_stack_pop_all(st);
    }
    BIDE_END_WITH(st);
    print("not exited");
    return bide_await(bide_exit_stack_aclose(keep), NULL);
}

int w07_exitstack(void)
{
    once("a", bide_coro(a, BIDE_NONE));
    once("b", bide_coro(b, BIDE_NONE));
    once("c", bide_coro(c, BIDE_NONE));
    return 0;
}
