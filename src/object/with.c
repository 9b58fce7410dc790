/* with.c - async with: entering and leaving a block, however it is left.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/protocol.h>

#include "object/exec.h"

BIDE__PART(with);

const char bide__with_advice[] =
    "; an exit that swallows one is left by BIDE_WITH_TRY, not by BIDE_TRY";

/* Awaits what a slot gave, with the checks of `async with`. */
BIDE__UNCOLORED static int await_slot(bide_value awaitable, const char *slot, bide_value *out)
{
    const bide_type *type = bide__type_of(awaitable);
    const bide__coro *coro = bide__coro_of(awaitable);
    *out = BIDE_NONE;
    if (!bide_failed(awaitable) && !type->await && !type->await_here &&
        !(coro && coro->awaitable)) {
        bide__raise(BIDE_TypeError,
                    "'async with' received an object from %s that does not implement __await__: %s",
                    slot, bide_type_name(awaitable));
        bide_drop(awaitable);
        return BIDE_RAISED;
    }
    return bide_await_at(NULL, awaitable, out);
}

BIDE__UNCOLORED int bide_async_with_enter(bide_with_block *block, bide_value manager,
                                          bide_value *out)
{
    const bide_type *type = bide__type_of(manager);
    *block = (bide_with_block){.manager = manager};
    *out = BIDE_NONE;
    if (bide_failed(manager))
        return bide__propagate();
    if (!type->aenter)
        return bide__raise(BIDE_TypeError,
                           "'%s' object does not support the asynchronous context manager protocol",
                           bide_type_name(manager));
    if (!type->aexit)
        return bide__raise(BIDE_TypeError,
                           "'%s' object does not support the asynchronous context manager protocol "
                           "(missed __aexit__ method)",
                           bide_type_name(manager));
    if (await_slot(type->aenter(manager.as.object), "__aenter__", out) < 0)
        return BIDE_RAISED;
    block->entered = true;
    return 0;
}

BIDE__UNCOLORED int bide_async_with_leave(bide_with_block *block)
{
    const bide_type *type = bide__type_of(block->manager);
    bide_value error = bide_error_take();
    bide_value answer;

    block->entered = false;
    if (await_slot(type->aexit(block->manager.as.object, error), "__aexit__", &answer) < 0) {
        bide__error_set_context(error);
        return BIDE_RAISED;
    }
    bool swallowed = bide_truthy(answer);
    bide_drop(answer);
    if (bide_is_none(error))
        return 0;
    if (!swallowed)
        return bide_error_restore(error);
    bide_drop(error);
    return 0;
}

BIDE__UNCOLORED void bide_async_with_abandon(bide_with_block *block)
{
    if (block->entered)
        bide_async_with_leave(block); /* what it raises is pending for whoever looks next */
    bide_drop(block->manager);
}

BIDE__UNCOLORED int bide_async_with(bide_value manager,
                                    int (*body)(bide_value entered, void *data, bide_value *result),
                                    void *data, bide_value *result)
{
    bide_with_block block;
    bide_value entered, v = BIDE_NONE;
    int status = bide_async_with_enter(&block, manager, &entered);
    if (status == 0) {
        if (body(entered, data, &v) < 0)
            bide_clear(&v);
        status = bide_async_with_leave(&block);
    }
    bide_drop(entered);
    bide_async_with_abandon(&block);
    if (status < 0)
        bide_clear(&v);
    if (result)
        *result = v;
    else
        bide_drop(v);
    return status;
}
