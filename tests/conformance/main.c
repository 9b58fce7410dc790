/* The conformance program: runs the ports that its arguments name.
 *
 *     conformance                     lists the names
 *     conformance NAME...             prints the traces
 *     conformance --fail-each NAME... runs them with the 1st, 2nd, ... allocation failing
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT(name) int name(void);
#include "ports.h"
#undef PORT

typedef struct {
    const char *name;
    int (*run)(void);
} port;

static const port ports[] = {
#define PORT(name) {#name, name},
#include "ports.h"
#undef PORT
};
enum { PORTS = sizeof ports / sizeof *ports };

static const port *find(const char *name)
{
    for (size_t i = 0; i < PORTS; i++)
        if (strcmp(ports[i].name, name) == 0)
            return &ports[i];
    fprintf(stderr, "no port is called %s\n", name);
    return NULL;
}

/* What a port may have set. */
static void reset_hooks(void)
{
    bide_set_unraisable_hook(NULL);
    bide_set_warning_hook(NULL);
    bide_set_exception_handler(NULL);
    bide_set_agen_hooks((bide_agen_hooks){0});
}

/* The name of the port is printed with every complaint. */
static int complain(const port *p, const char *what)
{
    fprintf(stderr, "%s: %s\n", p->name, what);
    return 1;
}

static int check_nothing_left(const port *p)
{
    if (bide_error_pending())
        return complain(p, "an exception is still pending");
    size_t live = bide_debug_live();
    if (live == 0)
        return 0;
    fprintf(stderr, "%s: %zu objects are still alive\n", p->name, live);
    return 1;
}

static int run(const port *p)
{
    int status = p->run();
    reset_hooks();
    if (status >= 0)
        return check_nothing_left(p);
    bide_value error = bide_error_take(), traceback = bide_error_traceback(error);
    fputs(bide_failed(traceback) ? "MemoryError\n" : bide_cstr(traceback), stderr);
    bide_error_clear();
    bide_drop(traceback);
    bide_drop(error);
    check_nothing_left(p);
    return 1;
}

/* --- with allocations that fail --------------------------------------------------------------- */

static void note_unraisable(bide_value error, const char *where)
{
    print("unraisable", ex(error));
}

static void note_loop_error(const char *message, bide_value error)
{
    print("[loop]", message, ex(error));
}

static void note_warning(const char *category, const char *message, const bide_origin *origin)
{
    print(category, message);
}

/* The trace of one run in which the n-th allocation fails, with the traceback of the exception that
 * ended the port; to be freed. */
static char *trace_failing(const port *p, size_t n, bool *failed)
{
    BIDE_SCOPED bide_value traceback = BIDE_NONE;
    oracle_capture();
    bide_set_unraisable_hook(note_unraisable);
    bide_set_exception_handler(note_loop_error);
    bide_set_warning_hook(note_warning);
    bide_debug_fail_allocation(n);
    if (p->run() < 0) {
        BIDE_SCOPED bide_value error = bide_error_take();
        traceback = bide_error_traceback(error);
        print("raised", traceback);
    }
    *failed = n > 0 && bide_debug_allocations() >= n;
    bide_debug_fail_allocation(0);
    reset_hooks();
    return oracle_take_captured();
}

/* A trace may differ from the normal one only if, from the difference on, it says why; a coroutine
 * that could not even start says so in a warning. */
static bool explains_itself(const char *trace, const char *normal)
{
    size_t same = 0;
    while (trace[same] && trace[same] == normal[same])
        same++;
    while (same > 0 && trace[same - 1] != '\n')
        same--;
    return strcmp(trace, normal) == 0 || strstr(trace + same, "MemoryError") ||
           strstr(trace + same, "was never awaited");
}

static int fail_each(const port *p)
{
    bool failed = false;
    int bad = 0;
    char *normal = trace_failing(p, 0, &failed);
    size_t n = 0;
    do {
        char *trace = trace_failing(p, ++n, &failed);
        if (!explains_itself(trace, normal)) {
            fprintf(stderr, "%s: allocation %zu fails, and the trace is wrong:\n%s", p->name, n,
                    trace);
            bad = 1;
        }
        if (check_nothing_left(p)) {
            fprintf(stderr, "%s: that was with allocation %zu failing\n", p->name, n);
            bad = 1;
        }
        free(trace);
    } while (failed && !bad);
    free(normal);
    if (!bad)
        printf("%s: %zu allocations, each failed once\n", p->name, n - 1);
    return bad;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    bool failing = argc > 2 && strcmp(argv[1], "--fail-each") == 0;
    if (argc == 1) {
        for (size_t i = 0; i < PORTS; i++)
            puts(ports[i].name);
        return 0;
    }
    int status = 0;
    for (int i = failing ? 2 : 1; i < argc; i++) {
        const port *p = find(argv[i]);
        if (!p)
            return 2;
        status |= failing ? fail_each(p) : run(p);
    }
    return status;
}
