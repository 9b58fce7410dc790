/* process.c - child processes.
 *
 * libuv reaps a child only while it has a handle for it. So the handle of a process whose value was
 * dropped stays, without keeping the loop alive, until the child has ended.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "object/exec.h"
#include "object/memory.h"
#include "uv/stream.h"

enum { STREAMS = 3 };

typedef struct process {
    bide_object base;
    bide__uv_handle *handle; /* NULL once the child has ended */
    bide__waiters waiters;
    bide_value pipes[STREAMS]; /* owned streams, or BIDE_NONE */
    int pid;
    int code;  /* once it has ended */
    bool lost; /* the loop ended first */
} process;

static void lost(bide__uv_handle *handle)
{
    process *self = handle->owner;
    if (!self)
        return;
    self->handle = NULL;
    self->lost = true;
}

static void on_exit(uv_process_t *child, int64_t status, int signum)
{
    bide__uv_handle *handle = BIDE__UV_HANDLE(child);
    process *self = handle->owner;
    if (self) {
        self->handle = NULL;
        self->code = signum ? -signum : (int)status;
        bide__uv_wake_all(&self->waiters);
    }
    bide__uv_close(handle);
}

static void finalize(void *object)
{
    process *self = object;
    if (self->handle)
        self->handle->owner = NULL;
    for (int i = 0; i < STREAMS; i++)
        bide_drop(self->pipes[i]);
}

static const bide_type process_type = {.name = "Process", .finalize = finalize};

/* --- starting ----------------------------------------------------------------------- */

/* What libuv is told of the child's standard stream i; a pipe is made if one is wanted. */
static int describe(process *self, int i, int wanted, uv_stdio_container_t *out)
{
    static const unsigned pipe_flags[STREAMS] = {
        UV_CREATE_PIPE | UV_READABLE_PIPE,
        UV_CREATE_PIPE | UV_WRITABLE_PIPE,
        UV_CREATE_PIPE | UV_WRITABLE_PIPE,
    };
    if (wanted == BIDE_DEVNULL) {
        out->flags = UV_IGNORE;
        return 0;
    }
    if (wanted < BIDE_DEVNULL)
        return bide_raise(BIDE_ValueError, "a child's standard stream cannot be %d", wanted);
    if (wanted != BIDE_PIPE) {
        out->flags = UV_INHERIT_FD;
        out->data.fd = wanted == BIDE_INHERIT ? i : wanted;
        return 0;
    }
    bide__uv_stream *stream = bide__uv_pipe();
    if (!stream)
        return BIDE_RAISED;
    self->pipes[i] = bide_object_value(stream);
    out->flags = (uv_stdio_flags)pipe_flags[i];
    out->data.stream = bide__uv_stream_of(stream);
    return 0;
}

/* The errno that chdir answers to a folder; 0: none. */
static int refusal_of(const char *folder)
{
    struct stat found;
    if (stat(folder, &found) < 0)
        return errno;
    if (!S_ISDIR(found.st_mode))
        return ENOTDIR;
    return faccessat(AT_FDCWD, folder, X_OK, AT_EACCESS) < 0 ? errno : 0;
}

/* libuv does not tell whether the child failed to enter its folder, which comes first, or to become
 * the program. */
static const char *what_failed(const bide_process_options *options, int error)
{
    bool folder = options->cwd && refusal_of(options->cwd) == -error;
    return folder ? options->cwd : options->args[0];
}

static int spawn(process *self, bide__uv_host *host, const bide_process_options *options)
{
    const int wanted[STREAMS] = {options->in, options->out, options->err};
    uv_stdio_container_t stdio[STREAMS] = {0};
    for (int i = 0; i < STREAMS; i++)
        if (describe(self, i, wanted[i], &stdio[i]) < 0)
            return BIDE_RAISED;
    bide__uv_handle *handle = bide__uv_handle_new(sizeof *handle, self, lost);
    if (!handle)
        return BIDE_RAISED;
    /* libuv's structure is not const, but it changes nothing of this. */
    union {
        const char *const *from;
        char **to;
    } args = {options->args}, env = {options->env};
    const uv_process_options_t how = {
        .exit_cb = on_exit,
        .file = options->args[0],
        .args = args.to,
        .env = env.to,
        .cwd = options->cwd,
        .stdio_count = STREAMS,
        .stdio = stdio,
    };
    int error = uv_spawn(host->uv, &handle->uv.process, &how);
    bide__uv_opened(host, handle);
    if (error < 0) {
        bide__uv_close(handle);
        return bide__uv_raise(error, what_failed(options, error));
    }
    self->handle = handle;
    self->pid = uv_process_get_pid(&handle->uv.process);
    return 0;
}

int bide_process_spawn(const bide_process_options *options, bide_value *out)
{
    bide__uv_host *host = bide__uv_required();
    process *self = NULL;
    if (out)
        *out = BIDE_NONE;
    if (host && (!options || !options->args || !options->args[0]))
        bide__raise(BIDE_ValueError, "a child process needs a program: args[0]");
    else if (host)
        self = bide_object_new(&process_type, sizeof *self);
    if (!self)
        return BIDE_RAISED;
    int status = spawn(self, host, options);
    if (status == 0 && out)
        *out = bide_object_value(self);
    else
        bide_drop(bide_object_value(self));
    return status;
}

/* --- looking at it ------------------------------------------------------------------ */

static bide_value pipe_of(bide_value v, int i)
{
    process *self = bide_object_of(v, &process_type);
    if (self)
        return self->pipes[i];
    bide_error_clear();
    return BIDE_NONE;
}

bide_value bide_process_stdin(bide_value v)
{
    return pipe_of(v, 0);
}

bide_value bide_process_stdout(bide_value v)
{
    return pipe_of(v, 1);
}

bide_value bide_process_stderr(bide_value v)
{
    return pipe_of(v, 2);
}

int bide_process_pid(bide_value v)
{
    const process *self = bide_object_of(v, &process_type);
    return self ? self->pid : BIDE_RAISED;
}

BIDE__UNCOLORED int bide_process_wait(bide_value v, int *code)
{
    process *self = bide_object_of(v, &process_type);
    if (!self)
        return BIDE_RAISED;
    while (self->handle)
        if (bide__uv_wait(&self->handle, &self->waiters, "Process.wait", self) < 0)
            return BIDE_RAISED;
    if (self->lost)
        return bide__raise(BIDE_RuntimeError, "the loop that watched this process has ended");
    if (code)
        *code = self->code;
    return 0;
}

int bide_process_kill(bide_value v, int signum)
{
    process *self = bide_object_of(v, &process_type);
    if (!self)
        return BIDE_RAISED;
    int error = self->handle ? uv_process_kill(&self->handle->uv.process, signum) : UV_ESRCH;
    return error < 0 ? bide__uv_raise(error, NULL) : 0;
}
