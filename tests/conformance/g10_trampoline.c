/* A trampoline makes coroutines of plain generators: yielding a generator calls it, and what it
 * returns is sent back to the caller. Two such stacks take turns.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <string.h>

static BIDE_GENERATOR int worker(bide_value args, bide_value *result)
{
    bide_value name = bide_item(args, 0), n = bide_item(args, 1);
    for (int64_t i = 0; i < n.as.i; i++) {
        print(name, i);
        BIDE_TRY(bide_yield(BIDE_NONE, NULL));
    }
    return bide_format(result, "%s done", bide_cstr(name));
}

static BIDE_GENERATOR int parent(bide_value name, bide_value *result)
{
    BIDE_SCOPED bide_value r = BIDE_NONE;
    bide_value child = bide_strf("%s.child", bide_cstr(name));
    BIDE_TRY(bide_yield(bide_gen(worker, bide_tuple(child, 2)), &r)); /* a trampolined call */
    print(name, "got", r);
    bide_value child2 = bide_strf("%s.child2", bide_cstr(name));
    return bide_yield(bide_gen(worker, bide_tuple(child2, 1)), result);
}

/* Generators that call each other, the running one last. */
typedef struct {
    bide_value frames[4];
    int depth;
    bide_value value; /* to send to the running one */
} stack;

static int advance(stack *s)
{
    bide_value r, input = s->value;
    s->value = BIDE_NONE;
    int status = bide_send(s->frames[s->depth - 1], input, &r);
    if (status == BIDE_YIELDED && strcmp(bide_type_name(r), "generator") == 0) {
        s->frames[s->depth++] = r;
        return status;
    }
    if (status != BIDE_YIELDED)
        bide_drop(s->frames[--s->depth]);
    if (status == BIDE_RETURNED && s->depth == 0)
        print("finished with", r);
    else if (status == BIDE_RETURNED)
        s->value = bide_ref(r);
    bide_drop(r);
    return status;
}

static int trampoline(stack *stacks, int count)
{
    int status = 0, live = count;
    while (live > 0 && status >= 0)
        for (int i = 0; i < count && status >= 0; i++)
            if (stacks[i].depth > 0) {
                status = advance(&stacks[i]);
                live -= stacks[i].depth == 0;
            }
    for (int i = 0; i < count; i++) {
        while (stacks[i].depth > 0)
            bide_drop(stacks[i].frames[--stacks[i].depth]);
        bide_drop(stacks[i].value);
    }
    return status;
}

int g10_trampoline(void)
{
    stack stacks[] = {
        {{bide_gen(worker, bide_tuple("w", 3))}, 1, BIDE_NONE},
        {{bide_gen(parent, bide_str("p"))}, 1, BIDE_NONE},
    };
    return trampoline(stacks, 2);
}
