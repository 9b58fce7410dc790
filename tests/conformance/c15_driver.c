/* At the bottom of the stack is any code that calls send: here a round-robin driver of jobs that
 * nap and join each other. A joiner gets the value, or the exception, of the job it waited for.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

typedef struct job {
    bide_value coro;
    bide_value result; /* what it returned, or the exception it raised */
    bool done;
    struct job *joins; /* the job it waits for */
} job;

static struct {
    job a, b, bad, boss;
} jobs;

/* Whose turn it is, and what to send or throw. */
static struct {
    job *job;
    bide_value input;
} ready[16];
static int first_ready, last_ready;

static BIDE_ASYNC int nap(void)
{
    return bide_await(suspend("nap"), NULL);
}

static BIDE_ASYNC int join(job *other, bide_value *result)
{
    return bide_await(suspend(bide_ptr(other)), result);
}

static BIDE_ASYNC int worker(bide_value args, bide_value *result)
{
    bide_value n = bide_item(args, 0), k = bide_item(args, 1);
    for (int64_t i = 0; i < k.as.i; i++) {
        print(n, i);
        BIDE_TRY(nap());
    }
    return bide_format(result, "%c", bide_cstr(n)[0] - 'a' + 'A');
}

static BIDE_ASYNC int boss(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value r = BIDE_NONE, e = BIDE_NONE;
    BIDE_TRY(join(&jobs.a, &r));
    print("boss got", r);
    if (join(&jobs.bad, NULL) < 0) {
        BIDE_EXCEPT(BIDE_ValueError, &e);
        print("boss caught", e);
    }
    return bide_return(result, "boss done");
}

static BIDE_ASYNC int bad(bide_value arg, bide_value *result)
{
    BIDE_TRY(nap());
    return bide_raise(BIDE_ValueError, "bad worker");
}

static void schedule(job *j, bide_value input)
{
    ready[last_ready].job = j;
    ready[last_ready++].input = input;
}

static void advance(job *j, bide_value input)
{
    bide_value r;
    int status = bide_is_error(input, BIDE_Exception) ? bide_throw(j->coro, input, &r)
                                                      : bide_send(j->coro, input, &r);
    if (status == BIDE_YIELDED && r.kind == BIDE_KIND_PTR) {
        j->joins = r.as.ptr;
        if (j->joins->done)
            schedule(j, bide_ref(j->joins->result));
        return;
    }
    if (status == BIDE_YIELDED) {
        bide_drop(r); /* "nap" */
        schedule(j, BIDE_NONE);
        return;
    }
    j->result = status == BIDE_RETURNED ? r : bide_error_take();
    j->done = true;
    if (jobs.boss.joins == j)
        schedule(&jobs.boss, bide_ref(j->result));
}

int c15_driver(void)
{
    jobs.a = (job){.coro = bide_coro(worker, bide_tuple("a", 3))};
    jobs.b = (job){.coro = bide_coro(worker, bide_tuple("b", 2))};
    jobs.bad = (job){.coro = bide_coro(bad, BIDE_NONE)};
    jobs.boss = (job){.coro = bide_coro(boss, BIDE_NONE)};
    job *all[] = {&jobs.a, &jobs.b, &jobs.bad, &jobs.boss};

    first_ready = last_ready = 0;
    for (int i = 0; i < 4; i++)
        schedule(all[i], BIDE_NONE);
    for (; first_ready < last_ready; first_ready++)
        advance(ready[first_ready].job, ready[first_ready].input);
    print(jobs.boss.result, jobs.b.result);

    for (int i = 0; i < 4; i++) {
        bide_drop(all[i]->coro);
        bide_drop(all[i]->result);
    }
    return 0;
}
