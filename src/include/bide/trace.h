/* bide/trace.h - what tasks do, told as it happens: to a hook of your own, or into a file that
 * Perfetto (ui.perfetto.dev) and chrome://tracing open.
 *
 *     BIDE_TRACE=trace.json ./program
 *
 * Both are for this thread, and cost nothing while they are off.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_TRACE_H
#define BIDE_TRACE_H

#include <bide/task.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum bide_trace_kind {
    BIDE_TRACE_CREATE,  /* `by` made the task */
    BIDE_TRACE_START,   /* its first step begins */
    BIDE_TRACE_SUSPEND, /* the step ends: it waits for `awaited` */
    BIDE_TRACE_WAKE,    /* what it waits for is done, through `by`: it runs in the next iteration */
    BIDE_TRACE_RESUME,  /* a later step begins */
    BIDE_TRACE_END,     /* the last step ends: with a result, or cancelled, or with `error` */
    BIDE_TRACE_CANCEL,  /* `by` asked for its cancellation */
} bide_trace_kind;

/* Everything in it is borrowed, and BIDE_NONE or NULL where the kind has no use for it. */
typedef struct bide_trace_event {
    bide_trace_kind kind;
    unsigned id;           /* of the task: 1, 2, ... in the order in which they came to be seen */
    int64_t time;          /* ns on the loop's clock, now */
    bide_value task;       /* where it stands is told by bide_task_name, bide_future_done, ... */
    bide_value by;         /* the task that was running; BIDE_NONE: a callback, or nobody */
    bide_value awaited;    /* a future or task, or an object such as a queue; or BIDE_NONE */
    const char *verb;      /* "Queue.get", "sleep"; NULL: it awaits `awaited`, or lets others run */
    bide_value error;      /* of a task that raised */
    const bide_site *site; /* where it awaits, as far as that is known */
} bide_trace_event;

/* The hook may look at tasks, but not await, and events that it causes itself are not told. NULL:
 * none. It is told of tasks that were made before as soon as they run. */
typedef void bide_trace_hook(const bide_trace_event *event, void *data);
void bide_set_trace(bide_trace_hook *hook, void *data);

/* Writes Trace Event Format, as a JSON array, to the file from now on; instead of a hook. A task is
 * a track, a step a slice, a wake-up an arrow. With NULL, or at the end of the program, the file
 * ends. 0; OSError if it cannot be written. The environment variable BIDE_TRACE does this when the
 * program's first loop is made. */
int bide_trace_to(const char *path);

#ifdef __cplusplus
}
#endif
#endif
