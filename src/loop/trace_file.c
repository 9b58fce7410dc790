/* trace_file.c - the trace as a file in the Trace Event Format: a JSON array, one event to a line.
 *
 * A task is a thread of the one process; each of its steps is a pair of B and E events, named by
 * the task's body. Arrows (s and f) lead from the step that made or woke a task to the step that
 * this caused. Times are the loop's, in microseconds; each event is a nanosecond later than the one
 * before at the least, so that on the virtual clock, where steps take no time, their order shows.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/trace.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "loop/dump.h"
#include "loop/observe.h"
#include "loop/settings.h"
#include "object/exec.h"
#include "object/memory.h"

enum { FLUSH_AT = 16 * 1024 };

/* There is one file at a time, for one thread. */
static struct {
    struct bide__text text; /* what is not written yet */
    size_t event;           /* where the last one begins in it */
    int fd;
    int error;        /* an errno's value, once writing failed */
    int64_t last;     /* ns; the time of the event before */
    unsigned named;   /* the tasks up to this id have a name in the file */
    unsigned *arrows; /* owned; by id: the arrow that leads to the task's next step, or 0 */
    unsigned arrow_room, last_arrow;
    bool open, begun;
} file;

static bool taken; /* by some thread */
static BIDE__THREAD_LOCAL bool mine;

/* --- writing ------------------------------------------------------------------------ */

static void flush(void)
{
    size_t written = 0;
    while (!file.error && written < file.text.size) {
        long size = bide__host_write(file.fd, file.text.bytes + written, file.text.size - written);
        if (size < 0)
            file.error = (int)-size;
        else
            written += (size_t)size;
    }
    file.text.size = 0;
}

static void add_string(const char *s)
{
    bide__text_add(&file.text, "\"");
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            bide__text_addf(&file.text, "\\%c", c);
        else if (c < ' ')
            bide__text_addf(&file.text, "\\u%04x", c);
        else
            bide__text_addf(&file.text, "%c", c);
    }
    bide__text_add(&file.text, "\"");
}

/* A member whose value is a string. */
static void add_member(const char *before, const char *key, const char *value)
{
    bide__text_addf(&file.text, "%s\"%s\":", before, key);
    add_string(value);
}

/* The head of an event on a task's track. */
static void begin(const char *phase, unsigned id)
{
    file.event = file.text.size;
    bide__text_addf(&file.text, "%s{\"ph\":\"%s\",\"pid\":1,\"tid\":%u", file.begun ? ",\n" : "[\n",
                    phase, id);
    file.begun = true;
}

static void add_time(int64_t time)
{
    bide__text_addf(&file.text, ",\"ts\":%lld.%03d", (long long)(time / 1000), (int)(time % 1000));
}

/* Without memory for an event the file ends with the one before. */
static void end(void)
{
    bide__text_add(&file.text, "}");
    if (file.text.failed && !file.error) {
        file.text.failed = false;
        file.text.size = file.event;
        flush();
        file.error = ENOMEM;
    }
    if (file.text.size >= FLUSH_AT)
        flush();
}

/* --- events ------------------------------------------------------------------------- */

static void name_track(unsigned id, const char *name)
{
    begin("M", id);
    bide__text_add(&file.text, ",\"name\":\"thread_name\",\"args\":{");
    add_member("", "name", name);
    bide__text_add(&file.text, "}");
    end();
}

static void add_arrow(const char *phase, unsigned track, unsigned arrow, const char *name,
                      int64_t time)
{
    begin(phase, track);
    add_time(time);
    bide__text_addf(&file.text, ",\"cat\":\"task\",\"id\":%u", arrow);
    add_member(",", "name", name);
    if (*phase == 'f')
        bide__text_add(&file.text, ",\"bp\":\"e\"");
    end();
}

static unsigned *arrow_to(unsigned id)
{
    if (id >= file.arrow_room) {
        unsigned room = id * 2 + 16;
        unsigned *larger = bide__realloc(file.arrows, room * sizeof *larger);
        if (!larger) {
            bide_error_clear();
            return NULL;
        }
        memset(larger + file.arrow_room, 0, (room - file.arrow_room) * sizeof *larger);
        file.arrows = larger;
        file.arrow_room = room;
    }
    return &file.arrows[id];
}

/* An arrow leaves the running step of event->by for the next one of the task. */
static void leave(const bide_trace_event *event, const char *name, int64_t time)
{
    const bide__task *by = bide__task_of(event->by);
    unsigned *arrow = by && by->id ? arrow_to(event->id) : NULL;
    if (!arrow || *arrow)
        return;
    *arrow = ++file.last_arrow;
    add_arrow("s", by->id, *arrow, name, time);
}

