/* close reaches the inner iterator first, then raises GeneratorExit from the innermost coroutine
 * outwards. If the inner close fails, that exception takes its place.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

/* class It: an iterator that never ends, and is its own __await__. */
typedef struct {
    bide_object base;
    int64_t n;
    bool fail;
} iterator;

static int it_next(void *self, bide_value *out)
{
    *out = bide_int(((iterator *)self)->n);
    return BIDE_YIELDED;
}

static int it_close(void *self, bide_value *out)
{
    print("It.close");
    if (((iterator *)self)->fail)
        return bide_raise(BIDE_ValueError, "close failed");
    return 0;
}

static const bide_type it_type = {
    .name = "It", .await = bide_self, .iter = bide_self, .next = it_next, .close = it_close};

static bide_value It(int64_t n, bool fail)
{
    iterator *self = bide_object_new(&it_type, sizeof *self);
    if (self) {
        self->n = n;
        self->fail = fail;
    }
    return bide_object_value(self);
}

/* except BaseException as e: print(who, ex(e)); raise */
static int show(const char *who)
{
    BIDE_SCOPED bide_value e = bide_error_take();
    print(who, ex(e));
    return bide_error_restore(bide_ref(e));
}

static BIDE_ASYNC int mid(bide_value it, bide_value *result)
{
    int status = bide_await(bide_ref(it), NULL);
    if (status < 0)
        show("mid");
    print("mid finally");
    return status;
}

static BIDE_ASYNC int outer(bide_value it, bide_value *result)
{
    int status = bide_await(bide_coro(mid, bide_ref(it)), NULL);
    if (status < 0)
        show("outer");
    print("outer finally");
    return status;
}

int c12_close_delegates(void)
{
    BIDE_SCOPED bide_value c = bide_coro(outer, It(1, false));
    step("send", bide_send, c, BIDE_NONE);
    step("close", bide_close, c);

    BIDE_SCOPED bide_value d = bide_coro(outer, It(1, true));
    BIDE_TRY(bide_send(d, BIDE_NONE, NULL));
    step("close failing", bide_close, d);

    BIDE_SCOPED bide_value e = bide_coro(outer, It(1, false));
    BIDE_TRY(bide_send(e, BIDE_NONE, NULL));
    step("throw GeneratorExit", bide_throw, e, bide_error_new(BIDE_GeneratorExit, "g"));
    return 0;
}
