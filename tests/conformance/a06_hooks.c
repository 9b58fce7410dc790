/* The hooks of an event loop: one is told of each async generator before its first item, the
 * other gets those that lost their last reference while suspended, and may keep them.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static bide_value fin;

static int firstiter(bide_value g)
{
    print("firstiter", bide_name(g));
    return 0;
}

static void finalizer(bide_value g)
{
    print("finalizer", bide_name(g));
    fin = bide_ref(g);
}

static int print_finally(bide_value n)
{
    print("finally", n);
    return 0;
}

static BIDE_ASYNC_GENERATOR int gen(bide_value n, bide_value *result)
{
    BIDE_TRY(bide_defer(print_finally, bide_ref(n)));
    BIDE_TRY(bide_yield(bide_int(1), NULL));
    return bide_yield(bide_int(2), NULL);
}

static int anext(bide_value g)
{
    BIDE_SCOPED bide_value an = bide_anext(g), v = BIDE_NONE;
    if (bide_send(an, BIDE_NONE, &v) < 0) {
        BIDE_EXCEPT(BIDE_StopAsyncIteration, NULL);
        print("stop");
    } else
        print("value", v);
    return 0;
}

static int use_hooks(void)
{
    BIDE_SCOPED bide_value g = bide_agen(gen, bide_str("a"));
    print("created");
    BIDE_TRY(anext(g));
    BIDE_TRY(anext(g));
    print("drop suspended");
    bide_clear(&g);
    print("finalizer left it open");
    once("aclose by the hook owner", bide_aclose(fin));
    bide_clear(&fin);

    g = bide_agen(gen, bide_str("b"));
    print("drop unstarted");
    bide_clear(&g);

    g = bide_agen(gen, bide_str("c"));
    BIDE_TRY(anext(g));
    BIDE_TRY(anext(g));
    BIDE_TRY(anext(g));
    print("drop finished");
    return 0;
}

int a06_hooks(void)
{
    bide_agen_hooks before =
        bide_set_agen_hooks((bide_agen_hooks){.firstiter = firstiter, .finalizer = finalizer});
    int status = use_hooks();
    bide_set_agen_hooks(before);
    bide_clear(&fin);
    return status;
}
