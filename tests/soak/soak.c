/* Runs millions of tasks that wait in every way, cancels them at random points, and checks that
 * nothing is lost, held or left.
 *
 *     soak [SECONDS [SEED]]        ten minutes by default; a line of counts now and then
 *     soak --rounds N [SEED]       so many rounds; on the virtual clock the counts are the same
 *                                  on every target
 *
 * A round is a loop of its own. BIDE_HOST=virtual or posix chooses what it waits on.
 *
 * SPDX-License-Identifier: MIT */
#include "soak.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SLOTS = 64, STARTS = 2000, DEPTH = 3 };

shared at;
counts total;

/* --- chance and checks -------------------------------------------------------------------- */

static uint64_t chance;

void seed_chance(uint64_t seed)
{
    chance = seed * 2654435769u + 1;
}

int below(int n)
{
    chance ^= chance << 13; /* xorshift64 */
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return (int)((chance >> 33) % (uint64_t)n);
}

void must(bool holds, const char *what, const char *file, int line)
{
    if (holds)
        return;
    printf("%s:%d: in round %" PRId64 ": not true: %s\n", file, line, total.rounds, what);
    exit(1);
}

/* --- a round ------------------------------------------------------------------------------ */

static void count_report(const char *message, bide_value error)
{
    total.reports++;
    must(strstr(message, "was never retrieved"), message, __FILE__, __LINE__);
}

static void make_things(void)
{
    at = (shared){0};
    at.lock = bide_lock();
    at.semaphore = bide_bounded_semaphore(PERMITS);
    at.condition = bide_condition(BIDE_NONE);
    at.event = bide_event();
    at.queue = bide_queue(ROOM);
    at.barrier = bide_barrier(2);
}

static void drop_things(void)
{
    bide_drop(at.lock);
    bide_drop(at.semaphore);
    bide_drop(at.condition);
    bide_drop(at.event);
    bide_drop(at.queue);
    bide_drop(at.barrier);
}

/* Looks how a task has ended, which leaves most failures unseen, and drops it. */
static void note_end(bide_value task)
{
    bide_value error = BIDE_NONE;
    MUST(bide_future_done(task));
    if (bide_future_cancelled(task))
        total.cancelled++;
    else
        total.ended++;
    if (!bide_future_cancelled(task) && below(4) == 0 && bide_future_exception(task, &error) == 0 &&
        !bide_is_none(error))
        total.seen_to_fail++;
    bide_drop(error);
    bide_drop(task);
}

static int cancel_later(bide_value task)
{
    total.requests++;
    bide_future_cancel(task, "by a callback");
    return 0;
}

static int start_one(bide_value *slot)
{
    *slot = bide_task(something(1 + below(DEPTH)), NULL);
    if (bide_failed(*slot))
        return BIDE_RAISED;
    total.tasks++;
    if (below(3) == 0)
        bide_drop(bide_call_later(BIDE_US(below(300)), cancel_later, bide_ref(*slot)));
    return 0;
}

/* Starts a task where there is none; cancels the one that is there, or lets it be. */
static int deal_with(bide_value *slot)
{
    if (!bide_is_none(*slot) && bide_future_done(*slot)) {
        note_end(*slot);
        *slot = BIDE_NONE;
    }
    if (bide_is_none(*slot))
        return start_one(slot);
    if (below(2)) {
        total.requests++;
        bide_future_cancel(*slot, below(2) ? "at random" : NULL);
    }
    return 0;
}

/* Cancels everyone until all have ended; some have to be told more than once, and start others in
 * the meantime. */
static BIDE_ASYNC int end_all(bide_value *slots)
{
    BIDE_SCOPED bide_value me = bide_current_task();
    for (bool any = true; any;) {
        BIDE_SCOPED bide_value tasks = bide_all_tasks();
        any = bide_size(tasks) > 1;
        for (size_t i = 0; i < bide_size(tasks); i++)
            if (!bide_is(bide_item(tasks, i), me))
                bide_future_cancel(bide_item(tasks, i), NULL);
        BIDE_TRY(bide_sleep(0));
    }
    for (int i = 0; i < SLOTS; i++)
        if (!bide_is_none(slots[i]))
            note_end(slots[i]);
    return 0;
}

