/* as_completed: results in the order in which they come; a timeout for all of them.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

static BIDE_ASYNC int(w)(bide_value args, bide_value *result)
{
    bide_value n = item(args, 0), d = item(args, 1), e = item(args, 2);
    BIDE_TRY(sleep_for(d));
    if (!bide_is_none(e))
        return bide_raise_error(bide_ref(e));
    return bide_return(result, bide_ref(n));
}
#define w(...) bide_coro(w, bide_tuple(__VA_ARGS__))

static BIDE_ASYNC int async_main(bide_value arg, bide_value *result)
{
    bide_value e = bide_error_new(BIDE_ValueError, "c");
    bide_value three = bide_list(w("a", 3), w("b", 1), w("c", 2, e));
    BIDE_FOR (c, bide_as_completed(three, BIDE_NEVER))
        attempt("next", bide_ref(c));

    BIDE_SCOPED bide_value ts = bide_list(spawn(w("a", 1)), spawn(w("b", 5)));
    BIDE_FOR (c, bide_as_completed(bide_ref(ts), BIDE_SECONDS(2)))
        attempt("next", bide_ref(c));
    log(each(state, ts));
    bide_future_cancel(bide_item(ts, 1), NULL);
    return 0;
}

int t09_as_completed(void)
{
    top(bide_coro(async_main, BIDE_NONE));
    return 0;
}
