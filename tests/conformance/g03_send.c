/* What is sent is the value of the yield; a generator that has not started takes None only.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_GENERATOR int acc(bide_value arg, bide_value *result)
{
    int64_t total = 0;
    for (;;) {
        bide_value v;
        BIDE_TRY(bide_yield(bide_int(total), &v));
        if (bide_is_none(v))
            return bide_return(result, total);
        total += v.as.i;
    }
}

int g03_send(void)
{
    BIDE_SCOPED bide_value g = bide_gen(acc, BIDE_NONE);
    step("send(9) unstarted", bide_send, g, bide_int(9));
    step("send(None)", bide_send, g, BIDE_NONE);
    step("send(5)", bide_send, g, bide_int(5));
    step("send(7)", bide_send, g, bide_int(7));
    step("send(None)", bide_send, g, BIDE_NONE);
    step("send(None)", bide_send, g, BIDE_NONE);
    return 0;
}
