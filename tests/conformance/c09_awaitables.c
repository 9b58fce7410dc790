/* __await__ must give an iterator, and what that can do decides what send and throw can.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

/* class Aw: an awaitable whose __await__ calls f. */
typedef struct {
    bide_object base;
    bide_value (*f)(void);
} awaitable;

static bide_value aw_await(void *self)
{
    return ((awaitable *)self)->f();
}

static const bide_type aw_type = {.name = "Aw", .await = aw_await};

static bide_value Aw(bide_value (*f)(void))
{
    awaitable *self = bide_object_new(&aw_type, sizeof *self);
    if (self)
        self->f = f;
    return bide_object_value(self);
}

static BIDE_ASYNC int use(bide_value x, bide_value *result)
{
    return bide_await(bide_ref(x), result);
}

static BIDE_GENERATOR int gen(bide_value arg, bide_value *result)
{
    bide_value r;
    BIDE_TRY(bide_yield(bide_str("susp"), &r));
    return bide_return(result, r.as.i * 2);
}

static BIDE_ASYNC int co(bide_value arg, bide_value *result)
{
    return bide_return(result, 1);
}

static bide_value inner;

static bide_value give_gen(void)
{
    return bide_gen(gen, BIDE_NONE);
}

static bide_value give_iter_1(void)
{
    return bide_iter(bide_list(1));
}

static bide_value give_iter_1_2(void)
{
    return bide_iter(bide_list(1, 2));
}

static bide_value give_none(void)
{
    return BIDE_NONE;
}

static bide_value give_inner(void)
{
    return bide_ref(inner);
}

static bide_value boom(void)
{
    bide_raise(BIDE_OSError, "await failed");
    return BIDE_FAILED;
}

int c09_awaitables(void)
{
    BIDE_SCOPED bide_value c = bide_coro(use, Aw(give_gen));
    step("custom", bide_send, c, BIDE_NONE);
    step("custom", bide_send, c, bide_int(21));
    once("iterator", bide_coro(use, Aw(give_iter_1)));
    once("int", bide_coro(use, bide_int(7)));
    once("None from __await__", bide_coro(use, Aw(give_none)));
    inner = bide_coro(co, BIDE_NONE);
    once("coroutine from __await__", bide_coro(use, Aw(give_inner)));
    bide_close(inner, NULL);
    bide_drop(inner);
    once("raising __await__", bide_coro(use, Aw(boom)));
    once("plain generator", bide_coro(use, bide_gen(gen, BIDE_NONE)));

    BIDE_SCOPED bide_value d = bide_coro(use, Aw(give_iter_1_2));
    step("list iterator", bide_send, d, BIDE_NONE);
    step("throw: iterator has no throw", bide_throw, d, bide_error_new(BIDE_ValueError, "here"));

    BIDE_SCOPED bide_value e = bide_coro(use, Aw(give_iter_1_2));
    BIDE_TRY(bide_send(e, BIDE_NONE, NULL));
    step("send(5): iterator has no send", bide_send, e, bide_int(5));
    return 0;
}
