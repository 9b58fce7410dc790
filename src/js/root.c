/* root.c - entering C from JavaScript: main, or a loop for calls, on a root fiber that the host can
 * suspend.
 *
 * There is one root at a time. While it waits, JavaScript may call the other functions of
 * exports.h; what they make ready runs when the root is resumed.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/debug.h>
#include <bide/loop.h>
#include <bide/trace.h>

#include <math.h>
#include <stdio.h>

#include "fiber/block_fiber.h"
#include "host/js.h"
#include "js/exports.h"
#include "js/handle.h"
#include "js/objects.h"
#include "js/request.h"
#include "loop/js_bridge.h"
#include "loop/task.h"
#include "object/exec.h"

/* main's stack: what a command has, see the linker's -z stack-size. */
enum { ROOT_STACK = 256 * 1024 };

/* The C library's: main with its arguments, which a module without main lacks, and what atexit was
 * given, which a program that calls no atexit lacks. */
extern int __main_void(void) __attribute__((weak));
extern void __funcs_on_exit(void) __attribute__((weak));
/* The linker's. Calling it here keeps the linker from wrapping every export in a call of it. */
extern void __wasm_call_ctors(void);

const bide__js_bridge *bide__js;
bide__js_state bide__js_shared;
static size_t own_objects;       /* that the loop for calls consists of: not the program's */
static bide__writer read_outbox; /* what JavaScript is reading, while C writes to the other */

/* --- the bridge ---------------------------------------------------------------------- */

static bide_value call(const char *name, bide_value args)
{
    bide_value future = bide__js_ask_begin(BIDE__ASK_CALL);
    bide__put_text(&bide__js_outbox, name);
    if (!bide_failed(future) && bide__put_value(&bide__js_outbox, args) < 0)
        bide__js_outbox.failed = true;
    future = bide__js_ask_end(future);
    bide_drop(args);
    return future;
}

static bide_value standard_input(void)
{
    return bide__js_iterator(BIDE_NONE);
}

static bool has_requests(void)
{
    return bide__js_outbox.size > 0;
}

static void report_unhandled(const char *message, bide_value error)
{
    size_t start = bide__js_outbox.size;
    bide__js_open(BIDE__ASK_UNHANDLED);
    bide__put_text(&bide__js_outbox, message);
    if (bide__put_value(&bide__js_outbox, error) < 0 || bide__js_outbox.failed) {
        bide__writer_cut(&bide__js_outbox, start);
        bide_error_clear();
    }
}

bide_body *bide__js_body(bide_body *body)
{
    return body;
}

uint32_t bide_js_abi_version(void)
{
    return BIDE__JS_ABI;
}

void bide_js_init(uint32_t construct, uint32_t unhandled)
{
    static const bide__js_bridge bridge = {
        .host = bide__host_js,
        .call = call,
        .standard_input = standard_input,
    };
    bide__js = &bridge;
    bide__js_port.has_requests = has_requests;
    bide__js_port.closed = bide__js_forsake;
    if (construct)
        __wasm_call_ctors();
    if (unhandled)
        bide_set_exception_handler(report_unhandled);
}

/* --- the root ------------------------------------------------------------------------ */

static double milliseconds_until(int64_t deadline)
{
    if (deadline == BIDE_NEVER)
        return INFINITY;
    double delay = deadline == INT64_MIN ? 0 : (double)(deadline - bide__js_clock()) / 1e6;
    return delay > 0 ? delay : 0;
}

/* Runs the root until it waits or ends. */
static void run(double now, double budget)
{
    bide__js_port.entered = (int64_t)(now * 1e6 + 0.5); /* rounded as the WASI clock is */
    bide__js_port.budget_end = bide__js_port.entered + (int64_t)(budget * 1e6);
    if (bide_fiber_resume(bide__js_port.root) == BIDE_FIBER_SUSPENDED) {
        bide__js_shared.waiting = 1;
        bide__js_shared.delay = milliseconds_until(bide__js_port.deadline);
        return;
    }
    bide__js_shared.waiting = 0;
    bide_fiber_free(bide__js_port.root);
    bide__js_port.root = NULL;
    bide_error_clear();
}

static void start(bide_fiber_entry *entry, const char *name, double now, double budget)
{
    if (bide__js_port.root)
        return;
    bide__js_port.root = bide_fiber_new(entry, NULL, ROOT_STACK, name);
    if (!bide__js_port.root) {
        fputs("bide: there is no memory for a stack\n", stderr);
        __builtin_trap();
    }
    run(now, budget);
}

static void main_entry(void *unused)
{
    (void)unused;
    bide__js_shared.status = __main_void();
    if (__funcs_on_exit)
        __funcs_on_exit();
    fflush(NULL);
}

/* A loop that ends only when it is told to. */
static BIDE_ASYNC int serve(bide_value arg, bide_value *result)
{
    (void)arg;
    bide_value never = bide__future_for("calls from JavaScript", BIDE_NONE);
    bide__js_port.serving = true;
    return bide_await(never, result);
}

static void serve_entry(void *unused)
{
    (void)unused;
    if (bide_run(bide_coro(serve, BIDE_NONE), NULL) < 0 && !bide_catch(BIDE_CancelledError, NULL)) {
        bide_value error = bide_error_take();
        report_unhandled("the loop for calls from JavaScript failed", error);
        bide_drop(error);
    }
    bide__js_port.serving = false;
    own_objects = 0;
}

void bide_js_main(double now, double budget)
{
    start(main_entry, "main", now, budget);
}

void bide_js_serve(double now, double budget)
{
    size_t before = bide_debug_live();
    start(serve_entry, "calls from JavaScript", now, budget);
    own_objects = bide_debug_live() - before;
}

void bide_js_resume(double now, double budget)
{
    if (bide__js_port.root)
        run(now, budget);
}

/* The first task of a loop is bide_run's: when it ends, bide_run cancels the others. */
void bide_js_stop(void)
{
    const bide__loop *loop = bide__loop_current();
    if (loop && loop->tasks && bide_future_cancel(bide_object_value(loop->tasks), NULL) < 0)
        bide_error_clear();
}

void bide_js_close(void)
{
    bide__js_keep_nothing();
    bide__js_forsake();
    bide_trace_to(NULL);
    bide_error_clear();
}

bide__js_state *bide_js_look(void)
{
    const bide__loop *loop = bide__loop_current();
    size_t own = bide__js_port.serving ? 1 : 0;
    bide__js_shared.handles = bide__js_handle_count();
    bide__js_shared.objects = (uint32_t)(bide_debug_live() - own_objects);
    bide__js_shared.tasks = loop && loop->task_count > own ? (uint32_t)(loop->task_count - own) : 0;
    return &bide__js_shared;
}

int32_t bide_js_stack_left(void)
{
    const char *sp = bide__get_sp();
    return bide__is_plain(sp) || (intptr_t)sp < 0 ? (int32_t)(intptr_t)sp : INT32_MAX;
}

uint32_t bide_js_take_requests(void)
{
    bide__js_tell_owed();
    bide__writer unread = bide__js_outbox;
    if (unread.size == 0)
        return 0;
    bide__js_outbox = read_outbox;
    bide__writer_empty(&bide__js_outbox);
    read_outbox = unread;
    bide__js_shared.outbox = (uint32_t)(uintptr_t)unread.data;
    bide__js_shared.outbox_size = (uint32_t)unread.size;
    return (uint32_t)unread.size;
}
