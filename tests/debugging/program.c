/* A program to be looked at: debugging.test.mjs runs it with BIDE_SEED, BIDE_TRACE and BIDE_DEBUG.
 *
 *     program race           a race that only some orders lose: status 1 for those
 *     program races COUNT    the same with the seeds from 0 to COUNT - 1: a line for each
 *     program trace          prints the trace of a small program, which BIDE_TRACE has written
 *     program slow           a step that takes a second of virtual time
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- a race ------------------------------------------------------------------------- */

struct account {
    int64_t balance;
    bool open;
};

static BIDE_ASYNC int open_account(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_sleep(0)); /* asks somebody */
    ((struct account *)arg.as.ptr)->open = true;
    return 0;
}

/* Relies on being started after open_account, and running after it in every iteration. */
static BIDE_ASYNC int deposit(bide_value arg, bide_value *result)
{
    struct account *account = arg.as.ptr;
    BIDE_TRY(bide_sleep(0));
    if (!account->open)
        return bide_raise(BIDE_RuntimeError, "the account is not open");
    account->balance += 10;
    return 0;
}

static BIDE_ASYNC int race(bide_value arg, bide_value *result)
{
    struct account account = {0, false};
    bide_value steps =
        bide_list(bide_coro(open_account, bide_ptr(&account)),
                  bide_coro(deposit, bide_ptr(&account)), bide_coro(deposit, bide_ptr(&account)));
    BIDE_TRY(bide_await(bide_gather(steps, false), NULL));
    printf("balance %d\n", (int)account.balance);
    return 0;
}

static int run_races(int64_t count)
{
    for (int64_t seed = 0; seed < count; seed++) {
        bide_use_seed(seed);
        printf("%d: ", (int)seed);
        if (bide_run(bide_coro(race, BIDE_NONE), NULL) == 0)
            continue;
        bide_value error = bide_error_take();
        puts(bide_error_message(error));
        bide_drop(error);
    }
    return 0;
}

/* --- something to trace ------------------------------------------------------------- */

static BIDE_ASYNC int produce(bide_value queue, bide_value *result)
{
    for (int i = 0; i < 3; i++) {
        BIDE_TRY(bide_sleep(BIDE_MS(10)));
        BIDE_TRY(bide_queue_put(queue, bide_int(i)));
    }
    return bide_queue_shutdown(queue, false);
}

static BIDE_ASYNC int consume(bide_value queue, bide_value *result)
{
    BIDE_ASYNC_FOR (item, bide_ref(queue))
        BIDE_TRY(bide_sleep(BIDE_MS(1)));
    return bide_raise(BIDE_ValueError, "a \"quoted\" text\nin two lines");
}

static BIDE_ASYNC int linger(bide_value arg, bide_value *result)
{
    return bide_await(bide_future(), NULL);
}

static BIDE_ASYNC int work(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value queue = bide_queue(1), results = BIDE_NONE;
    BIDE_SCOPED bide_value lingering =
        bide_task(bide_coro(linger, BIDE_NONE), "lingering \\ \"1\"");
    BIDE_TRY(bide_await(bide_gather(bide_list(bide_coro(produce, bide_ref(queue)),
                                              bide_coro(consume, bide_ref(queue))),
                                    true),
                        &results));
    bide_future_cancel(lingering, NULL);
    return 0;
}

static int print_trace(void)
{
    int status = bide_main(bide_coro(work, BIDE_NONE));
    char buffer[4096];
    size_t size;
    if (status != 0 || bide_trace_to(NULL) < 0)
        return 1;
    FILE *file = fopen(getenv("BIDE_TRACE"), "r");
    while (file && (size = fread(buffer, 1, sizeof buffer, file)) > 0)
        fwrite(buffer, 1, size, stdout);
    if (file)
        fclose(file);
    return file ? 0 : 1;
}

/* --- a slow step -------------------------------------------------------------------- */

static BIDE_ASYNC int slow(bide_value arg, bide_value *result)
{
    BIDE_TRY(bide_advance(BIDE_SECONDS(1)));
    return bide_sleep(0);
}

/* --- a handler that fails itself ----------------------------------------------------- */

static void refuse(const char *message, bide_value error)
{
    (void)error;
    bide_raise(BIDE_RuntimeError, "no place for \"%s\"", message);
}

static int fail(bide_value arg)
{
    return bide_raise(BIDE_ValueError, "lost");
}

static BIDE_ASYNC int report(bide_value arg, bide_value *result)
{
    bide_set_exception_handler(refuse);
    bide_drop(bide_call_soon(fail, BIDE_NONE));
    return bide_sleep(0);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "race") == 0)
        return bide_main(bide_coro(race, BIDE_NONE));
    if (strcmp(what, "races") == 0 && argc > 2)
        return run_races(atoll(argv[2]));
    if (strcmp(what, "trace") == 0)
        return print_trace();
    if (strcmp(what, "slow") == 0)
        return bide_main(bide_coro(slow, BIDE_NONE));
    if (strcmp(what, "handler") == 0)
        return bide_main(bide_coro(report, BIDE_NONE));
    fputs("race, races COUNT, trace, slow, or handler?\n", stderr);
    return 2;
}