static void step_begins(const bide_trace_event *event, int64_t time)
{
    unsigned *arrow = arrow_to(event->id);
    const bide__task *task = bide__task_of(event->task);
    begin("B", event->id);
    add_time(time);
    add_member(",\"cat\":\"step\",", "name", bide_name(task->coro));
    if (event->site)
        bide__text_addf(&file.text, ",\"args\":{\"line\":%d", event->site->line);
    if (event->site) {
        add_member(",", "file", event->site->file);
        bide__text_add(&file.text, "}");
    }
    end();
    if (arrow && *arrow) {
        bool first = event->kind == BIDE_TRACE_START;
        add_arrow("f", event->id, *arrow, first ? "create" : "wake", ++file.last);
        *arrow = 0;
    }
}

static void add_awaited(const bide_trace_event *event)
{
    struct bide__text what = {0};
    if (!bide__text_add_wait(&what, bide__task_of(event->task)))
        bide__text_add(&what, "the next iteration");
    bide_value text = bide__text_finish(&what);
    add_member("", "awaits", bide_failed(text) ? "?" : bide_cstr(text));
    bide_drop(text);
    if (!event->site)
        return;
    bide__text_addf(&file.text, ",\"line\":%d", event->site->line);
    add_member(",", "file", event->site->file);
}

static void add_outcome(const bide_trace_event *event)
{
    bide_value text = bide_is_none(event->error) ? BIDE_NONE : bide_error_text(event->error);
    if (bide_is_none(text))
        add_member("", "ends", bide_future_cancelled(event->task) ? "cancelled" : "with a result");
    else
        add_member("", "raises", bide_failed(text) ? "?" : bide_cstr(text));
    bide_drop(text);
}

static void step_ends(const bide_trace_event *event, int64_t time)
{
    begin("E", event->id);
    add_time(time);
    bide__text_add(&file.text, ",\"args\":{");
    if (event->kind == BIDE_TRACE_SUSPEND)
        add_awaited(event);
    else
        add_outcome(event);
    bide__text_add(&file.text, "}");
    end();
}

static void mark(const bide_trace_event *event, const char *name, int64_t time)
{
    begin("i", event->id);
    add_time(time);
    add_member(",\"s\":\"t\",\"cat\":\"task\",", "name", name);
    end();
}

static void write_event(const bide_trace_event *event, void *unused)
{
    (void)unused;
    if (file.error)
        return;
    int64_t time = event->time > file.last ? event->time : file.last + 1;
    file.last = time;
    if (event->id > file.named) {
        file.named = event->id;
        name_track(event->id, bide_task_name(event->task));
    }
    switch (event->kind) {
    case BIDE_TRACE_CREATE:
        leave(event, "create", time);
        break;
    case BIDE_TRACE_WAKE:
        leave(event, "wake", time);
        break;
    case BIDE_TRACE_CANCEL:
        mark(event, "cancel", time);
        break;
    case BIDE_TRACE_START:
    case BIDE_TRACE_RESUME:
        step_begins(event, time);
        break;
    case BIDE_TRACE_SUSPEND:
    case BIDE_TRACE_END:
        step_ends(event, time);
        break;
    }
}

/* --- beginning and ending ----------------------------------------------------------- */

/* Ends the file: 0, or the errno's value of what went wrong with it. */
static int close_file(void)
{
    static const char end[] = "\n]\n";
    flush();
    int error = file.error;
    if (bide__host_write(file.fd, file.begun ? end : "[]\n", sizeof end - 1) < 0 && !error)
        error = EIO;
    bide__host_close_file(file.fd);
    bide__free(file.arrows);
    bide_drop(bide__text_finish(&file.text));
    bide_error_clear();
    memset(&file, 0, sizeof file);
    bide_set_trace(NULL, NULL);
    __atomic_clear(&taken, __ATOMIC_RELEASE);
    mine = false;
    return error;
}

static void close_at_exit(void)
{
    if (file.open)
        close_file();
}

int bide_trace_to(const char *path)
{
    static bool exits;
    int error = mine ? close_file() : 0;
    if (error || !path)
        return error ? bide_raise_errno(error, "the trace") : 0;
    if (__atomic_test_and_set(&taken, __ATOMIC_ACQUIRE))
        return bide_raise(BIDE_RuntimeError, "another thread is writing a trace");
    mine = true;
    file.fd = bide__host_create(path);
    if (file.fd < 0) {
        error = -file.fd;
        mine = false;
        __atomic_clear(&taken, __ATOMIC_RELEASE);
        return bide_raise_errno(error, path);
    }
    file.open = true;
    file.last = -1;
    if (!exits)
        exits = atexit(close_at_exit) == 0;
    bide_set_trace(write_event, NULL);
    return 0;
}

int bide__trace_from_environment(const char *path)
{
    static bool done;
    return __atomic_test_and_set(&done, __ATOMIC_RELAXED) ? 0 : bide_trace_to(path);
}
