/* An async generator driven by hand: what it awaits is yielded, what it yields is returned.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC_GENERATOR int gen(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value x = BIDE_NONE;
    BIDE_TRY(bide_await(suspend("s1"), NULL));
    BIDE_TRY(bide_yield(bide_int(1), &x));
    print("got", x);
    BIDE_TRY(bide_await(suspend("s2"), NULL));
    return bide_yield(bide_int(2), NULL);
}

int a01_asyncgen_basic(void)
{
    BIDE_SCOPED bide_value g = bide_agen(gen, BIDE_NONE);
    BIDE_SCOPED bide_value iterator = bide_aiter(bide_ref(g));
    print("aiter is self", bide_is(iterator, g));

    BIDE_SCOPED bide_value an = bide_anext(g);
    step("anext", bide_send, an, BIDE_NONE);
    step("anext", bide_send, an, BIDE_NONE);
    bide_clear(&an);
    an = bide_asend(g, bide_str("hello"));
    step("asend", bide_send, an, BIDE_NONE);
    step("asend", bide_send, an, BIDE_NONE);
    once("end", bide_anext(g));
    once("sticky", bide_anext(g));
    once("sticky asend", bide_asend(g, bide_int(5)));

    BIDE_SCOPED bide_value h = bide_agen(gen, BIDE_NONE), i = bide_agen(gen, BIDE_NONE);
    once("asend non-None unstarted", bide_asend(h, bide_int(5)));
    BIDE_SCOPED bide_value first = bide_anext(i);
    BIDE_TRY(bide_send(first, BIDE_NONE, NULL));
    step("once", bide_send, first, BIDE_NONE);
    step("reuse", bide_send, first, BIDE_NONE);
    return 0;
}
