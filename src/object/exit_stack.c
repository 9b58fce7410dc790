/* exit_stack.c - AsyncExitStack: managers and callbacks left in reverse order, each seeing what the
 * ones after it made of the exception.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/protocol.h>

#include "object/exec.h"
#include "object/list.h"

/* Entries are managers; a callback is one that has only an exit. */
struct stack {
    bide_object base;
    bide_value entries; /* owned list */
};

static void stack_finalize(void *self)
{
    bide_drop(((struct stack *)self)->entries);
}

/* A callback as a manager: what is pushed is always left the same way. */
struct callback {
    bide_object base;
    bide_body *body;
    bide_value arg; /* owned */
};

static void callback_finalize(void *self)
{
    bide_drop(((struct callback *)self)->arg);
}

BIDE__UNCOLORED static int call_back(bide_value arg, bide_value *result)
{
    static const bide_origin origin = {"callback", __FILE__, __LINE__};
    struct callback *self = (struct callback *)arg.as.object;
    (void)result;
    return bide_await_at(NULL, bide_coro_at(&origin, self->body, bide_ref(self->arg)), NULL);
}

static bide_value callback_aexit(void *self, bide_value error)
{
    static const bide_origin origin = {"__aexit__", __FILE__, __LINE__};
    (void)error;
    return bide_coro_at(&origin, call_back, bide_object_ref(self));
}

static const bide_type callback_type = {
    .name = "callback",
    .finalize = callback_finalize,
    .aexit = callback_aexit,
};

/* Leaves the managers, last first, also those that are pushed meanwhile; answers whether the
 * exception was swallowed. arg is (stack, error). */
BIDE__UNCOLORED static int unwind(bide_value arg, bide_value *result)
{
    struct stack *self = (struct stack *)bide_item(arg, 0).as.object;
    bide_value error = bide_ref(bide_item(arg, 1));
    bool had_error = !bide_is_none(error), replaced = false;

    while (bide_size(self->entries) > 0) {
        BIDE_SCOPED bide_value manager = bide__list_pop(self->entries);
        bide_value swallowed = BIDE_NONE;
        bide_value exit = bide__type_of(manager)->aexit(manager.as.object, error);
        if (bide_await_at(NULL, exit, &swallowed) < 0) {
            bide__error_set_context(error);
            error = bide_error_take();
            replaced = true;
        } else if (bide_truthy(swallowed) && !bide_is_none(error)) {
            bide_clear(&error);
            replaced = false;
        }
        bide_drop(swallowed);
    }
    *result = had_error ? bide_bool(bide_is_none(error)) : BIDE_NONE; /* as aclose wants it */
    if (replaced)
        return bide_error_restore(error);
    bide_drop(error);
    return 0;
}

static bide_value leave(struct stack *self, bide_value error)
{
    static const bide_origin origin = {"__aexit__", __FILE__, __LINE__};
    return bide_coro_at(&origin, unwind, bide_tuple(bide_object_ref(self), bide_ref(error)));
}

static bide_value stack_aexit(void *self, bide_value error)
{
    return leave(self, error);
}

BIDE__UNCOLORED static int enter_stack(bide_value arg, bide_value *result)
{
    *result = bide_ref(arg);
    return 0;
}

static bide_value stack_aenter(void *self)
{
    static const bide_origin origin = {"__aenter__", __FILE__, __LINE__};
    return bide_coro_at(&origin, enter_stack, bide_object_ref(self));
}

static const bide_type stack_type = {
    .name = "AsyncExitStack",
    .finalize = stack_finalize,
    .aenter = stack_aenter,
    .aexit = stack_aexit,
};

bide_value bide_exit_stack(void)
{
    struct stack *self = bide_object_new(&stack_type, sizeof *self);
    if (!self)
        return BIDE_FAILED;
    self->entries = bide_list();
    if (bide_failed(self->entries)) {
        self->entries = BIDE_NONE;
        bide_drop(bide_object_value(self));
        return BIDE_FAILED;
    }
    return bide_object_value(self);
}

int bide_exit_stack_push(bide_value stack, bide_value manager)
{
    struct stack *self = bide_object_of(stack, &stack_type);
    const bide_type *type = bide__type_of(manager);
    if (self && !bide_failed(manager) && type->aexit)
        return bide_list_append(self->entries, manager);
    if (self && !bide_failed(manager))
        bide__raise(BIDE_TypeError,
                    "'%s' object does not support the asynchronous context manager protocol",
                    bide_type_name(manager));
    bide_drop(manager);
    return bide__propagate();
}

BIDE__UNCOLORED int bide_exit_stack_enter(bide_value stack, bide_value manager, bide_value *out)
{
    bide_with_block block;
    bide_value entered;
    if (out)
        *out = BIDE_NONE;
    int status = bide_async_with_enter(&block, bide_ref(manager), &entered);
    if (status == 0)
        status = bide_exit_stack_push(stack, bide_ref(manager));
    if (status == 0)
        block.entered = false; /* the stack leaves it, not this block */
    bide_async_with_abandon(&block);
    bide_drop(manager);
    if (status == 0 && out)
        *out = entered;
    else
        bide_drop(entered);
    return status;
}

int bide_exit_stack_callback(bide_value stack, bide_body *body, bide_value arg)
{
    struct callback *self = NULL;
    if (!bide_failed(arg) && !body)
        bide__raise_no_function();
    else if (!bide_failed(arg))
        self = bide_object_new(&callback_type, sizeof *self);
    if (!self) {
        bide_drop(arg);
        return bide__propagate();
    }
    self->body = body;
    self->arg = arg;
    return bide_exit_stack_push(stack, bide_object_value(self));
}

bide_value bide_exit_stack_pop_all(bide_value stack)
{
    struct stack *self = bide_object_of(stack, &stack_type);
    bide_value moved = self ? bide_exit_stack() : BIDE_FAILED;
    if (bide_failed(moved))
        return moved;
    struct stack *other = (struct stack *)moved.as.object;
    bide_value entries = other->entries;
    other->entries = self->entries;
    self->entries = entries;
    return moved;
}

bide_value bide_exit_stack_aclose(bide_value stack)
{
    struct stack *self = bide_object_of(stack, &stack_type);
    return self ? leave(self, BIDE_NONE) : BIDE_FAILED;
}
