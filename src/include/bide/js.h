/* bide/js.h - C and JavaScript, each awaiting the other.
 *
 * Values cross by copy: None and undefined, bool and boolean, int and number (BigInt beyond the
 * safe integers), float and number, str and string, bytes and Uint8Array, list and Array. Any
 * other JavaScript value arrives as a handle of kind BIDE_KIND_JS, kept alive until it is dropped:
 * a promise or other thenable can be awaited, an async iterable or ReadableStream iterated with
 * async for, and every handle goes back to JavaScript as the very same object.
 *
 * The calls are there on every target, so that one source serves all; where there is no
 * JavaScript, bide_js_available() is false.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_JS_H
#define BIDE_JS_H

#include <bide/task.h>

#ifdef __cplusplus
extern "C" {
#endif

bool bide_js_available(void);

/* The coroutine of a call of the function `name` of load()'s `imports` with the items of `args` (a
 * list or tuple, or BIDE_NONE for no arguments; moves in). It gives what the function returns,
 * awaited if that is a thenable. What it throws or rejects with is raised as JSError, the reason
 * kept by identity as its value. As with every coroutine, nothing happens until it is awaited or
 * made a task; the function is then called when C next waits. Cancelling the awaiting task aborts
 * the AbortSignal that the function finds as `this.signal`.
 * Where there is no JavaScript: awaits `fallback(args)` instead, or raises RuntimeError if it is
 * NULL. */
#define bide_js_call(name, args, fallback)                                                         \
    bide_js_call_at(BIDE__ORIGIN(fallback), name, args, fallback)
bide_value bide_js_call_at(const bide_origin *origin, const char *name, bide_value args,
                           bide_body *fallback);

/* Makes C's functions callable from JavaScript by their names:
 *     BIDE_EXPORT_COROUTINE(fetch_title)        app.call('fetch_title', [url])      Promise
 *     BIDE_EXPORT_GENERATOR(countdown)          app.generate('countdown', [10])     Generator
 *     BIDE_EXPORT_ASYNC_GENERATOR(lines)        app.stream('lines', [readable])     AsyncGenerator
 * One argument arrives as `arg` itself; several arrive as a tuple; none as None. */
#if defined(__wasm__)
bide_body *bide__js_body(bide_body *body); /* part of the bridge, which is linked for it */
#define BIDE__EXPORT(kind, body)                                                                   \
    __attribute__((used, export_name("bide:" #kind ":" #body)))                                    \
    bide_body *bide__##kind##_##body(void)                                                         \
    {                                                                                              \
        return bide__js_body(body);                                                                \
    }                                                                                              \
    _Static_assert(1, "")
#else
#define BIDE__EXPORT(kind, body)                                                                   \
    __attribute__((unused)) static bide_body *bide__##kind##_##body(void)                          \
    {                                                                                              \
        return body;                                                                               \
    }                                                                                              \
    _Static_assert(1, "")
#endif
#define BIDE_EXPORT_COROUTINE(body) BIDE__EXPORT(coroutine, body)
#define BIDE_EXPORT_GENERATOR(body) BIDE__EXPORT(generator, body)
#define BIDE_EXPORT_ASYNC_GENERATOR(body) BIDE__EXPORT(stream, body)

#ifdef __cplusplus
}
#endif
#endif
