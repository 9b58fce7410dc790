/* The trace file: when it begins and ends, what is refused, and what happens without memory.
 * debugging.test.mjs looks at what is in it.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include <time.h>

/* A name that no other run of this program uses at the same time. */
static const char *path(void)
{
    static char name[80];
    struct timespec now;
    if (!*name) {
        clock_gettime(CLOCK_REALTIME, &now);
        snprintf(name, sizeof name, "unit-trace-%lld-%ld-%p.json", (long long)now.tv_sec,
                 now.tv_nsec, (void *)&now);
    }
    return name;
}

/* The file's text, up to what fits; then it is removed. */
static const char *take_file(void)
{
    static char text[8192];
    FILE *file = fopen(path(), "r");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[size] = '\0';
    if (file)
        fclose(file);
    remove(path());
    return file ? text : "no file";
}

static int count(const char *text, const char *piece)
{
    int n = 0;
    while ((text = strstr(text, piece))) {
        text += strlen(piece);
        n++;
    }
    return n;
}

static BIDE_ASYNC int nap(bide_value arg, bide_value *result)
{
    return bide_sleep(BIDE_MS(1));
}

static BIDE_ASYNC int naps(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value task = bide_task(bide_coro(nap, BIDE_NONE), "nap");
    return bide_await(bide_ref(task), NULL);
}

static void run(void)
{
    CHECK_STEP("=> None", bide_run, bide_coro(naps, BIDE_NONE));
}

/* Whether files can be written here at all. */
static bool can_write(void)
{
    FILE *file = fopen(path(), "w");
    if (file)
        fclose(file);
    remove(path());
    return file != NULL;
}

static void test_begin_and_end(void)
{
    CHECK_INT(bide_trace_to(path()), 0);
    run();
    CHECK_INT(bide_trace_to(NULL), 0);
    run(); /* not in it */
    const char *text = take_file();
    CHECK(strncmp(text, "[\n{", 3) == 0);
    CHECK(strstr(text, "}\n]\n"));
    CHECK_INT(count(text, "\"ph\":\"B\""), 4);
    CHECK_INT(count(text, "\"ph\":\"E\""), 4);
    CHECK_INT(count(text, "\"args\":{\"name\":\"nap\"}"), 1);
    CHECK_INT(count(text, "\"awaits\":\"task 'nap'\""), 1);
    CHECK_INT(bide_trace_to(NULL), 0); /* nothing to end */
}

static void test_empty_and_again(void)
{
    CHECK_INT(bide_trace_to(path()), 0);
    CHECK_INT(bide_trace_to(path()), 0); /* ends the first */
    CHECK_INT(bide_trace_to(NULL), 0);
    CHECK_STR(take_file(), "[]\n");
}

static void test_what_cannot_be_written(void)
{
    CHECK_INT(bide_trace_to("no such folder/trace.json"), BIDE_RAISED);
    CHECK(bide_catch(BIDE_OSError, NULL));
    CHECK_INT(bide_trace_to(path()), 0); /* that did no harm */
    CHECK_INT(bide_trace_to(NULL), 0);
    take_file();
}

static void ignore_warning(const char *category, const char *message, const bide_origin *origin)
{
}

/* Whichever allocation fails: the file is whole, if shorter. */
static void test_without_memory(void)
{
    bide_set_warning_hook(ignore_warning);
    for (size_t n = 1, made = n; made >= n; n++) {
        bide_value coro = bide_coro(naps, BIDE_NONE);
        CHECK_INT(bide_trace_to(path()), 0);
        bide_debug_fail_allocation(n);
        if (bide_run(coro, NULL) < 0)
            CHECK(bide_catch(BIDE_MemoryError, NULL));
        made = bide_debug_allocations();
        bide_debug_fail_allocation(0);
        if (bide_trace_to(NULL) < 0)
            CHECK(bide_catch(BIDE_OSError, NULL));
        const char *text = take_file();
        CHECK(strcmp(text, "[]\n") == 0 || strstr(text, "}\n]\n"));
        CHECK_INT(count(text, "\n{"), count(text, "\"ph\""));
        CHECK_INT(bide_debug_live(), 0);
    }
    bide_set_warning_hook(NULL);
}

int main(void)
{
    bide_use_host(BIDE_HOST_VIRTUAL);
    if (!can_write()) {
        puts("no file can be written here");
        return CHECK_SKIPPED;
    }
    RUN(test_begin_and_end);
    RUN(test_empty_and_again);
    RUN(test_what_cannot_be_written);
    RUN(test_without_memory);
    return check_end();
}
