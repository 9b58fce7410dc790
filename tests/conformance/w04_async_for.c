/* async for, and its else: which runs when the iterator ended, and only then.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

/* class Reader: counts to n, waiting before each even number. */
typedef struct {
    bide_object base;
    int64_t i, n;
} reader;

static BIDE_ASYNC int anext(bide_value arg, bide_value *result)
{
    reader *self = (reader *)arg.as.object;
    if (self->i >= self->n)
        return bide_raise(BIDE_StopAsyncIteration, NULL);
    self->i++;
    if (self->i % 2 == 0)
        BIDE_TRY(bide_await(suspend(bide_strf("io %d", (int)self->i)), NULL));
    return bide_return(result, self->i);
}

static bide_value reader_aiter(void *self)
{
    print("aiter");
    return bide_self(self);
}

static bide_value reader_anext(void *self)
{
    return bide_coro(anext, bide_object_ref(self));
}

static const bide_type reader_type = {
    .name = "Reader", .aiter = reader_aiter, .anext = reader_anext};

static bide_value Reader(int64_t n)
{
    reader *self = bide_object_new(&reader_type, sizeof *self);
    if (self)
        self->n = n;
    return bide_object_value(self);
}

static BIDE_ASYNC int plain(bide_value arg, bide_value *result)
{
    bool exhausted;
    BIDE_ASYNC_FOR_ELSE (x, Reader(3), &exhausted)
        print("item", x);
    if (exhausted)
        print("else");
    return bide_return(result, "end");
}

static BIDE_ASYNC int brk(bide_value arg, bide_value *result)
{
    bool exhausted;
    BIDE_ASYNC_FOR_ELSE (x, Reader(3), &exhausted) {
        print("item", x);
        if (x.as.i == 2)
            break;
    }
    if (exhausted)
        print("else");
    return bide_return(result, "end");
}

static BIDE_ASYNC int cont(bide_value arg, bide_value *result)
{
    bool exhausted;
    BIDE_ASYNC_FOR_ELSE (x, Reader(3), &exhausted) {
        if (x.as.i == 2)
            continue;
        print("item", x);
    }
    if (exhausted)
        print("else");
    return 0;
}

static BIDE_ASYNC int empty(bide_value arg, bide_value *result)
{
    bool exhausted;
    BIDE_ASYNC_FOR_ELSE (x, Reader(0), &exhausted)
        print("item", x);
    if (exhausted)
        print("else");
    return 0;
}

static BIDE_ASYNC int ret(bide_value arg, bide_value *result)
{
    bool exhausted;
    BIDE_ASYNC_FOR_ELSE (x, Reader(3), &exhausted)
        return bide_return(result, bide_ref(x));
    if (exhausted)
        print("else");
    return 0;
}

static BIDE_ASYNC int exc(bide_value arg, bide_value *result)
{
    bool exhausted;
    BIDE_ASYNC_FOR_ELSE (x, Reader(3), &exhausted)
        return bide_raise(BIDE_ValueError, "body %d", (int)x.as.i);
    if (exhausted)
        print("else");
    return 0;
}

static void drive_to_end(bide_value coro)
{
    BIDE_SCOPED bide_value c = coro, v = BIDE_NONE, e = BIDE_NONE;
    print("--", bide_name(c));
    int status;
    while ((status = bide_send(c, BIDE_NONE, &v)) == BIDE_YIELDED) {
        print("yielded", v);
        bide_clear(&v);
    }
    if (status == BIDE_RETURNED)
        print("returned", v);
    else if (bide_catch(BIDE_BaseException, &e))
        print("raised", ex(e));
}

int w04_async_for(void)
{
    drive_to_end(bide_coro(plain, BIDE_NONE));
    drive_to_end(bide_coro(brk, BIDE_NONE));
    drive_to_end(bide_coro(cont, BIDE_NONE));
    drive_to_end(bide_coro(empty, BIDE_NONE));
    drive_to_end(bide_coro(ret, BIDE_NONE));
    drive_to_end(bide_coro(exc, BIDE_NONE));
    return 0;
}
