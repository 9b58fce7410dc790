/* complaint.c - a generator whose cleanup fails while it is dropped: what is said of it is all
 * there, in a program that links little else.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

static BIDE_GENERATOR int keep(bide_value arg, bide_value *result)
{
    (void)arg;
    (void)result;
    if (bide_yield(bide_int(1), NULL) < 0)
        return bide_raise(BIDE_ValueError, "cannot give back");
    return 0;
}

int main(void)
{
    bide_value v, generator = bide_gen(keep, BIDE_NONE);
    int status = bide_next(generator, &v);
    bide_drop(generator);
    return status == BIDE_YIELDED && v.as.i == 1 && !bide_error_pending() ? 0 : 1;
}
