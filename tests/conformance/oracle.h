/* oracle.h - what the ports print their traces with, and the little else that they share.
 *
 * Each helper is named after the one of the Python scripts and prints the same text. All
 * borrow what they are given, unless they say otherwise.
 *
 * SPDX-License-Identifier: MIT */
#ifndef ORACLE_H
#define ORACLE_H

#include <bide.h>

#include <stdint.h>

/* One thing to print: a C string or number, a value, or one of the phrases below. */
typedef struct oracle_item {
    enum {
        ORACLE_END,
        ORACLE_TEXT,
        ORACLE_VALUE,
        ORACLE_ERROR,
        ORACLE_FUTURE,
        ORACLE_EACH,
    } kind;
    union {
        const char *text;
        bide_value value;
    } as;
    struct oracle_item (*of)(bide_value item); /* of ORACLE_EACH */
} oracle_item;

/* print(a, b, ...): as Python does, with spaces between, str() of each and a newline. */
#define print(...)                                                                                 \
    oracle_print((const oracle_item[]){ORACLE_ITEMS(__VA_ARGS__), {.kind = ORACLE_END}})
/* The same, stamped with the loop's time in seconds: "[1.5] ..."; "[-] ..." without a loop. */
#define log(...) oracle_log((const oracle_item[]){ORACLE_ITEMS(__VA_ARGS__), {.kind = ORACLE_END}})

/* "Type: message" of an exception, "None" of None, as a thing to print. */
static inline oracle_item ex(bide_value error)
{
    return (oracle_item){.kind = ORACLE_ERROR, .as = {.value = error}};
}

/* "pending", "cancelled", "result v" or "exception Type: message" of a future. */
static inline oracle_item state(bide_value future)
{
    return (oracle_item){.kind = ORACLE_FUTURE, .as = {.value = future}};
}

/* "['...', '...']": [of(x) for x in list], with of one of `state`, the phrases below, or a
 * function of the port's own. */
static inline oracle_item each(oracle_item (*of)(bide_value item), bide_value list)
{
    return (oracle_item){.kind = ORACLE_EACH, .as = {.value = list}, .of = of};
}

/* type(x).__name__; task.get_name(); and ex(x) of an exception, any other value itself. */
oracle_item type_name(bide_value v);
oracle_item task_name(bide_value task);
oracle_item outcome(bide_value v);

/* step("send(5)", bide_send, g, bide_int(5)): calls bide_send(g, bide_int(5), &out) and prints
 * the label with how it ended: "-> v" yielded, "=> return v", "=> StopAsyncIteration", "!! error".
 * bide_close is not a step but an ordinary call, whose result is "-> v". */
#define step(label, call, ...)                                                                     \
    do {                                                                                           \
        BIDE_SCOPED bide_value oracle__out = BIDE_NONE;                                            \
        int oracle__status = call(__VA_ARGS__, &oracle__out);                                      \
        if ((void (*)(void))call == (void (*)(void))bide_close && oracle__status == 0)             \
            oracle__status = BIDE_YIELDED;                                                         \
        oracle_step(label, oracle__status, oracle__out);                                           \
    } while (0)

/* step(label, bide_send, it, BIDE_NONE) for one that nobody keeps: `it` moves in. */
void once(const char *label, bide_value it);

/* Sends None until it ends, printing "label yields v" and how it ended. `it` moves in. */
void drive(const char *label, bide_value it);

/* Awaits inside a task and logs how it ended. The awaitable moves in. */
BIDE_ASYNC void attempt(const char *label, bide_value awaitable);
/* The coroutine object of attempt. */
bide_value attempting(const char *label, bide_value awaitable);
/* The same for a call that awaits: attempted("get", bide_queue_get(q, &v), &v) logs how it ended.
 * `out` may be NULL; what is there is dropped. */
void attempted(const char *label, int status, bide_value *out);
/* except Type as e: log(label, ex(e)); without a label, log(ex(e)). 0, or BIDE_RAISED if what is
 * pending is of another type. */
int log_except(const bide_error_type *type, const char *label);