static BIDE_ASYNC int check_things(void)
{
    MUST(at.entered == at.left);
    MUST(at.holders == 0 && at.permits_out == 0 && at.group_children == 0);
    MUST(!bide_lock_locked(at.lock) && !bide_condition_locked(at.condition));
    MUST(at.items_put - at.items_got == (int64_t)bide_queue_size(at.queue));
    MUST(bide_barrier_waiting(at.barrier) == 0 && !bide_barrier_broken(at.barrier));
    for (int i = 0; i < PERMITS; i++) {
        MUST(!bide_semaphore_locked(at.semaphore));
        BIDE_TRY(bide_semaphore_acquire(at.semaphore));
    }
    MUST(bide_semaphore_locked(at.semaphore));
    return 0;
}

static BIDE_ASYNC int run_round(bide_value arg, bide_value *result)
{
    bide_value slots[SLOTS] = {{0}};
    make_things();
    for (int i = 0; i < STARTS; i++) {
        BIDE_TRY(deal_with(&slots[below(SLOTS)]));
        if (below(3) == 0)
            BIDE_TRY(bide_sleep(below(10) ? 0 : BIDE_US(50)));
    }
    BIDE_TRY(end_all(slots));
    BIDE_TRY(check_things());
    drop_things();
    return 0;
}

static void round_of_tasks(void)
{
    if (bide_run(bide_coro(run_round, BIDE_NONE), NULL) < 0) {
        bide_value text = bide_error_traceback(bide_error_take());
        must(false, bide_cstr(text), __FILE__, __LINE__);
    }
    MUST(bide_debug_live() == 0);
    total.rounds++;
}

/* --- how long ----------------------------------------------------------------------------- */

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Resident memory in KiB; 0 where there is no way to know. */
static long resident(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%*d %ld", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return pages * 4;
}

static void print_counts(void)
{
    printf("%" PRId64 " rounds, %" PRId64 " tasks at the top, %" PRId64 " cancellations: %" PRId64
           " cancelled, %" PRId64 " ended otherwise, %" PRId64 " of them seen to fail; %" PRId64
           " reports",
           total.rounds, total.tasks, total.requests, total.cancelled, total.ended,
           total.seen_to_fail, total.reports);
}

static int soak(double duration)
{
    double start = seconds(), next = 1, passed = 0;
    long warm = 0;
    int64_t bodies = 0;
    while (passed < duration) {
        round_of_tasks();
        bodies += at.entered;
        passed = seconds() - start;
        if (!warm && passed > duration / 10)
            warm = resident();
        if (passed < next)
            continue;
        next = passed + duration / 20;
        printf("%4.0f s: %" PRId64 " coroutines, ", passed, bodies);
        print_counts();
        printf("; %ld KiB\n", resident());
        fflush(stdout);
    }
    long end = resident();
    printf("%zu objects are left; %ld KiB after the warm-up, %ld KiB at the end\n",
           bide_debug_live(), warm, end);
    return end > warm + warm / 10 + 1024;
}

int main(int argc, char **argv)
{
    bool by_rounds = argc > 2 && strcmp(argv[1], "--rounds") == 0;
    int seed_at = by_rounds ? 3 : 2;
    seed_chance(argc > seed_at ? (uint64_t)atoll(argv[seed_at]) : 1);
    bide_set_exception_handler(count_report);
    if (!by_rounds)
        return soak(argc > 1 ? atof(argv[1]) : 600);
    for (int n = atoi(argv[2]); n > 0; n--)
        round_of_tasks();
    print_counts();
    printf("\n%zu objects are left\n", bide_debug_live());
    return 0;
}
