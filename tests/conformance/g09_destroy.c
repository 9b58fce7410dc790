/* The last reference to a suspended generator closes it. What goes wrong then has nowhere to go
 * but the unraisable hook, and the program goes on.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_GENERATOR int gen(bide_value arg, bide_value *result)
{
    int status = bide_yield(bide_int(1), NULL);
    print("finally on destroy");
    return status;
}

static BIDE_GENERATOR int bad(bide_value arg, bide_value *result)
{
    if (bide_yield(bide_int(1), NULL) < 0) {
        BIDE_EXCEPT(BIDE_GeneratorExit, NULL);
        return bide_yield(bide_int(2), NULL);
    }
    return 0;
}

static BIDE_GENERATOR int bad2(bide_value arg, bide_value *result)
{
    bide_yield(bide_int(1), NULL);
    return bide_raise(BIDE_ValueError, "cleanup failed");
}

static void unraisable(bide_value error, const char *where)
{
    print("unraisable", ex(error));
}

int g09_destroy(void)
{
    BIDE_SCOPED bide_value g = bide_gen(gen, BIDE_NONE);
    BIDE_TRY(bide_next(g, NULL));
    print("drop");
    bide_clear(&g);
    g = bide_gen(gen, BIDE_NONE);
    print("drop unstarted");
    bide_clear(&g);

    bide_set_unraisable_hook(unraisable);
    g = bide_gen(bad, BIDE_NONE);
    BIDE_TRY(bide_next(g, NULL));
    print("drop bad");
    bide_clear(&g);
    g = bide_gen(bad2, BIDE_NONE);
    BIDE_TRY(bide_next(g, NULL));
    print("drop bad2");
    bide_clear(&g);
    print("end");
    return 0;
}
