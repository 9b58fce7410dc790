/* aclose: unstarted, with awaits in the cleanup, twice, ignored, failing, swallowed, exhausted.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int clean(bide_value arg)
{
    BIDE_TRY(bide_await(suspend("cleanup"), NULL));
    print("cleaned");
    return 0;
}

static BIDE_ASYNC_GENERATOR int gen(bide_value arg, bide_value *result)
{
    print("started");
    BIDE_TRY(bide_defer(clean, BIDE_NONE));
    BIDE_TRY(bide_yield(bide_int(1), NULL));
    return bide_yield(bide_int(2), NULL);
}

static BIDE_ASYNC_GENERATOR int ign(bide_value arg, bide_value *result)
{
    if (bide_yield(bide_int(1), NULL) < 0) {
        BIDE_EXCEPT(BIDE_GeneratorExit, NULL);
        return bide_yield(bide_int(2), NULL);
    }
    return 0;
}

static BIDE_ASYNC_GENERATOR int fail(bide_value arg, bide_value *result)
{
    bide_yield(bide_int(1), NULL);
    return bide_raise(BIDE_OSError, "cleanup failed");
}

static BIDE_ASYNC_GENERATOR int swallow(bide_value arg, bide_value *result)
{
    if (bide_yield(bide_int(1), NULL) < 0) {
        BIDE_EXCEPT(BIDE_GeneratorExit, NULL);
        print("swallowed");
    }
    return 0;
}

int a03_aclose(void)
{
    BIDE_SCOPED bide_value a = bide_agen(gen, BIDE_NONE);
    drive("aclose unstarted", bide_aclose(a));
    drive("anext", bide_anext(a));
    drive("aclose", bide_aclose(a));

    BIDE_SCOPED bide_value b = bide_agen(gen, BIDE_NONE);
    drive("anext", bide_anext(b));
    drive("aclose", bide_aclose(b));
    drive("again", bide_aclose(b));
    drive("anext", bide_anext(b));

    BIDE_SCOPED bide_value c = bide_agen(ign, BIDE_NONE);
    drive("anext", bide_anext(c));
    drive("aclose", bide_aclose(c));
    drive("anext", bide_anext(c));

    BIDE_SCOPED bide_value d = bide_agen(fail, BIDE_NONE);
    drive("anext", bide_anext(d));
    drive("aclose", bide_aclose(d));
    drive("aclose again", bide_aclose(d));

    BIDE_SCOPED bide_value e = bide_agen(swallow, BIDE_NONE);
    drive("anext", bide_anext(e));
    drive("aclose", bide_aclose(e));

    BIDE_SCOPED bide_value f = bide_agen(gen, BIDE_NONE), ac = bide_aclose(f);
    drive("once", bide_ref(ac));
    drive("reuse", bide_ref(ac));

    BIDE_SCOPED bide_value g = bide_agen(gen, BIDE_NONE);
    drive("1", bide_anext(g));
    drive("2", bide_anext(g));
    drive("end", bide_anext(g));
    drive("aclose exhausted", bide_aclose(g));
    return 0;
}
