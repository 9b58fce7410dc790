/* check.h - what every unit program is made of: checks that say where they failed, notes that show
 * in which order things happened, and an end at which nothing may be alive.
 *
 *     static void test_something(void) { CHECK_INT(1 + 1, 2); }
 *     int main(void) { RUN(test_something); return check_end(); }
 *
 * Status 0: all well; 1: something failed; 77: skipped, with the reason on stdout.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CHECK_H
#define CHECK_H

#include <bide.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHECK_SKIPPED = 77 };

/* `many` live fibers, or the most that are for ThreadSanitizer: it can follow CHECK_TSAN_MOST
 * stacks, and takes nearly a megabyte for each. */
enum { CHECK_TSAN_MOST = 8128 };
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CHECK_TSAN 1
#endif
#elif defined(__SANITIZE_THREAD__)
#define CHECK_TSAN 1
#endif
#if defined(CHECK_TSAN)
#define CHECK_FIBERS(many) ((many) < 1000 ? (many) : 1000)
#else
#define CHECK_FIBERS(many) (many)
#endif

static int check__failures;
static const char *check__test = "";
static char check__notes[4096];

__attribute__((format(printf, 3, 4))) static inline void check__fail(const char *file, int line,
                                                                     const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%d: %s: ", file, line, check__test);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    check__failures++;
}

/* --- checks: the rest of the test goes on after one that failed ----------------------------------
 */

#define CHECK(condition)                                                                           \
    ((condition) ? (void)0 : check__fail(__FILE__, __LINE__, "not so: %s", #condition))

#define CHECK_INT(got, wanted)                                                                     \
    check__int(__FILE__, __LINE__, #got, (int64_t)(got), (int64_t)(wanted))
static inline void check__int(const char *file, int line, const char *what, int64_t got,
                              int64_t wanted)
{
    if (got != wanted)
        check__fail(file, line, "%s is %lld, not %lld", what, (long long)got, (long long)wanted);
}

#define CHECK_STR(got, wanted) check__str(__FILE__, __LINE__, #got, got, wanted)
static inline void check__str(const char *file, int line, const char *what, const char *got,
                              const char *wanted)
{
    if (strcmp(got, wanted) != 0)
        check__fail(file, line, "%s is\n  \"%s\", not\n  \"%s\"", what, got, wanted);
}

/* repr(v); v is borrowed. */
#define CHECK_REPR(v, wanted) check__repr(__FILE__, __LINE__, #v, v, wanted)
static inline void check__repr(const char *file, int line, const char *what, bide_value v,
                               const char *wanted)
{
    bide_value text = bide_repr(v);
    check__str(file, line, what, bide_failed(text) ? "no text" : bide_cstr(text), wanted);
    bide_drop(text);
}

/* How a call ended that leaves a value in its last parameter:  CHECK_STEP("-> 1", bide_next, g)
 * checks bide_next(g, &out). "-> v": BIDE_YIELDED; "=> v": 0; "!! Type: message": raised. */
#define CHECK_STEP(wanted, call, ...)                                                              \
    do {                                                                                           \
        bide_value check__out = BIDE_NONE;                                                         \
        int check__status = call(__VA_ARGS__, &check__out);                                        \
        check__step(__FILE__, __LINE__, #call, check__status, check__out, wanted);                 \
    } while (0)
static inline void check__step(const char *file, int line, const char *what, int status,
                               bide_value out, const char *wanted)
{
    bide_value error = bide_error_take();
    if ((status < 0) != !bide_is_none(error))
        check__fail(file, line, "%s answered %d with%s exception pending", what, status,
                    bide_is_none(error) ? " no" : " an");
    if (status < 0 && !bide_is_none(out))
        check__fail(file, line, "%s raised and left a value", what);
    bide_value text = status < 0 ? bide_error_text(error) : bide_repr(out);
    bide_value got = bide_strf("%s %s", status < 0 ? "!!" : status ? "->" : "=>", bide_cstr(text));
    check__str(file, line, what, bide_cstr(got), wanted);
    bide_drop(got);
    bide_drop(text);
    bide_drop(error);
    bide_drop(out);
}

/* A call that has nothing to give but 0 or an exception: "!! Type: message". */
#define CHECK_RAISES(wanted, status)                                                               \
    check__step(__FILE__, __LINE__, #status, status, BIDE_NONE, wanted)
/* A call that gives BIDE_FAILED with an exception. */
#define CHECK_FAILS(wanted, v) check__fails(__FILE__, __LINE__, #v, v, wanted)
static inline void check__fails(const char *file, int line, const char *what, bide_value v,
                                const char *wanted)
{
    check__step(file, line, what, bide_failed(v) ? BIDE_RAISED : 0, bide_failed(v) ? BIDE_NONE : v,
                wanted);
}

/* --- notes: note("enter"); note("leave %d", 1); CHECK_NOTES("enter, leave 1") -------------------
 */

__attribute__((format(printf, 1, 2))) static inline void note(const char *format, ...)
{
    size_t used = strlen(check__notes);
    va_list args;
    va_start(args, format);
    if (used)
        used += (size_t)snprintf(check__notes + used, sizeof check__notes - used, ", ");
    vsnprintf(check__notes + used, sizeof check__notes - used, format, args);
    va_end(args);
}

/* Notes "label repr(v)"; v is borrowed. */
static inline void note_value(const char *label, bide_value v)
{
    bide_value text = bide_repr(v);
    note("%s %s", label, bide_failed(text) ? "no text" : bide_cstr(text));
    bide_drop(text);
}

/* Takes the pending exception and notes "label Type: message". */
static inline void note_error(const char *label)
{
    bide_value error = bide_error_take();
    bide_value text = bide_error_text(error);
    note("%s %s", label, bide_failed(text) ? "no text" : bide_cstr(text));
    bide_drop(text);
    bide_drop(error);
}

#define CHECK_NOTES(wanted) check__noted(__FILE__, __LINE__, wanted)
static inline void check__noted(const char *file, int line, const char *wanted)
{
    check__str(file, line, "notes", check__notes, wanted);
    check__notes[0] = '\0';
}

/* --- running -------------------------------------------------------------------------------------
 */

/* Runs a test, after which nothing may be pending or alive. */
#define RUN(test) (check__begin(#test), test(), check__nothing_left(__FILE__, __LINE__))
static inline void check__begin(const char *name)
{
    check__test = name;
    check__notes[0] = '\0';
}

static inline void check__nothing_left(const char *file, int line)
{
    static size_t known; /* so that one leak is told of once */
    if (bide_error_pending()) {
        note_error("");
        check__fail(file, line, "left an exception pending:%s", check__notes);
    }
    size_t live = bide_debug_live();
    if (live != known)
        check__fail(file, line, "%zu objects are alive, %zu were before", live, known);
    known = live;
}

/* What main returns. */
static inline int check_end(void)
{
    check__test = "at the end";
    if (bide_debug_live() != 0)
        check__fail(__FILE__, __LINE__, "%zu objects are still alive", bide_debug_live());
    fflush(stdout);
    return check__failures ? 1 : 0;
}

#endif
