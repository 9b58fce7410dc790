/* text.c - str and bytes objects, and building a str piece by piece.
 *
 * SPDX-License-Identifier: MIT */
#include "object/text.h"

#include <bide/protocol.h>

#include <stdlib.h>
#include <string.h>

#include "object/error.h"
#include "object/memory.h"

/* A str or bytes: its bytes follow the head, with a NUL after them for the sake of C. */
struct text_object {
    bide_object base;
    size_t size;
    char bytes[];
};

static const bide_type str_type = {.name = "str"};
static const bide_type bytes_type = {.name = "bytes"};

static bide_value new_text(bide_kind kind, const void *bytes, size_t size)
{
    struct text_object *text =
        bide_object_new(kind == BIDE_KIND_STR ? &str_type : &bytes_type, sizeof *text + size + 1);
    if (!text)
        return BIDE_FAILED;
    text->size = size;
    if (bytes) /* else they are zero, as the NUL is */
        memcpy(text->bytes, bytes, size);
    return (bide_value){.kind = kind, .as = {.object = &text->base}};
}

bide_value bide_str(const char *text)
{
    if (!text) {
        bide__raise(BIDE_TypeError, "a str is expected, got NULL");
        return BIDE_FAILED;
    }
    return new_text(BIDE_KIND_STR, text, strlen(text));
}

bide_value bide_strn(const char *text, size_t size)
{
    return new_text(BIDE_KIND_STR, text, size);
}

bide_value bide_bytes(const void *data, size_t size)
{
    return new_text(BIDE_KIND_BYTES, data, size);
}

const char *bide_cstr(bide_value v)
{
    if (v.kind != BIDE_KIND_STR)
        bide__bug(__FILE__, __LINE__, "bide_cstr was given a value that is not a str");
    return ((const struct text_object *)v.as.object)->bytes;
}

void *bide_data(bide_value v)
{
    if (v.kind != BIDE_KIND_STR && v.kind != BIDE_KIND_BYTES)
        bide__bug(__FILE__, __LINE__, "bide_data was given a value that is not bytes or a str");
    return ((struct text_object *)v.as.object)->bytes;
}

size_t bide__text_size(bide_value v)
{
    return ((const struct text_object *)v.as.object)->size;
}

/* --- building ----------------------------------------------------------------------- */

static bool reserve(struct bide__text *text, size_t more)
{
    size_t need = text->size + more + 1;
    if (text->failed)
        return false;
    if (need <= text->room)
        return true;
    size_t room = need < 64 ? 64 : need * 2;
    char *larger = bide__allocation_fails() ? NULL
                   : text->borrowed         ? malloc(room)
                                            : realloc(text->bytes, room);
    if (!larger) {
        text->failed = true;
        return false;
    }
    if (text->borrowed)
        memcpy(larger, text->bytes, text->size);
    text->borrowed = false;
    text->bytes = larger;
    text->room = room;
    return true;
}

void bide__text_add_bytes(struct bide__text *text, const char *bytes, size_t size)
{
    if (!reserve(text, size))
        return;
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
}

void bide__text_add(struct bide__text *text, const char *piece)
{
    bide__text_add_bytes(text, piece, strlen(piece));
}

void bide__text_free(struct bide__text *text)
{
    if (!text->borrowed)
        free(text->bytes);
    *text = (struct bide__text){0};
}

bide_value bide__text_finish(struct bide__text *text)
{
    bide_value v = BIDE_FAILED;
    if (text->failed && !text->raised)
        bide__raise_no_memory();
    else if (!text->failed)
        v = bide_strn(text->bytes ? text->bytes : "", text->size);
    bide__text_free(text);
    return v;
}
