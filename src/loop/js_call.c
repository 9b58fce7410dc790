/* js_call.c - calling JavaScript by name, on every target.
 *
 * The call is a coroutine that asks JavaScript or, where there is none, awaits the fallback: so the
 * two have the same life. Nothing happens until it is awaited, and never awaiting it is reported.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/js.h>

#include "loop/js_bridge.h"

bool bide_js_available(void)
{
    return bide__js != NULL;
}

/* arg: the tuple of the name, the arguments and the fallback. */
static BIDE_ASYNC int js_call(bide_value arg, bide_value *result)
{
    bide_value name = bide_item(arg, 0);
    bide_value args = bide_ref(bide_item(arg, 1));
    if (bide__js)
        return bide_await(bide__js->call(bide_cstr(name), args), result);
    bide_body *fallback = (bide_body *)bide_item(arg, 2).as.ptr;
    if (fallback)
        return bide_await(bide_coro(fallback, args), result);
    bide_drop(args);
    return bide_raise(BIDE_RuntimeError,
                      "there is no JavaScript here to call '%s' in: give bide_js_call a fallback",
                      bide_cstr(name));
}

static bool is_sequence(bide_value v)
{
    return v.kind == BIDE_KIND_LIST || v.kind == BIDE_KIND_TUPLE || v.kind == BIDE_KIND_NONE;
}

bide_value bide_js_call_at(const bide_origin *origin, const char *name, bide_value args,
                           bide_body *fallback)
{
    if (bide_failed(args))
        return BIDE_FAILED;
    if (!is_sequence(args)) {
        bide_raise(BIDE_TypeError, "bide_js_call: args must be a list or tuple, not %s",
                   bide_type_name(args));
        bide_drop(args);
        return BIDE_FAILED;
    }
    bide_value arg = bide_tuple(bide_str(name), args, bide_ptr((void *)fallback));
    return bide_coro_at(origin, js_call, arg);
}
