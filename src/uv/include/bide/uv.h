/* bide/uv.h - I/O through libuv: TCP, names, files, child processes, signals.
 *
 * For programs that are linked with bide::uv as well as bide::bide; the library itself does not
 * need libuv. In such a program bide_run waits in a libuv loop of its own, unless BIDE_HOST names
 * another host ("posix", "virtual"); there the calls below raise RuntimeError. On a
 * libuv loop bide_to_thread and the default executor use libuv's threads, as files and names do;
 * closing it waits for what they run.
 *
 * Every call marked BIDE_ASYNC suspends the coroutine where it stands, and can be cancelled there:
 * by bide_future_cancel, a timeout, a group. What libuv had begun is then taken back, or its result
 * thrown away; nothing leaks. Errors are OSError or the subclass that fits (ConnectionRefusedError,
 * FileNotFoundError, ...), with bide_error_errno; gaierror for names that cannot be resolved.
 * Objects are borrowed by the calls that act on them, as everywhere. Text arguments are copied.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_UV_H
#define BIDE_UV_H

#include <bide/protocol.h>
#include <bide/runner.h>
#include <bide/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- the loop ----------------------------------------------------------------------- */

struct uv_loop_s;

/* A place in an application that runs a libuv loop itself: a Bide loop whose iterations run
 * whenever the application's uv_run does. Give it work with bide_loop_task or bide_loop_call_soon;
 * uv_run goes on while tasks are left. Close it with bide_loop_close before uv_loop_close, and let
 * uv_run run once in between. It may also be run from here, by bide_loop_run_until_complete, but
 * not from inside uv_run. A deadlock is not reported there: the application may still wake a task.
 * The application should ignore SIGPIPE. */
bide_value bide_uv_loop(struct uv_loop_s *application);
/* The libuv loop under the running Bide loop, for other libraries that need one: borrowed. Their
 * handles must be closed before the Bide loop is. NULL with RuntimeError on any other host. */
struct uv_loop_s *bide_uv_running_loop(void);

/* --- streams: TCP connections and pipes ------------------------------------------------
 *
 * They are read as every stream is: bide_stream_read, or BIDE_ASYNC_FOR over chunks. Up to 64 KiB
 * are read ahead. One that is dropped sends what was written to it and closes; as a manager of
 * BIDE_ASYNC_WITH it is closed at the end. */

/* writer.write(data) and await writer.drain(): hands on a str or bytes (moves in). Returns at once
 * while less than 64 KiB wait to be sent, else suspends until 16 KiB are left; so nobody outruns
 * the other side. What is lost when the other side goes is told by a later write, or by close:
 * BrokenPipeError, ConnectionResetError. */
BIDE_ASYNC int bide_stream_write(bide_value stream, bide_value data);
/* Waits until everything that was written is with the system. */
BIDE_ASYNC int bide_stream_flush(bide_value stream);
/* writer.write_eof: the other side reads its end; reading from here goes on. */
BIDE_ASYNC int bide_stream_write_eof(bide_value stream);
/* writer.close and wait_closed: sends what was written, then closes. Cancelled, it closes at once.
 * Closing twice is fine. Whoever reads it meanwhile finds the end. */
BIDE_ASYNC int bide_stream_close(bide_value stream);
/* Closes at once: what was not sent is lost. */
void bide_stream_abort(bide_value stream);
/* The addresses of a connection or listener, ("127.0.0.1", 80): get_extra_info("sockname") and
 * ("peername"). */
bide_value bide_stream_local(bide_value stream);
bide_value bide_stream_peer(bide_value stream);

/* --- TCP and names -------------------------------------------------------------------- */

/* asyncio.open_connection: a stream to `port` of `host`, a name or address. The addresses of a name
 * are tried one after the other. */
BIDE_ASYNC int bide_tcp_connect(const char *host, int port, bide_value *stream);
/* A listener on `port` (0: any that is free) of the first address of `host` that can be had; NULL:
 * every address of this machine. It is an async iterator of streams, the connections. */
