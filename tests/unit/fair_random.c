/* Fair queues and locks against models of them: programs from seeds, in which tasks put, get, hold
 * and are cancelled at random.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

enum { SEEDS = 60, OPERATIONS = 80 };

static uint64_t state;

static unsigned random_below(unsigned n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 33) % n;
}

/* What is wrong, with the seed that shows it. */
static unsigned seed;
#define EXPECT(condition)                                                                          \
    ((condition) ? (void)0                                                                         \
                 : check__fail(__FILE__, __LINE__, "seed %u: not so: %s", seed, #condition))

/* A line of numbers, in the model and in what is noted. */
struct line {
    int at[OPERATIONS + 1];
    int count;
};

static void append(struct line *self, int n)
{
    self->at[self->count++] = n;
}

static int take(struct line *self, int place)
{
    int n = self->at[place];
    memmove(&self->at[place], &self->at[place + 1],
            (size_t)(--self->count - place) * sizeof *self->at);
    return n;
}

enum { NOTHING = -1, CANCELLED = -2 };

/* Operation i is a put of i or a get: what came of it. */
static bide_value q, tasks[OPERATIONS];
static int outcome[OPERATIONS];
static struct line put_order, lock_order;

static BIDE_ASYNC int put(bide_value n, bide_value *result)
{
    if (bide_queue_put(q, bide_ref(n)) < 0) {
        EXPECT(bide_catch(BIDE_CancelledError, NULL));
        outcome[n.as.i] = CANCELLED;
        return 0;
    }
    outcome[n.as.i] = (int)n.as.i;
    append(&put_order, (int)n.as.i);
    return 0;
}

static BIDE_ASYNC int get(bide_value n, bide_value *result)
{
    bide_value v;
    if (bide_queue_get(q, &v) < 0) {
        EXPECT(bide_catch(BIDE_CancelledError, NULL));
        outcome[n.as.i] = CANCELLED;
        return 0;
    }
    outcome[n.as.i] = (int)v.as.i;
    return 0;
}

static void begin(void)
{
    memset(&put_order, 0, sizeof put_order);
    memset(&lock_order, 0, sizeof lock_order);
    for (int i = 0; i < OPERATIONS; i++) {
        tasks[i] = BIDE_NONE;
        outcome[i] = NOTHING;
    }
}

static void end(void)
{
    for (int i = 0; i < OPERATIONS; i++)
        bide_clear(&tasks[i]);
    bide_clear(&q);
}

/* --- after each operation everything settles: an exact model ------------------------ */

static struct {
    struct line items, putters, getters;
    int outcome[OPERATIONS];
    int maxsize;
} model;

static void model_put(int n)
{
    if (model.getters.count) {
        model.outcome[take(&model.getters, 0)] = n;
        model.outcome[n] = n;
    } else if (model.maxsize == 0 || model.items.count < model.maxsize) {
        append(&model.items, n);
        model.outcome[n] = n;
    } else {
        append(&model.putters, n);
    }
}

static int model_get(void)
{
    int n = take(&model.items, 0);
    if (model.putters.count) {
        int next = take(&model.putters, 0);
        append(&model.items, next);
        model.outcome[next] = next;
    }
    return n;
}

static void model_cancel(struct line *line, int place)
{
    int n = take(line, place);
    model.outcome[n] = CANCELLED;
    bide_future_cancel(tasks[n], NULL);
}

static void without_waiting(int i)
{
    bide_value v;
    if (random_below(2)) {
        bool full = model.maxsize && model.items.count >= model.maxsize;
        int status = bide_queue_put_nowait(q, bide_int(i));
        EXPECT((status < 0) == full);
        EXPECT(status == 0 || bide_catch(BIDE_QueueFull, NULL));
        if (!full)
            model_put(i);
        outcome[i] = full ? NOTHING : i;
        return;
    }
    bool empty = model.items.count == 0;
    int status = bide_queue_get_nowait(q, &v);
    EXPECT((status < 0) == empty);
    EXPECT(status == 0 || bide_catch(BIDE_QueueEmpty, NULL));
    if (!empty)
        outcome[i] = (int)v.as.i, model.outcome[i] = model_get();
}

static void operate(int i)
{
    switch (random_below(6)) {
    case 0:
        if (model.putters.count)
            model_cancel(&model.putters, (int)random_below((unsigned)model.putters.count));
        break;
    case 1:
        if (model.getters.count)
            model_cancel(&model.getters, (int)random_below((unsigned)model.getters.count));
        break;
    case 2:
        without_waiting(i);
        break;
    case 3:
    case 4:
        tasks[i] = bide_task(bide_coro(put, bide_int(i)), NULL);
        model_put(i);
        break;
    default:
        tasks[i] = bide_task(bide_coro(get, bide_int(i)), NULL);
        if (model.items.count)
            model.outcome[i] = model_get();
        else
            append(&model.getters, i);
    }
}

static BIDE_ASYNC int settled(bide_value arg, bide_value *result)
{
    memset(&model, 0, sizeof model);
    memset(model.outcome, NOTHING, sizeof model.outcome);
    model.maxsize = (int)random_below(4);
    begin();
    q = bide_fair_queue((size_t)model.maxsize);
    for (int i = 0; i < OPERATIONS; i++) {
        operate(i);
        BIDE_TRY(bide_sleep(1));
        EXPECT(memcmp(outcome, model.outcome, sizeof outcome) == 0);
        EXPECT(bide_queue_size(q) == (size_t)model.items.count);
    }
    for (int i = 0; i < OPERATIONS; i++)
        if (!bide_is_none(tasks[i]))
            bide_future_cancel(tasks[i], NULL);
    BIDE_TRY(bide_sleep(1));
    end();
    return 0;
}

/* --- nothing settles: what must hold all the same ----------------------------------- */

static void hurry(int i, bool cancels)
{
    unsigned what = random_below(cancels ? 8 : 6);
    bide_value v;
    if (what < 3) {
        tasks[i] = bide_task(bide_coro(put, bide_int(i)), NULL);
    } else if (what < 5) {
        tasks[i] = bide_task(bide_coro(get, bide_int(i)), NULL);
    } else if (what == 5) {
        if (bide_queue_get_nowait(q, &v) == 0)
            outcome[i] = (int)v.as.i;
        else
            bide_error_clear();
    } else {
        bide_value task = tasks[random_below((unsigned)i + 1)];
        if (!bide_is_none(task) && !bide_future_done(task))
            bide_future_cancel(task, NULL);
    }
}

static bool rises(const struct line *line)
{
    for (int i = 1; i < line->count; i++)
        if (line->at[i] < line->at[i - 1])
            return false;
    return true;
}

/* Every item that was put has come out exactly once: what is left comes out now. */
static void check_items(void)
{
    bide_value v;
    int times[OPERATIONS] = {0};
    while (bide_queue_get_nowait(q, &v) == 0)
        times[v.as.i]++;
    bide_error_clear();
    for (int i = 0; i < OPERATIONS; i++)
        if (outcome[i] >= 0 && outcome[i] != i)
            times[outcome[i]]++;
    for (int i = 0; i < put_order.count; i++)
        EXPECT(times[put_order.at[i]]-- == 1);
    for (int i = 0; i < OPERATIONS; i++)
        EXPECT(times[i] == 0);
}

/* Who asked first got what was put first. */
static void check_getters(void)
{
    int place[OPERATIONS] = {0};
    struct line places = {.count = 0};
    for (int i = 0; i < put_order.count; i++)
        place[put_order.at[i]] = i;
    for (int i = 0; i < OPERATIONS; i++)
        if (!bide_is_none(tasks[i]) && outcome[i] >= 0 && outcome[i] != i)
            append(&places, place[outcome[i]]);
    EXPECT(rises(&places));
}

static BIDE_ASYNC int hurried(bide_value arg, bide_value *result)
{
    bool cancels = random_below(2);
    begin();
    q = bide_fair_queue(random_below(4));
    for (int i = 0; i < OPERATIONS; i++) {
        hurry(i, cancels);
        if (random_below(3) == 0)
            BIDE_TRY(bide_sleep(0));
    }
    BIDE_TRY(bide_sleep(1));
    EXPECT(rises(&put_order)); /* in the order of the calls, also where others were cancelled */
    if (!cancels)              /* a cancelled getter's item may come late */
        check_getters();
    for (int i = 0; i < OPERATIONS; i++)
        if (!bide_is_none(tasks[i]))
            bide_future_cancel(tasks[i], NULL);
    BIDE_TRY(bide_sleep(1));
    check_items();
    end();
    return 0;
}

/* --- locks -------------------------------------------------------------------------- */

static bide_value lock;
static int holders, waiting;

static BIDE_ASYNC int hold(bide_value n, bide_value *result)
{
    waiting++;
    int status = bide_lock_acquire(lock);
    waiting--;
    if (status < 0) {
        EXPECT(bide_catch(BIDE_CancelledError, NULL));
        return 0;
    }
    EXPECT(holders++ == 0);
    EXPECT(bide_lock_locked(lock));
    append(&lock_order, (int)n.as.i);
    for (unsigned turns = random_below(3); turns > 0 && status == 0; turns--)
        status = bide_sleep(0);
    holders--;
    EXPECT(bide_lock_release(lock) == 0 || bide_error_pending());
    bide_error_clear();
    return 0;
}

static BIDE_ASYNC int locked(bide_value arg, bide_value *result)
{
    begin();
    lock = bide_fair_lock();
    for (int i = 0; i < OPERATIONS; i++) {
        bide_value task = tasks[random_below((unsigned)i + 1)];
        if (random_below(3) || bide_is_none(task))
            tasks[i] = bide_task(bide_coro(hold, bide_int(i)), NULL);
        else if (!bide_future_done(task))
            bide_future_cancel(task, NULL);
        if (random_below(2))
            BIDE_TRY(bide_sleep(0));
        EXPECT(bide_lock_locked(lock) || !waiting); /* it is never free while somebody waits */
    }
    BIDE_TRY(bide_sleep(1));
    EXPECT(!bide_lock_locked(lock) && !waiting && !holders);
    EXPECT(rises(&lock_order));
    end();
    bide_clear(&lock);
    return 0;
}

/* ------------------------------------------------------------------------------------ */

static void run_seeds(bide_body *body)
{
    for (seed = 1; seed <= SEEDS; seed++) {
        state = seed * UINT64_C(0x9E3779B97F4A7C15);
        CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
    }
}

static void test_queue_model(void)
{
    run_seeds(settled);
}

static void test_queue_races(void)
{
    run_seeds(hurried);
}

static void test_lock_races(void)
{
    run_seeds(locked);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    RUN(test_queue_model);
    RUN(test_queue_races);
    RUN(test_lock_races);
    return check_end();
}
