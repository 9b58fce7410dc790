/* countdown.c - a generator, driven by C and by JavaScript.
 *
 * A generator hands out values one at a time: bide_yield gives one to whoever asked and sleeps
 * until the next is wanted, on a stack of its own, so it can yield from inside any loop or helper.
 * It needs no event loop: this main has none.
 *
 * BIDE_FOR is Python's `for`. The loop owns each value, and whatever way it is left the generator
 * is dropped and its cleanup runs. By hand it is bide_next, which answers
 * BIDE_YIELDED with a value, BIDE_RETURNED with the result at the end, or BIDE_RAISED.
 *
 * BIDE_EXPORT_GENERATOR shows it to JavaScript by its name, as an iterator:
 *
 *     for (const n of app.generate('countdown', [3])) console.log(n);
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>
#include <stdio.h>

/* def countdown(n):
 *     while n > 0:
 *         yield n
 *         n -= 1
 *     return 'lift-off' */
static BIDE_GENERATOR int countdown(bide_value arg, bide_value *result)
{
    int64_t n;
    BIDE_TRY(bide_to_int(arg, &n));
    for (; n > 0; n--)
        BIDE_TRY(bide_yield(bide_int(n), NULL));
    return bide_return(result, "lift-off");
}
BIDE_EXPORT_GENERATOR(countdown);

static int with_for(void)
{
    BIDE_FOR (n, bide_gen(countdown, bide_int(5)))
        printf("%d ", (int)n.as.i);
    puts("and the loop is over");
    return 0;
}

static int left_early(void)
{
    BIDE_FOR (n, bide_gen(countdown, bide_int(1000000))) {
        printf("%d ", (int)n.as.i);
        if (n.as.i % 10 == 8)
            break;
    }
    printf("enough; objects alive: %zu\n", bide_debug_live());
    return 0;
}

static int by_hand(void)
{
    BIDE_SCOPED bide_value generator = bide_gen(countdown, bide_int(2));
    BIDE_SCOPED bide_value value = BIDE_NONE;
    int step;
    while ((step = bide_next(generator, &value)) == BIDE_YIELDED)
        printf("%d ", (int)value.as.i); /* an int holds nothing that would need bide_drop */
    if (step == BIDE_RETURNED)
        printf("and it returned \"%s\"\n", bide_cstr(value));
    return step;
}

int main(void)
{
    if (with_for() < 0 || left_early() < 0 || by_hand() < 0) {
        BIDE_SCOPED bide_value error = bide_error_take();
        BIDE_SCOPED bide_value text = bide_error_traceback(error);
        fprintf(stderr, "%s\n", bide_cstr(text));
        return 1;
    }
    return 0;
}
