/* bide/value.h - the value that crosses every boundary: arguments, results, what is yielded
 * and sent. 16 bytes, passed by value: a kind and a payload, which for the kinds from
 * BIDE_KIND_STR on is a pointer to a refcounted object.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_VALUE_H
#define BIDE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum bide_kind {
    BIDE_KIND_NONE, /* Python's None, JavaScript's undefined and null */
    BIDE_KIND_BOOL,
    BIDE_KIND_INT,    /* 64 bits; JavaScript: a number while it is a safe integer, else a BigInt */
    BIDE_KIND_FLOAT,  /* double */
    BIDE_KIND_PTR,    /* the user's own pointer; never freed, never leaves C */
    BIDE_KIND_FAILED, /* no value: the constructor raised */
    BIDE_KIND_STR,    /* immutable UTF-8; the first kind that is refcounted */
    BIDE_KIND_BYTES,
    BIDE_KIND_LIST,
    BIDE_KIND_TUPLE,
    BIDE_KIND_JS,     /* a handle to a JavaScript value, see js.h */
    BIDE_KIND_OBJECT, /* any other object: coroutine, exception, future, your own */
} bide_kind;

/* Whether size counts, in a program for WebAssembly: then what is called from many places is not
 * copied to them, and a part that nobody calls for leaves no trace (object/parts.h). */
#if defined(__OPTIMIZE_SIZE__) && defined(__wasm__)
#define BIDE__SMALL 1
#define BIDE__ONE_COPY __attribute__((noinline))
#else
#define BIDE__SMALL 0
#define BIDE__ONE_COPY
#endif

typedef struct bide_type bide_type;

/* The head of every object; your own structs embed it as their first member, `base`. */
typedef struct bide_object {
    const bide_type *type;
    uint32_t refs;
    uint32_t flags; /* Bide's own */
} bide_object;

typedef struct bide_value {
    uint32_t kind; /* a bide_kind */
    uint32_t unused;
    union {
        bool b;
        int64_t i;
        double f;
        void *ptr;
        bide_object *object;
    } as;
} bide_value;

#define BIDE_NONE ((bide_value){.kind = BIDE_KIND_NONE})
/* What a constructor returns when it raised; consuming calls pass the exception on. */
#define BIDE_FAILED ((bide_value){.kind = BIDE_KIND_FAILED})

/* --- making values; the refcounted ones answer BIDE_FAILED with MemoryError --------- */

static inline bide_value bide_bool(bool b)
{
    return (bide_value){.kind = BIDE_KIND_BOOL, .as = {.b = b}};
}

static inline bide_value bide_int(int64_t i)
{
    return (bide_value){.kind = BIDE_KIND_INT, .as = {.i = i}};
}

static inline bide_value bide_float(double f)
{
    return (bide_value){.kind = BIDE_KIND_FLOAT, .as = {.f = f}};
}

static inline bide_value bide_ptr(void *ptr)
{
    return (bide_value){.kind = BIDE_KIND_PTR, .as = {.ptr = ptr}};
}

