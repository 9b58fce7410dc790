/* iterator.c - async for over JavaScript: an iterator of C that asks an iterator of JavaScript.
 *
 * JavaScript makes its iterator when it is first asked. aclose ends it as `break` would end a
 * for await; an iterator that is dropped without it is forgotten, and JavaScript ends what it made.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/protocol.h>

#include "js/handle.h"
#include "js/request.h"

typedef struct js_iterator {
    bide_object base;
    bide_value source; /* a handle, or BIDE_NONE for stdin */
    uint32_t number;
} js_iterator;

static uint32_t numbers;

static void finalize(void *self)
{
    js_iterator *it = self;
    bide__js_tell(BIDE__ASK_FORGET, it->number, 0);
    bide_drop(it->source);
}

static bide_value anext(void *self)
{
    js_iterator *it = self;
    bide_value future = bide__js_ask_begin(BIDE__ASK_NEXT);
    bide__put_u32(&bide__js_outbox, it->number);
    bide__put_u32(&bide__js_outbox, bide_is_none(it->source) ? 0 : bide__js_handle_id(it->source));
    return bide__js_ask_end(future);
}

static bide_value aclose(void *self)
{
    bide_value future = bide__js_ask_begin(BIDE__ASK_CLOSE);
    bide__put_u32(&bide__js_outbox, ((js_iterator *)self)->number);
    return bide__js_ask_end(future);
}

static const bide_type iterator_type = {
    .name = "JSAsyncIterator",
    .finalize = finalize,
    .aiter = bide_self,
    .anext = anext,
    .aclose = aclose,
};

bide_value bide__js_iterator(bide_value source)
{
    js_iterator *it = bide_object_new(&iterator_type, sizeof *it);
    if (!it) {
        bide_drop(source);
        return BIDE_FAILED;
    }
    it->source = source;
    it->number = ++numbers;
    return bide_object_value(it);
}