BIDE_ASYNC int bide_tcp_listen(const char *host, int port, bide_value *listener);
/* The next connection. ValueError when the listener is closed, also while it waits. */
BIDE_ASYNC int bide_listener_accept(bide_value listener, bide_value *stream);
/* No more connections: async for over it ends. Those there are live on. */
void bide_listener_close(bide_value listener);
int bide_listener_port(bide_value listener);

/* socket.getaddrinfo for TCP: a list of (address, port) tuples, in the order to try them. */
BIDE_ASYNC int bide_resolve(const char *host, int port, bide_value *addresses);

/* --- files ---------------------------------------------------------------------------- */

/* open(path, mode): "r", "w", "a", "x", each also with "+"; bytes always. A file is a stream: it is
 * read in chunks by bide_stream_read and BIDE_ASYNC_FOR, written by bide_stream_write, closed by
 * bide_stream_close or a BIDE_ASYNC_WITH. The work is done by threads of libuv's. */
BIDE_ASYNC int bide_file_open(const char *path, const char *mode, bide_value *file);
/* file.read(size): at most `size` bytes from the current position, b'' at the end; -1: all. */
BIDE_ASYNC int bide_file_read(bide_value file, int64_t size, bide_value *bytes);
/* file.seek(offset, whence) with SEEK_SET, SEEK_CUR or SEEK_END: the new position, or BIDE_RAISED.
 */
int64_t bide_file_seek(bide_value file, int64_t offset, int whence);

typedef struct bide_file_info {
    int64_t size;
    int64_t modified; /* ns since 1970 */
    uint32_t mode;    /* st_mode: the type and the permissions */
    bool is_file, is_directory;
} bide_file_info;

/* os.stat(path); `info` may be NULL. */
BIDE_ASYNC int bide_file_stat(const char *path, bide_file_info *info);
/* os.listdir(path): a list of names. */
BIDE_ASYNC int bide_directory_list(const char *path, bide_value *names);
/* os.mkdir, os.rmdir, os.remove, os.rename. */
BIDE_ASYNC int bide_directory_make(const char *path);
BIDE_ASYNC int bide_directory_remove(const char *path);
BIDE_ASYNC int bide_file_remove(const char *path);
BIDE_ASYNC int bide_file_rename(const char *from, const char *to);

/* --- child processes ------------------------------------------------------------------ */

/* What becomes of a standard stream of the child; or a descriptor of this process. */
enum {
    BIDE_INHERIT = -1,
    BIDE_PIPE = -2,
    BIDE_DEVNULL = -3,
};

typedef struct bide_process_options {
    const char *const *args; /* the program, looked up in PATH, and its arguments, then NULL */
    const char *const *env;  /* "NAME=value" ..., then NULL; NULL: this process's */
    const char *cwd;         /* NULL: this process's */
    int in, out, err;        /* BIDE_INHERIT, ... */
} bide_process_options;

/* asyncio.create_subprocess_exec. The child outlives the value, and is reaped all the same. */
int bide_process_spawn(const bide_process_options *options, bide_value *process);
/* The pipes, borrowed; BIDE_NONE where none was asked for. */
bide_value bide_process_stdin(bide_value process);
bide_value bide_process_stdout(bide_value process);
bide_value bide_process_stderr(bide_value process);
int bide_process_pid(bide_value process);
/* Waits for its end: *code is the exit status, or minus the signal that ended it. Any number may
 * wait, also after the end. */
BIDE_ASYNC int bide_process_wait(bide_value process, int *code);
/* process.send_signal: ProcessLookupError after its end. */
int bide_process_kill(bide_value process, int signum);

/* --- signals -------------------------------------------------------------------------- */

/* An async iterator that gives `signum` each time the signal arrives; several that arrive at once
 * may be one. While it is open the signal does nothing else: a SIGINT raises no KeyboardInterrupt.
 */
bide_value bide_signals(int signum);
/* Waits for the next one. */
BIDE_ASYNC int bide_signals_next(bide_value signals);
/* The signal does again what it did; async for over it ends. */
void bide_signals_close(bide_value signals);

#ifdef __cplusplus
}
#endif
#endif
