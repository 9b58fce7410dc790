/* continue, break and return leave an async with as falling off its end does: the exit is awaited,
 * and told of no exception.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

/* class M */
static BIDE_ASYNC int enter(bide_value self, bide_value *result)
{
    print("enter");
    return bide_return(result, bide_ref(self));
}

static BIDE_ASYNC int leave(bide_value error, bide_value *result)
{
    print("exit", error);
    return bide_await(suspend("x"), NULL);
}

static bide_value aenter(void *self)
{
    return bide_coro(enter, bide_object_ref(self));
}

static bide_value aexit(void *self, bide_value error)
{
    return bide_coro(leave, bide_ref(error));
}

static const bide_type m_type = {.name = "M", .aenter = aenter, .aexit = aexit};

static bide_value M(void)
{
    return bide_object_value(bide_object_new(&m_type, sizeof(bide_object)));
}

static BIDE_ASYNC int f(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 3; i++) {
        BIDE_ASYNC_WITH (m, M()) {
            if (i == 0) {
                print("continue");
                continue;
            }
            if (i == 1) {
                print("break");
                break;
            }
        }
        BIDE_END_WITH(m);
    }
    BIDE_ASYNC_WITH (m, M()) {
        return bide_return(result, "value");
    }
    BIDE_END_WITH(m);
    return 0;
}

int w02_async_with_exits(void)
{
    BIDE_SCOPED bide_value c = bide_coro(f, BIDE_NONE);
    for (int i = 0; i < 4; i++)
        step("send", bide_send, c, BIDE_NONE);
    return 0;
}
