/* Managers that lack a method or give no awaitable. If entering fails, nothing is left.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int never(bide_value self, bide_value *result)
{
    print("never");
    return bide_return(result, true);
}

static BIDE_ASYNC int give_self(bide_value self, bide_value *result)
{
    return bide_return(result, bide_ref(self));
}

static BIDE_ASYNC int fail(bide_value self, bide_value *result)
{
    return bide_raise(BIDE_OSError, "enter failed");
}

static bide_value enter_never(void *self)
{
    return bide_coro(never, bide_object_ref(self));
}

static bide_value enter_self(void *self)
{
    return bide_coro(give_self, bide_object_ref(self));
}

static bide_value enter_failing(void *self)
{
    return bide_coro(fail, bide_object_ref(self));
}

static bide_value enter_123(void *self)
{
    return bide_int(123);
}

static bide_value exit_never(void *self, bide_value error)
{
    return bide_coro(never, bide_object_ref(self));
}

static bide_value exit_444(void *self, bide_value error)
{
    return bide_int(444);
}

static const bide_type no_exit = {.name = "NoExit", .aenter = enter_never};
static const bide_type no_enter = {.name = "NoEnter", .aexit = exit_never};
static const bide_type bad_enter = {.name = "BadEnter", .aenter = enter_123, .aexit = exit_never};
static const bide_type bad_exit = {.name = "BadExit", .aenter = enter_self, .aexit = exit_444};
static const bide_type raise_enter = {
    .name = "RaiseEnter", .aenter = enter_failing, .aexit = exit_never};

static BIDE_ASYNC int use(bide_value args, bide_value *result)
{
    bide_value manager = bide_item(args, 0), error = bide_item(args, 1);
    BIDE_ASYNC_WITH (m, bide_ref(manager)) {
        print("body");
        if (!bide_is_none(error))
            BIDE_WITH_TRY(m, bide_raise_error(bide_ref(error)));
    }
    BIDE_END_WITH(m);
    return 0;
}

static void use_once(const char *label, const bide_type *type, bide_value error)
{
    bide_value manager = bide_object_value(bide_object_new(type, sizeof(bide_object)));
    once(label, bide_coro(use, bide_tuple(manager, error)));
}

int w03_async_with_errors(void)
{
    use_once("NoExit", &no_exit, BIDE_NONE);
    use_once("NoEnter", &no_enter, BIDE_NONE);
    use_once("BadEnter", &bad_enter, BIDE_NONE);
    use_once("BadExit", &bad_exit, BIDE_NONE);
    use_once("BadExit+exc", &bad_exit, bide_error_new(BIDE_ValueError, "v"));
    use_once("RaiseEnter", &raise_enter, BIDE_NONE);
    return 0;
}
