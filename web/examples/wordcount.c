/* wordcount.c - async for over real input: lines, words and bytes of several sources at once.
 *
 * Every source is an async iterable of chunks of bytes: natively and under wasmtime a file
 * descriptor, in JavaScript a ReadableStream (response.body, file.stream()) or any other async
 * iterable. One coroutine per source counts it, and bide_gather runs them side by side, so a slow
 * pipe holds up nothing: while it is awaited the other files are read, and a task reports progress
 * on stderr every 100 ms.
 *
 * A source that cannot be read is an exception in its own coroutine. return_exceptions makes it
 * one of the results, so that it is reported and the others are counted.
 *
 *     wordcount [FILE...]     - or no FILE: standard input
 *
 * From JavaScript, without files or main:
 *
 *     await app.call('count_streams', [[response.body, file.stream()]]);
 *     // [[lines, words, bytes], [lines, words, bytes]]
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct counts {
    int64_t lines, words, bytes;
} counts;

/* --- counting one source ----------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A word may be cut by the end of a chunk: *in_word remembers that. */
static void tally(counts *c, bool *in_word, const char *text, size_t size)
{
    c->bytes += (int64_t)size;
    for (size_t i = 0; i < size; i++) {
        bool space = is_space(text[i]);
        c->lines += text[i] == '\n';
        c->words += !space && !*in_word;
        *in_word = !space;
    }
}

/* async def count(source, progress): [lines, words, bytes]; *progress counts all sources' bytes */
static BIDE_ASYNC int count(bide_value arg, bide_value *result)
{
    int64_t *progress = bide_item(arg, 1).as.ptr;
    counts c = {0};
    bool in_word = false;
    BIDE_ASYNC_FOR (chunk, bide_ref(bide_item(arg, 0))) {
        if (chunk.kind != BIDE_KIND_BYTES && chunk.kind != BIDE_KIND_STR)
            return bide_raise(BIDE_TypeError, "cannot count a %s", bide_type_name(chunk));
        tally(&c, &in_word, bide_data(chunk), bide_size(chunk));
        *progress += (int64_t)bide_size(chunk);
    }
    return bide_return(result, bide_list(c.lines, c.words, c.bytes));
}

static int close_fd(bide_value fd)
{
    return close((int)fd.as.i) < 0 ? bide_raise(BIDE_OSError, "%s", strerror(errno)) : 0;
}

/* async def count_file(name, progress): the same for a file, or for "-", standard input */
static BIDE_ASYNC int count_file(bide_value arg, bide_value *result)
{
    const char *name = bide_cstr(bide_item(arg, 0));
    int fd = STDIN_FILENO;
    if (strcmp(name, "-") != 0) {
        fd = open(name, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            return bide_raise(BIDE_OSError, "%s", strerror(errno));
        BIDE_TRY(bide_defer(close_fd, bide_int(fd))); /* when this coroutine ends, in any way */
    }
    return bide_await(bide_coro(count, bide_tuple(bide_fd_stream(fd), bide_item(arg, 1))), result);
}

/* --- counting all of them ---------------------------------------------------- */

static BIDE_ASYNC int report(bide_value arg, bide_value *result)
{
    const int64_t *progress = arg.as.ptr;
    for (;;) {
        BIDE_TRY(bide_sleep(BIDE_MS(100)));
        fprintf(stderr, "wordcount: %lld bytes so far\n", (long long)*progress);
    }
}

static int cancel(bide_value task)
{
    return bide_future_cancel(task, NULL) < 0 ? BIDE_RAISED : 0;
}

/* Runs body(source, progress) for every source side by side; the list of what they return, or
 * raise. Nothing of it is left running, which is why they may share a variable of this frame. */
static BIDE_ASYNC int count_all(bide_body *body, bide_value sources, bide_value *result)
{
    int64_t progress = 0;
    BIDE_SCOPED bide_value jobs = bide_list();
    for (size_t i = 0; i < bide_size(sources); i++) {
        bide_value arg = bide_tuple(bide_ref(bide_item(sources, i)), bide_ptr(&progress));
        BIDE_TRY(bide_list_append(jobs, bide_coro(body, arg)));
    }
    bide_value reporter = bide_task(bide_coro(report, bide_ptr(&progress)), "report");
    BIDE_TRY(bide_defer(cancel, reporter));
    return bide_await(bide_gather(bide_ref(jobs), true), result);
}

/* async def count_streams(streams): [[lines, words, bytes], ...] */
static BIDE_ASYNC int count_streams(bide_value streams, bide_value *result)
{
    if (streams.kind != BIDE_KIND_LIST)
        return bide_raise(BIDE_TypeError, "count_streams expects a list of async iterables, not %s",
                          bide_type_name(streams));
    BIDE_SCOPED bide_value answers = BIDE_NONE;
    BIDE_TRY(count_all(count, streams, &answers));
    for (size_t i = 0; i < bide_size(answers); i++) {
        bide_value answer = bide_item(answers, i);
        if (bide_is_error(answer, BIDE_BaseException))
            return bide_raise_error(bide_ref(answer)); /* the reason reaches JavaScript as it was */
    }
    return bide_return(result, bide_ref(answers));
}
BIDE_EXPORT_COROUTINE(count_streams);

/* --- the program ------------------------------------------------------------- */

static void print_counts(const counts *c, const char *name)
{
    printf("%7lld %7lld %7lld%s%s\n", (long long)c->lines, (long long)c->words, (long long)c->bytes,
           name ? " " : "", name ? name : "");
}

static BIDE_ASYNC int wordcount(bide_value names, bide_value *result)
{
    bool unnamed = bide_size(names) == 0;
    BIDE_SCOPED bide_value sources = unnamed ? bide_list("-") : bide_ref(names);
    BIDE_SCOPED bide_value answers = BIDE_NONE;
    BIDE_TRY(count_all(count_file, sources, &answers));

    counts total = {0};
    int status = 0;
    for (size_t i = 0; i < bide_size(answers); i++) {
        bide_value answer = bide_item(answers, i);
        const char *name = bide_cstr(bide_item(sources, i));
        if (bide_is_error(answer, BIDE_BaseException)) {
            fprintf(stderr, "wordcount: %s: %s\n", name, bide_error_message(answer));
            status = 1;
            continue;
        }
        counts c = {bide_item(answer, 0).as.i, bide_item(answer, 1).as.i,
                    bide_item(answer, 2).as.i};
        print_counts(&c, unnamed ? NULL : name);
        total.lines += c.lines;
        total.words += c.words;
        total.bytes += c.bytes;
    }
    if (bide_size(answers) > 1)
        print_counts(&total, "total");
    return bide_return(result, status);
}

int main(int argc, char **argv)
{
    bide_value names = bide_list();
    for (int i = 1; i < argc; i++) {
        if (bide_list_append(names, bide_str(argv[i])) < 0)
            return 1;
    }
    return bide_main(bide_coro(wordcount, names));
}