/* await gather(*tasks, return_exceptions=True), where nobody looks at the results: a MemoryError
 * among them is raised all the same. `tasks` is borrowed. */
BIDE_ASYNC int gather_all(bide_value tasks);

/* except CancelledError: log(n, "cancelled"); raise. Anything else but a cancellation goes on with
 * a line of its own, so that none is lost with a task that nobody awaits. */
int log_cancelled(bide_value n);

/* create_task(coro), create_task(coro, name="..."). */
#define spawn(coro, ...) bide_task(coro, BIDE__SECOND(_, ##__VA_ARGS__, NULL))

/* args[i]; None beyond the end, for arguments that were left out. Borrowed. */
static inline bide_value item(bide_value args, size_t i)
{
    return i < bide_size(args) ? bide_item(args, i) : BIDE_NONE;
}

/* asyncio.sleep(v) of an int or float, in seconds. */
BIDE_ASYNC int sleep_for(bide_value v);

/* asyncio.run on the virtual clock; prints "run -> v" or "run !! error", and before that what the
 * loop's exception handler was told. `coro` moves in. */
void top(bide_value coro);

/* await suspend(v): the leaf that yields v to whoever drives the stack, and returns what is
 * sent. suspend() yields None. */
#define suspend(...)                                                                               \
    bide_awaitable_gen(suspend, BIDE_BOX(BIDE__SECOND(_, ##__VA_ARGS__, BIDE_NONE)))
BIDE_GENERATOR int(suspend)(bide_value v, bide_value *sent);

/* --- under the macros --------------------------------------------------------------------------
 */

void oracle_print(const oracle_item *items);
void oracle_log(const oracle_item *items);
void oracle_step(const char *label, int status, bide_value out);

/* Keeps what is printed instead of writing it; take gives it, for the caller to free. */
void oracle_capture(void);
char *oracle_take_captured(void);

static inline oracle_item oracle_text(const char *text)
{
    return (oracle_item){.kind = ORACLE_TEXT, .as = {.text = text}};
}

static inline oracle_item oracle_value(bide_value v)
{
    return (oracle_item){.kind = ORACLE_VALUE, .as = {.value = v}};
}

static inline oracle_item oracle_int(int64_t i)
{
    return oracle_value(bide_int(i));
}

static inline oracle_item oracle_size(size_t n)
{
    return oracle_int((int64_t)n);
}

static inline oracle_item oracle_float(double f)
{
    return oracle_value(bide_float(f));
}

static inline oracle_item oracle_bool(bool b)
{
    return oracle_value(bide_bool(b));
}

static inline oracle_item oracle_itself(oracle_item item)
{
    return item;
}

#define ORACLE_ITEM(x)                                                                             \
    _Generic((x),                                                                                  \
        char *: oracle_text,                                                                       \
        const char *: oracle_text,                                                                 \
        bool: oracle_bool,                                                                         \
        double: oracle_float,                                                                      \
        size_t: oracle_size,                                                                       \
        bide_value: oracle_value,                                                                  \
        oracle_item: oracle_itself,                                                                \
        default: oracle_int)(x)
#define ORACLE_ITEMS(...)                                                                          \
    ORACLE_PICK(__VA_ARGS__, ORACLE_I6, ORACLE_I5, ORACLE_I4, ORACLE_I3, ORACLE_I2, ORACLE_I1, _)  \
    (__VA_ARGS__)
#define ORACLE_PICK(a, b, c, d, e, f, pick, ...) pick
#define ORACLE_I1(a) ORACLE_ITEM(a)
#define ORACLE_I2(a, ...) ORACLE_ITEM(a), ORACLE_I1(__VA_ARGS__)
#define ORACLE_I3(a, ...) ORACLE_ITEM(a), ORACLE_I2(__VA_ARGS__)
#define ORACLE_I4(a, ...) ORACLE_ITEM(a), ORACLE_I3(__VA_ARGS__)
#define ORACLE_I5(a, ...) ORACLE_ITEM(a), ORACLE_I4(__VA_ARGS__)
#define ORACLE_I6(a, ...) ORACLE_ITEM(a), ORACLE_I5(__VA_ARGS__)

#endif