/* Copies NUL-terminated UTF-8; bide_strn copies `size` bytes. */
bide_value bide_str(const char *text);
bide_value bide_strn(const char *text, size_t size);
/* A str formatted as by printf, in the C locale. ValueError for %a, %n and wide characters. */
bide_value bide_strf(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Copies `size` bytes; with data NULL the bytes are zero, to be filled through bide_data. */
bide_value bide_bytes(const void *data, size_t size);

/* bide_list(1, "two", 3.0, v): a list, or tuple, of at most 12 items. C numbers and strings
 * are converted as BIDE_BOX does, values move in. Items are evaluated from left to right.
 * BIDE_FAILED if any item is. (None, where gcc's extensions are off: bide_list_of(NULL, 0).) */
#define bide_list(...) bide__collect(BIDE_KIND_LIST, BIDE__BOX_ALL(__VA_ARGS__))
#define bide_tuple(...) bide__collect(BIDE_KIND_TUPLE, BIDE__BOX_ALL(__VA_ARGS__))
/* The same from an array whose items move in. */
bide_value bide_list_of(const bide_value *items, size_t count);
bide_value bide_tuple_of(const bide_value *items, size_t count);

/* The value of an object: moves the caller's reference in. NULL gives BIDE_FAILED. */
static inline bide_value bide_object_value(void *object)
{
    bide_value v = {.kind = BIDE_KIND_OBJECT, .as = {.object = (bide_object *)object}};
    return object ? v : BIDE_FAILED;
}

/* --- keeping and dropping ----------------------------------------------------------- */

void bide__object_free(bide_object *object);

/* One more reference to v; returns v. */
static inline bide_value bide_ref(bide_value v)
{
    if (v.kind >= BIDE_KIND_STR)
        v.as.object->refs++;
    return v;
}

/* Gives v up; the last reference finalizes the object, which for a suspended coroutine or
 * generator means that its cleanup runs now. Any kind is allowed. */
BIDE__ONE_COPY static inline void bide_drop(bide_value v)
{
    if (v.kind >= BIDE_KIND_STR && --v.as.object->refs == 0)
        bide__object_free(v.as.object);
}

/* The value of an object that is kept elsewhere: adds a reference. */
static inline bide_value bide_object_ref(void *object)
{
    return bide_ref(bide_object_value(object));
}

static inline void bide__drop_at(bide_value *v)
{
    bide_drop(*v);
}

/* Drops *v and leaves BIDE_NONE there: Python's `del`. */
static inline void bide_clear(bide_value *v)
{
    bide_value old = *v;
    *v = BIDE_NONE;
    bide_drop(old);
}

/* BIDE_SCOPED bide_value v = BIDE_NONE;  drops v wherever its scope is left. */
#define BIDE_SCOPED __attribute__((cleanup(bide__drop_at), unused))

/* --- looking at values: all borrow -------------------------------------------------- */

static inline bool bide_is_none(bide_value v)
{
    return v.kind == BIDE_KIND_NONE;
}

static inline bool bide_failed(bide_value v)
{
    return v.kind == BIDE_KIND_FAILED;
}

/* Python's `is`: the same object, or equal numbers of one kind. */
bool bide_is(bide_value a, bide_value b);
/* Python's ==, for numbers, str, bytes, lists and tuples; identity for the rest. */
bool bide_equal(bide_value a, bide_value b);
/* Python's bool(v). */
bool bide_truthy(bide_value v);

/* The payload, converted: 0, or TypeError naming what was expected and what came.
 * An int is accepted as a float, and a float without fraction as an int. */
int bide_to_int(bide_value v, int64_t *out);
int bide_to_float(bide_value v, double *out);

/* The text of a str, NUL-terminated, valid while v is. Aborts if v is not a str: check the
 * kind first where it can be anything. */
const char *bide_cstr(bide_value v);
/* The bytes of a bytes (writable only while no one else has it) or str. */
void *bide_data(bide_value v);
/* Bytes of a str or bytes, items of a list or tuple. */
size_t bide_size(bide_value v);
/* Item i of a list or tuple, borrowed. i must be below bide_size. */
bide_value bide_item(bide_value v, size_t i);
/* list.append: 0 or MemoryError. */
int bide_list_append(bide_value list, bide_value item);

/* Python's str(v) and repr(v), as a str. */
bide_value bide_text(bide_value v);
bide_value bide_repr(bide_value v);
/* type(v).__name__: 'int', 'NoneType', 'coroutine', your own type's name. */
const char *bide_type_name(bide_value v);

/* Formats a str into *out: 0 or MemoryError. */
int bide_format(bide_value *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- objects of your own: a struct with a table of functions, see protocol.h -------- */

/* A zeroed object of `size` bytes with one reference, or NULL with MemoryError. */
void *bide_object_new(const bide_type *type, size_t size);
/* The object behind v if it is of that type, else NULL with TypeError. */
void *bide_object_of(bide_value v, const bide_type *type);

/* --- boxing ------------------------------------------------------------------------- */

#ifndef __cplusplus
static inline bide_value bide__box_value(bide_value v)
{
    return v;
}

static inline bide_value bide__box_uint(uint64_t u)
{
    return bide_int((int64_t)u);
}

/* The value of a C number, string or bide_value. */
#define BIDE_BOX(x)                                                                                \
    _Generic((x),                                                                                  \
        bool: bide_bool,                                                                           \
        char *: bide_str,                                                                          \
        const char *: bide_str,                                                                    \
        float: bide_float,                                                                         \
        double: bide_float,                                                                        \
        unsigned: bide__box_uint,                                                                  \
        unsigned long: bide__box_uint,                                                             \
        unsigned long long: bide__box_uint,                                                        \
        bide_value: bide__box_value,                                                               \
        default: bide_int)(x)

/* How many there are, and an array of them: whose initializers gcc and clang evaluate from left to
 * right, as they do not evaluate arguments. */
#define BIDE__BOX_ALL(...)                                                                         \
    BIDE__PICK(_, ##__VA_ARGS__, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), (const bide_value[])   \
    {                                                                                              \
        BIDE__PICK(_, ##__VA_ARGS__, BIDE__B12, BIDE__B11, BIDE__B10, BIDE__B9, BIDE__B8,          \
                   BIDE__B7, BIDE__B6, BIDE__B5, BIDE__B4, BIDE__B3, BIDE__B2, BIDE__B1, BIDE__B0) \
        (__VA_ARGS__)                                                                              \
    }
#define BIDE__PICK(_, a, b, c, d, e, f, g, h, i, j, k, l, pick, ...) pick
#define BIDE__B0() BIDE_NONE
#define BIDE__B1(a) BIDE_BOX(a)
#define BIDE__B2(a, b) BIDE__B1(a), BIDE_BOX(b)
#define BIDE__B3(a, b, c) BIDE__B2(a, b), BIDE_BOX(c)
#define BIDE__B4(a, b, c, d) BIDE__B3(a, b, c), BIDE_BOX(d)
#define BIDE__B5(a, b, c, d, e) BIDE__B4(a, b, c, d), BIDE_BOX(e)
#define BIDE__B6(a, b, c, d, e, f) BIDE__B5(a, b, c, d, e), BIDE_BOX(f)
#define BIDE__B7(a, b, c, d, e, f, g) BIDE__B6(a, b, c, d, e, f), BIDE_BOX(g)
#define BIDE__B8(a, b, c, d, e, f, g, h) BIDE__B7(a, b, c, d, e, f, g), BIDE_BOX(h)
#define BIDE__B9(a, b, c, d, e, f, g, h, i) BIDE__B8(a, b, c, d, e, f, g, h), BIDE_BOX(i)
#define BIDE__B10(a, b, c, d, e, f, g, h, i, j) BIDE__B9(a, b, c, d, e, f, g, h, i), BIDE_BOX(j)
#define BIDE__B11(a, b, c, d, e, f, g, h, i, j, k)                                                 \
    BIDE__B10(a, b, c, d, e, f, g, h, i, j), BIDE_BOX(k)
#define BIDE__B12(a, b, c, d, e, f, g, h, i, j, k, l)                                              \
    BIDE__B11(a, b, c, d, e, f, g, h, i, j, k), BIDE_BOX(l)
#endif

bide_value bide__collect(bide_kind kind, size_t count, const bide_value *items);

#ifdef __cplusplus
}
#endif
#endif
