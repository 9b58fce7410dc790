/* oracle.c - the helpers of oracle.h: printing as Python prints, stepping, running.
 *
 * Printing never raises: text that cannot be made for want of memory is printed as "MemoryError".
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- where the trace goes -----------------------------------------------------------------------
 */

static bool capturing;
static char *captured;
static size_t captured_size;

static void emit(const char *text)
{
    size_t size = strlen(text);
    if (!capturing) {
        fwrite(text, 1, size, stdout);
        return;
    }
    captured = realloc(captured, captured_size + size + 1);
    if (!captured)
        abort();
    memcpy(captured + captured_size, text, size + 1);
    captured_size += size;
}

static void emitf(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void emitf(const char *format, ...)
{
    char text[64];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    emit(text);
}

void oracle_capture(void)
{
    capturing = true;
    captured = NULL;
    captured_size = 0;
    emit("");
}

char *oracle_take_captured(void)
{
    capturing = false;
    return captured;
}

/* --- printing
 * ------------------------------------------------------------------------------------- */

static void emit_value(bide_value v)
{
    if (v.kind == BIDE_KIND_STR)
        emit(bide_cstr(v));
    else if (v.kind == BIDE_KIND_INT)
        emitf("%" PRId64, v.as.i);
    else if (bide_is_error(v, BIDE_BaseException))
        emit(bide_is_error(v, BIDE_MemoryError) ? "MemoryError" : bide_error_message(v));
    else {
        BIDE_SCOPED bide_value text = bide_text(v);
        emit(bide_failed(text) ? "MemoryError" : bide_cstr(text));
        if (bide_failed(text))
            bide_error_clear();
    }
}

/* Whether memory ran out before `error`, which was raised by cleanup or a cancellation. */
static bool after_memory_error(bide_value error)
{
    do {
        error = bide_error_context(error);
    } while (!bide_is_none(error) && !bide_is_error(error, BIDE_MemoryError));
    return !bide_is_none(error);
}

static void emit_error(bide_value error)
{
    if (bide_is_none(error)) {
        emit("None");
        return;
    }
    if (after_memory_error(error))
        emit("(after MemoryError) ");
    emit(bide_error_type_of(error)->name);
    const char *message = bide_error_message(error);
    if (bide_is_error(error, BIDE_BaseExceptionGroup)) {
        bide_value members = bide_error_members(error);
        emit("(");
        emit(message);
        emit(")[");
        for (size_t i = 0; i < bide_size(members); i++) {
            emit(i ? ", " : "");
            emit_error(bide_item(members, i));
        }
        emit("]");
    } else if (*message) {
        emit(": ");
        emit(message);
    }
}

static void emit_future(bide_value future)
{
    BIDE_SCOPED bide_value v = BIDE_NONE;
    if (!bide_future_done(future))
        emit("pending");
    else if (bide_future_cancelled(future))
        emit("cancelled");
    else if (bide_future_exception(future, &v) == 0 && !bide_is_none(v)) {
        emit("exception ");
        emit_error(v);
    } else if (bide_future_result(future, &v) == 0) {
        emit("result ");
        emit_value(v);
    }
}

static void emit_item(const oracle_item *item)
{
    if (item->kind == ORACLE_TEXT)
        emit(item->as.text);
    else if (item->kind == ORACLE_VALUE)
        emit_value(item->as.value);
    else if (item->kind == ORACLE_ERROR)
        emit_error(item->as.value);
    else if (item->kind == ORACLE_FUTURE)
        emit_future(item->as.value);
}

static void emit_each(const oracle_item *item)
{
    bide_value list = item->as.value;
    size_t size = bide_failed(list) ? 0 : bide_size(list);
    emit("[");
    for (size_t i = 0; i < size; i++) {
        oracle_item one = item->of(bide_item(list, i));
        bool quoted = one.kind != ORACLE_VALUE || one.as.value.kind == BIDE_KIND_STR;
        emit(i ? ", " : "");
        emit(quoted ? "'" : "");
        emit_item(&one);
        emit(quoted ? "'" : "");
    }
    emit("]");
}

oracle_item type_name(bide_value v)
{
    return oracle_text(bide_type_name(v));
}

oracle_item task_name(bide_value task)
{
    return oracle_text(bide_task_name(task));
}

oracle_item outcome(bide_value v)
{
    return bide_is_error(v, BIDE_BaseException) ? ex(v) : oracle_value(v);
}

void oracle_print(const oracle_item *items)
{
    for (const oracle_item *item = items; item->kind != ORACLE_END; item++) {
        if (item > items)
            emit(" ");
        if (item->kind == ORACLE_EACH)
            emit_each(item);
        else
            emit_item(item);
    }
    emit("\n");
}

void oracle_log(const oracle_item *items)
{
    if (bide_loop_running())
        emitf("[%g] ", (double)bide_now() / 1e9);
    else
        emit("[-] ");
    oracle_print(items);
}

/* --- stepping and running
 * --------------------------------------------------------------------------- */

void oracle_step(const char *label, int status, bide_value out)
{
    BIDE_SCOPED bide_value error = BIDE_NONE;
    if (status == BIDE_YIELDED)
        print(label, "->", out);
    else if (status == BIDE_RETURNED)
        print(label, "=> return", out);
    else if (bide_catch(BIDE_StopAsyncIteration, NULL))
        print(label, "=> StopAsyncIteration");
    else if (bide_catch(BIDE_BaseException, &error))
        print(label, "!!", ex(error));
    else
        print(label, "failed, and nothing was raised");
}

void once(const char *label, bide_value it)
{
    step(label, bide_send, it, BIDE_NONE);
    bide_drop(it);
}

void drive(const char *label, bide_value it)
{
    BIDE_SCOPED bide_value iterator = it, out = BIDE_NONE, error = BIDE_NONE;
    int status;
    while ((status = bide_send(iterator, BIDE_NONE, &out)) == BIDE_YIELDED) {
        print(label, "yields", out);
        bide_clear(&out);
    }
    if (status == BIDE_RETURNED)
        print(label, "->", out);
    else if (bide_catch(BIDE_StopAsyncIteration, NULL))
        print(label, "=> StopAsyncIteration");
    else if (bide_catch(BIDE_BaseException, &error))
        print(label, "!!", ex(error));
}

void attempted(const char *label, int status, bide_value *out)
{
    BIDE_SCOPED bide_value error = BIDE_NONE;
    if (status == 0 && !bide_error_pending())
        log(label, "->", out ? *out : BIDE_NONE);
    else if (bide_catch(BIDE_StopAsyncIteration, NULL))
        log(label, "=> StopAsyncIteration");
    else if (bide_catch(BIDE_BaseException, &error))
        log(label, "!!", ex(error));
    if (out)
        bide_clear(out);
}

void attempt(const char *label, bide_value awaitable)
{
    bide_value out = BIDE_NONE;
    attempted(label, bide_await(awaitable, &out), &out);
}

static BIDE_ASYNC int attempt_body(bide_value args, bide_value *result)
{
    attempt(bide_cstr(bide_item(args, 0)), bide_ref(bide_item(args, 1)));
    return 0;
}

bide_value attempting(const char *label, bide_value awaitable)
{
    return bide_coro(attempt_body, bide_tuple(label, awaitable));
}

int log_except(const bide_error_type *type, const char *label)
{
    BIDE_SCOPED bide_value error = BIDE_NONE;
    BIDE_EXCEPT(type, &error);
    if (label)
        log(label, ex(error));
    else
        log(ex(error));
    return 0;
}

int gather_all(bide_value tasks)
{
    BIDE_SCOPED bide_value results = BIDE_NONE;
    BIDE_TRY(bide_await(bide_gather(bide_ref(tasks), true), &results));
    for (size_t i = 0; i < bide_size(results); i++)
        if (bide_is_error(bide_item(results, i), BIDE_MemoryError))
            return bide_error_restore(bide_ref(bide_item(results, i)));
    return 0;
}

int log_cancelled(bide_value n)
{
    BIDE_SCOPED bide_value error = bide_error_take();
    if (bide_is_error(error, BIDE_CancelledError))
        log(n, "cancelled");
    else
        log(n, ex(error));
    return bide_error_restore(bide_ref(error));
}

int sleep_for(bide_value v)
{
    double seconds;
    BIDE_TRY(bide_to_float(v, &seconds));
    return bide_sleep(BIDE_SECONDS(seconds));
}

/* The loop's exception handler: as the scripts', without what names objects and addresses. */
static void report(const char *message, bide_value error)
{
    if (strstr(message, "Exception in callback"))
        message = "Exception in callback";
    if (strstr(message, "closing of asynchronous generator"))
        message = "an error occurred during closing of asynchronous generator";
    if (bide_is_none(error))
        print("[loop]", message, "| -");
    else
        print("[loop]", message, "|", ex(error));
}

void top(bide_value coro)
{
    BIDE_SCOPED bide_value result = BIDE_NONE, error = BIDE_NONE;
    bide_use_host(BIDE_HOST_VIRTUAL);
    bide_set_exception_handler(report);
    if (bide_run(coro, &result) == 0)
        print("run ->", result);
    else if (bide_catch(BIDE_BaseException, &error))
        print("run !!", ex(error));
}

int(suspend)(bide_value v, bide_value *sent)
{
    return bide_yield(bide_ref(v), sent);
}
