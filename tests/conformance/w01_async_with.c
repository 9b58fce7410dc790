/* async with: the order of entering and leaving, what the exit is told, and what it can do about
 * it: swallow the exception, let it go on, replace it.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

/* class M: a manager that awaits in both methods. */
typedef struct {
    bide_object base;
    const char *name;
    bide_value swallow; /* what the exit returns */
    const char *fail;   /* the OSError that it raises instead */
} manager;

static BIDE_ASYNC int enter(bide_value arg, bide_value *result)
{
    manager *self = (manager *)arg.as.object;
    BIDE_TRY(bide_await(suspend(bide_strf("enter %s", self->name)), NULL));
    print("entered", self->name);
    return bide_format(result, "val %s", self->name);
}

static BIDE_ASYNC int leave(bide_value args, bide_value *result)
{
    manager *self = (manager *)bide_item(args, 0).as.object;
    bide_value error = bide_item(args, 1);
    BIDE_TRY(bide_await(suspend(bide_strf("exit %s", self->name)), NULL));
    print("aexit", self->name, ex(error));
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

static void drive_all(bide_value coro)
{
    BIDE_SCOPED bide_value c = coro, v = BIDE_NONE, e = BIDE_NONE;
    int status;
    while ((status = bide_send(c, BIDE_NONE, &v)) == BIDE_YIELDED) {
        print("yielded", v);
        bide_clear(&v);
    }
    if (status == BIDE_RETURNED)
        print("returned", v);
    else if (bide_catch(BIDE_BaseException, &e))
        print("raised", ex(e), "| context", ex(bide_error_context(e)));
}

static BIDE_ASYNC int ok(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (a, M("A")) {
        BIDE_ASYNC_WITH (b, M("B")) {
            print("body", a, b);
        }
        BIDE_END_WITH(b, BIDE_LEAVE(a));
    }
    BIDE_END_WITH(a);
    return bide_return(result, "fine");
}

static BIDE_ASYNC int swallowed(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (a, M("A")) {
        BIDE_ASYNC_WITH (b, M("B", .swallow = bide_bool(true))) {
            BIDE_WITH_TRY(b, bide_raise(BIDE_ValueError, "v"));
        }
        BIDE_END_WITH(b, BIDE_LEAVE(a));
        print("after B");
    }
    BIDE_END_WITH(a);
    return bide_return(result, "continued");
}

static BIDE_ASYNC int notswallowed(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (a, M("A", .swallow = bide_int(0))) {
        BIDE_WITH_TRY(a, bide_raise(BIDE_ValueError, "v"));
    }
    BIDE_END_WITH(a);
    return 0;
}

static BIDE_ASYNC int replaced(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (a, M("A", .fail = "from aexit")) {
        BIDE_WITH_TRY(a, bide_raise(BIDE_ValueError, "v"));
    }
    BIDE_END_WITH(a);
    return 0;
}

static BIDE_ASYNC int failexit(bide_value arg, bide_value *result)
{
    BIDE_ASYNC_WITH (a, M("A", .fail = "from aexit")) {
        print("body ok");
    }
    BIDE_END_WITH(a);
    return 0;
}

int w01_async_with(void)
{
    drive_all(bide_coro(ok, BIDE_NONE));
    drive_all(bide_coro(swallowed, BIDE_NONE));
    drive_all(bide_coro(notswallowed, BIDE_NONE));
    drive_all(bide_coro(replaced, BIDE_NONE));
    drive_all(bide_coro(failexit, BIDE_NONE));
    return 0;
}
