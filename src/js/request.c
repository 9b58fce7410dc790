/* request.c - the queue of requests and the table of those that wait for an answer.
 *
 * Cancelling the future of a request tells JavaScript to abort it; its slot is then free, and the
 * serial number keeps a late answer from reaching the next request in the same slot.
 *
 * SPDX-License-Identifier: MIT */
#include "js/request.h"

#include <bide/future.h>

#include "js/exports.h"
#include "js/objects.h"
#include "host/js.h"
#include "loop/future.h"
#include "object/memory.h"

bide__writer bide__js_outbox;

struct request {
    bide_value future; /* owned; BIDE_NONE in a free slot */
    uint32_t serial;
    uint32_t next; /* the next free slot */
};

static struct request *requests;
static uint32_t count, capacity, first_free, serials;
static size_t request_start; /* of the request that is being written */
static uint32_t request_slot;

/* --- the table ----------------------------------------------------------------------- */

static bool make_room(void)
{
    if (first_free || count < capacity)
        return true;
    uint32_t larger = capacity ? capacity * 2 : 16;
    struct request *moved = bide__realloc(requests, larger * sizeof *requests);
    if (!moved)
        return false;
    requests = moved;
    capacity = larger;
    if (count == 0) /* slot 0 ends the list of free ones */
        requests[count++] = (struct request){.future = BIDE_NONE};
    return true;
}

static uint32_t open_slot(bide_value future)
{
    uint32_t slot = first_free;
    if (slot)
        first_free = requests[slot].next;
    else
        slot = count++;
    requests[slot] = (struct request){.future = future, .serial = ++serials};
    bide__js_port.outstanding++;
    return slot;
}

/* Frees the slot: the future is the caller's; BIDE_NONE if the request is another by now. */
static bide_value close_slot(uint32_t slot, uint32_t serial)
{
    if (slot >= count || requests[slot].serial != serial || bide_is_none(requests[slot].future))
        return BIDE_NONE;
    bide_value future = requests[slot].future;
    requests[slot] = (struct request){.future = BIDE_NONE, .next = first_free};
    first_free = slot;
    bide__js_port.outstanding--;
    return future;
}

/* The future is done; if that was not the answer's doing, JavaScript need not answer any more. */
static int when_done(bide_value future, bide_value place)
{
    (void)future;
    uint32_t slot = (uint32_t)place.as.i, serial = (uint32_t)(place.as.i >> 32);
    bide_value waiting = close_slot(slot, serial);
    if (!bide_is_none(waiting)) {
        bide_drop(waiting);
        bide__js_tell(BIDE__ASK_ABORT, slot, serial);
    }
    return 0;
}

void bide__js_open(uint32_t op)
{
    bide__js_port_hurry();
    bide__put_u8(&bide__js_outbox, op);
}

/* --- asking -------------------------------------------------------------------------- */

bide_value bide__js_ask_begin(uint32_t op)
{
    request_start = bide__js_outbox.size;
    request_slot = 0;
    bide_value future = make_room() ? bide__future_for("JavaScript", BIDE_NONE) : BIDE_FAILED;
    if (bide_failed(future))
        return BIDE_FAILED;
    request_slot = open_slot(bide_ref(future));
    uint32_t serial = requests[request_slot].serial;
    bide_value place = bide_int((int64_t)serial << 32 | request_slot);
    if (bide_future_add_done_callback(future, when_done, place) < 0)
        bide__js_outbox.failed = true;
    bide__js_open(op);
    bide__put_u32(&bide__js_outbox, request_slot);
    bide__put_u32(&bide__js_outbox, serial);
    return future;
}

bide_value bide__js_ask_end(bide_value future)
{
    if (request_slot && !bide__js_outbox.failed)
        return future;
    bide__writer_cut(&bide__js_outbox, request_start);
    if (request_slot)
        bide_drop(close_slot(request_slot, requests[request_slot].serial));
    bide_drop(future);
    return BIDE_FAILED;
}

bool bide__js_tell(uint32_t op, uint32_t first, uint32_t second)
{
    bide_value pending = bide_error_take(); /* a finalizer tells while exceptions pass */
    size_t start = bide__js_outbox.size;
    bide__js_open(op);
    bide__put_u32(&bide__js_outbox, first);
    bide__put_u32(&bide__js_outbox, second);
    bool told = !bide__js_outbox.failed;
    if (!told) {
        bide__writer_cut(&bide__js_outbox, start);
        bide_error_clear();
    }
    if (!bide_is_none(pending))
        bide_error_restore(pending);
    return told;
}

static bool tell(uint32_t op, uint32_t slot, bide_value v)
{
    size_t start = bide__js_outbox.size;
    bide__js_open(op);
    bide__put_u32(&bide__js_outbox, slot);
    if (bide__put_value(&bide__js_outbox, v) == 0 && !bide__js_outbox.failed)
        return true;
    bide__writer_cut(&bide__js_outbox, start);
    return false;
}

void bide__js_tell_done(uint32_t slot, bide_value result, bide_value error)
{
    bool done = bide_is_none(error) ? tell(BIDE__ASK_RESOLVE, slot, result)
                                    : tell(BIDE__ASK_REJECT, slot, error);
    bide_drop(result);
    bide_drop(error);
    if (done)
        return;
    bide_value why = bide_error_take();
    tell(BIDE__ASK_REJECT, slot, why);
    bide_drop(why);
    bide_error_clear();
}

void bide__js_forsake(void)
{
    for (uint32_t slot = 1; slot < count; slot++) {
        uint32_t serial = requests[slot].serial;
        bide_value future = close_slot(slot, serial);
        if (bide_is_none(future))
            continue;
        bide_drop(future);
        bide__js_tell(BIDE__ASK_ABORT, slot, serial);
    }
}

/* --- answers ------------------------------------------------------------------------- */

static void settle(bide_value future, int how, bide_value answer)
{
    if (bide_future_done(future)) {
        bide_drop(answer);
        return;
    }
    if (how == BIDE__ANSWER_END) {
        bide_drop(answer);
        answer = bide_error_with(BIDE_StopAsyncIteration, BIDE_NONE);
        if (bide_failed(answer))
            answer = bide_error_take();
    }
    if (how == BIDE__ANSWER_RESULT)
        bide_future_set_result(future, answer);
    else
        bide_future_set_exception(future, answer);
}

void bide_js_settle(uint32_t slot, uint32_t serial, uint32_t how)
{
    bide_value answer;
    if (bide__js_read_inbox(&answer, 1) < 0) {
        answer = bide_error_take();
        how = BIDE__ANSWER_ERROR;
    }
    bide_value future = close_slot(slot, serial);
    if (bide_is_none(future))
        bide_drop(answer);
    else
        settle(future, (int)how, answer);
    bide_drop(future);
    bide_error_clear();
}
