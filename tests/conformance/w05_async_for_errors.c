/* Iterators that lack a method or give the wrong thing; and StopAsyncIteration raised by the body,
 * which is not the end of the loop.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value anext_tuple(void *self)
{
    return bide_tuple();
}

static BIDE_ASYNC int give_self(bide_value self, bide_value *result)
{
    return bide_return(result, bide_ref(self));
}

static bide_value aiter_coroutine(void *self)
{
    return bide_coro(give_self, bide_object_ref(self));
}

static bide_value aiter_failing(void *self)
{
    bide_raise(BIDE_OSError, "aiter failed");
    return BIDE_FAILED;
}

/* class One: gives 1 and 2, then fails. */
typedef struct {
    bide_object base;
    int64_t n;
} one;

static BIDE_ASYNC int count(bide_value arg, bide_value *result)
{
    one *self = (one *)arg.as.object;
    self->n++;
    if (self->n > 2)
        return bide_raise(BIDE_OSError, "anext failed");
    return bide_return(result, self->n);
}

static bide_value one_anext(void *self)
{
    return bide_coro(count, bide_object_ref(self));
}

static const bide_type no_anext = {.name = "NoAnext", .aiter = bide_self};
static const bide_type bad_anext = {.name = "BadAnext", .aiter = bide_self, .anext = anext_tuple};
static const bide_type await_aiter = {.name = "AwaitAiter", .aiter = aiter_coroutine};
static const bide_type raising = {.name = "Raising", .aiter = aiter_failing};
static const bide_type one_type = {.name = "One", .aiter = bide_self, .anext = one_anext};

static bide_value new_of(const bide_type *type)
{
    return bide_object_value(bide_object_new(type, sizeof(one)));
}

static BIDE_ASYNC int loop(bide_value args, bide_value *result)
{
    bide_value it = bide_item(args, 0), error = bide_item(args, 1);
    bool exhausted;
    BIDE_ASYNC_FOR_ELSE (x, bide_ref(it), &exhausted) {
        print("item", x);
        if (!bide_is_none(error))
            return bide_raise_error(bide_ref(error));
    }
    if (exhausted)
        print("else");
    return 0;
}

static void ignore(const char *category, const char *message, const bide_origin *origin)
{
}

int w05_async_for_errors(void)
{
    BIDE_SCOPED bide_value e = BIDE_NONE;
    once("tuple", bide_coro(loop, bide_tuple(bide_tuple(1, 2), BIDE_NONE)));
    once("NoAnext", bide_coro(loop, bide_tuple(new_of(&no_anext), BIDE_NONE)));
    once("BadAnext", bide_coro(loop, bide_tuple(new_of(&bad_anext), BIDE_NONE)));
    bide_set_warning_hook(ignore); /* the coroutine that __aiter__ gives is never awaited */
    once("AwaitAiter", bide_coro(loop, bide_tuple(new_of(&await_aiter), BIDE_NONE)));
    bide_set_warning_hook(NULL);
    once("Raising", bide_coro(loop, bide_tuple(new_of(&raising), BIDE_NONE)));
    once("anext raising", bide_coro(loop, bide_tuple(new_of(&one_type), BIDE_NONE)));

    bide_value stop = bide_error_new(BIDE_StopAsyncIteration, "from body");
    BIDE_SCOPED bide_value c = bide_coro(loop, bide_tuple(new_of(&one_type), stop));
    if (bide_send(c, BIDE_NONE, NULL) < 0) {
        BIDE_EXCEPT(BIDE_StopAsyncIteration, &e);
        print("StopAsyncIteration propagates:", e);
    }
    return 0;
}
