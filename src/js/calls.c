/* calls.c - JavaScript calls C: coroutines as tasks, generators step by step.
 *
 * A name and its body are remembered for good once called: the origin of every coroutine refers
 * to them.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/protocol.h>
#include <bide/task.h>

#include <string.h>

#include "js/exports.h"
#include "js/objects.h"
#include "js/promise.h"
#include "object/memory.h"

enum { LARGE = 64 * 1024, SLACK = 256 };

static bide__writer answer;
static uint8_t *inbox;
static size_t inbox_size, inbox_capacity;

/* --- in and out ---------------------------------------------------------------------- */

void *bide_js_inbox(uint32_t size)
{
    if (inbox_capacity > LARGE) { /* the message before it was: give its memory back */
        bide__free(inbox);
        inbox = NULL;
        inbox_capacity = 0;
    }
    if (size > inbox_capacity || !inbox) {
        uint8_t *moved = bide__realloc(inbox, size + SLACK);
        if (!moved) {
            bide_error_clear();
            return NULL;
        }
        inbox = moved;
        inbox_capacity = size + SLACK;
    }
    inbox_size = size;
    return inbox;
}

int bide__js_read_inbox(bide_value *values, size_t count)
{
    bide__reader reader = {.at = inbox, .end = inbox + inbox_size};
    for (size_t i = 0; i < count; i++)
        values[i] = BIDE_NONE;
    for (size_t i = 0; i < count; i++) {
        if (bide__get_value(&reader, &values[i]) == 0)
            continue;
        while (i-- > 0) {
            bide_drop(values[i]);
            values[i] = BIDE_NONE;
        }
        return BIDE_RAISED;
    }
    return 0;
}

static void show_reply(void)
{
    bide__js_shared.reply = (uint32_t)(uintptr_t)answer.data;
    bide__js_shared.reply_size = (uint32_t)answer.size;
}

/* Makes the pending exception the reply. */
static int reply_error(void)
{
    bide_value error = bide_error_take();
    bide__writer_cut(&answer, 0);
    if (bide__put_value(&answer, error) < 0)
        bide_error_clear(); /* an empty reply: there is not even memory to say so */
    bide_drop(error);
    show_reply();
    return BIDE_RAISED;
}

/* Makes v (which moves in) the reply. */
static int reply(int status, bide_value v)
{
    bide__writer_empty(&answer);
    int written = bide__put_value(&answer, v);
    bide_drop(v);
    show_reply();
    return written < 0 ? reply_error() : status;
}

static uint32_t reply_slot(uint32_t slot)
{
    if (!slot)
        reply_error();
    return slot;
}

/* --- bodies -------------------------------------------------------------------------- */

struct known {
    bide_origin origin;
    bide_body *body;
    struct known *next;
    char name[];
};

static const bide_origin *origin_of(bide_body *body, bide_value name)
{
    static struct known *all;
    for (const struct known *k = all; k; k = k->next) {
        if (k->body == body && !strcmp(k->name, bide_cstr(name)))
            return &k->origin;
    }
    struct known *k = bide__alloc(sizeof *k + bide_size(name) + 1);
    if (!k)
        return NULL;
    memcpy(k->name, bide_cstr(name), bide_size(name) + 1);
    k->origin = (bide_origin){.name = k->name, .file = "JavaScript", .line = 0};
    k->body = body;
    k->next = all;
    all = k;
    return &k->origin;
}

typedef bide_value make(const bide_origin *origin, bide_body *body, bide_value arg);

/* make(body, argument), both from the inbox, or BIDE_FAILED. */
static bide_value make_from_inbox(make *constructor, bide_body *body)
{
    bide_value read[2];
    if (bide__js_read_inbox(read, 2) < 0)
        return BIDE_FAILED;
    const bide_origin *origin = origin_of(body, read[0]);
    bide_drop(read[0]);
    if (!origin) {
        bide_drop(read[1]);
        return BIDE_FAILED;
    }
    return constructor(origin, body, read[1]);
}

static uint32_t keep(bide_value v)
{
    return bide_failed(v) ? 0 : bide__js_keep(v);
}

/* --- coroutines ---------------------------------------------------------------------- */

uint32_t bide_js_call(bide_body *body)
{
    bide_value coro = make_from_inbox(bide_coro_at, body);
    return reply_slot(bide_failed(coro) ? 0 : bide__js_promise(coro));
}

void bide_js_cancel(uint32_t slot)
{
    bide_value future = bide__js_kept(slot);
    if (!bide_is_none(future) && bide_future_cancel(future, NULL) < 0)
        bide_error_clear();
}

/* --- generators ---------------------------------------------------------------------- */

uint32_t bide_js_generator(bide_body *body)
{
    return reply_slot(keep(make_from_inbox(bide_gen_at, body)));
}

const void *bide_js_address(uint32_t slot)
{
    return bide__js_kept(slot).as.ptr;
}

static int step(bide_value generator, uint32_t verb, bide_value v, bide_value *out)
{
    switch (verb) {
    case BIDE__VERB_SEND:
        return bide_send(generator, v, out);
    case BIDE__VERB_THROW:
        return bide_throw(generator, v, out);
    default:
        bide_drop(v);
        return bide_close(generator, out);
    }
}

int bide_js_step(uint32_t slot, uint32_t verb)
{
    bide_value v, out;
    if (bide__js_read_inbox(&v, 1) < 0)
        return reply_error();
    bide_value generator = bide_ref(bide__js_kept(slot)); /* its own body may give it up */
    int status = step(generator, verb, v, &out);
    status = status < 0 ? reply_error() : reply(status, out);
    bide_drop(generator);
    return status;
}

/* --- async generators ---------------------------------------------------------------- */

uint32_t bide_js_stream(bide_body *body)
{
    return reply_slot(keep(make_from_inbox(bide_agen_at, body)));
}

/* async def: (done, item) of one step. arg: the async generator, the verb, the value. */
static BIDE_ASYNC int stream_step(bide_value arg, bide_value *result)
{
    bide_value agen = bide_item(arg, 0), v = bide_ref(bide_item(arg, 2)), item;
    int64_t verb = bide_item(arg, 1).as.i;
    if (verb == BIDE__VERB_CLOSE) {
        bide_drop(v);
        BIDE_TRY(bide_await(bide_aclose(agen), NULL));
        *result = bide_tuple(true, BIDE_NONE);
        return bide_failed(*result) ? BIDE_RAISED : 0;
    }
    bide_value next = verb == BIDE__VERB_THROW ? bide_athrow_strict(agen, v) : bide_asend(agen, v);
    if (bide_await(next, &item) < 0) {
        if (!bide_catch(BIDE_StopAsyncIteration, NULL))
            return BIDE_RAISED;
        *result = bide_tuple(true, BIDE_NONE);
    } else {
        *result = bide_tuple(false, item);
    }
    return bide_failed(*result) ? BIDE_RAISED : 0;
}

uint32_t bide_js_stream_step(uint32_t slot, uint32_t verb)
{
    bide_value v;
    if (bide__js_read_inbox(&v, 1) < 0)
        return reply_slot(0);
    bide_value arg = bide_tuple(bide_ref(bide__js_kept(slot)), bide_int(verb), v);
    bide_value coro = bide_coro(stream_step, arg);
    return reply_slot(bide_failed(coro) ? 0 : bide__js_promise(coro));
}

void bide_js_release(uint32_t slot)
{
    bide_drop(bide__js_take(slot));
    bide_error_clear();
}
