/* emscripten_wasi.c - the system calls Emscripten's standalone libc lacks, over WASI.
 *
 * Linked with -sSTANDALONE_WASM, Emscripten's libc cannot open a file and leaves
 * poll to JavaScript. With these a program imports WASI and nothing else, like one
 * built by any other toolchain. Their names and types are Emscripten's, and each
 * answers 0 or more, or a negated errno, whose numbers in Emscripten are WASI's.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <wasi/api.h>

long __syscall_open(const char *path, long flags, ...);
long __syscall_openat(long directory, const char *path, long flags, ...);
long __syscall_fstat64(long fd, struct stat *stat);
long __syscall_stat64(const char *path, struct stat *stat);
long __syscall_lstat64(const char *path, struct stat *stat);
long __syscall_fstatat64(long directory, const char *path, struct stat *stat, long flags);
long __syscall_newfstatat(long directory, const char *path, struct stat *stat, long flags);
long __syscall_poll(struct pollfd *fds, long count, long timeout);
void emscripten_notify_memory_growth(size_t memory);

/* WASI's subscription and event, declared here because the fields' names in
 * Emscripten's header depend on its version. */
typedef struct subscription {
    uint64_t userdata;
    uint8_t type; /* __WASI_EVENTTYPE_... */
    union {
        struct {
            uint32_t id;
            uint64_t timeout;   /* ns from now */
            uint64_t precision; /* ns */
            uint16_t flags;
        } clock;
        uint32_t fd;
    } u;
} subscription;

typedef struct event {
    uint64_t userdata;
    uint16_t error;
    uint8_t type;
    uint64_t bytes;
    uint16_t flags;
} event;

_Static_assert(sizeof(subscription) == 48, "as WASI lays it out");
_Static_assert(offsetof(subscription, u) == 16, "as WASI lays it out");
_Static_assert(sizeof(event) == 32 && offsetof(event, bytes) == 16, "as WASI lays it out");

__attribute__((import_module("wasi_snapshot_preview1"), import_name("poll_oneoff"))) uint16_t
poll_oneoff(const subscription *wanted, event *events, size_t count, size_t *happened);

/* How much of `path` is inside the directory called `name`: its last part, or NULL. The current
 * directory is the one called "." or "/". */
static const char *inside(const char *name, size_t length, const char *path)
{
    while (length > 0 && name[length - 1] == '/')
        length--;
    if (length == 0)
        return path[0] != '/' ? path : path[1] ? path + 1 : ".";
    if (length == 1 && name[0] == '.')
        return path[0] == '/' ? NULL : path;
    if (strncmp(path, name, length) != 0)
        return NULL;
    if (path[length] == '\0')
        return ".";
    return path[length] == '/' ? path + length + 1 : NULL;
}

/* Finds the opened-in-advance directory that leads to *path, longest name first, and
 * leaves in *path the part inside it. Returns its descriptor, or a negated errno. */
static long find_directory(const char **path)
{
    const char *whole = *path[0] == '.' && (*path)[1] == '/' ? *path + 2 : *path;
    long found = -ENOENT;
    size_t longest = 0;

    for (__wasi_fd_t fd = 3;; fd++) {
        __wasi_prestat_t stat;
        char name[256];
        if (__wasi_fd_prestat_get(fd, &stat) != __WASI_ERRNO_SUCCESS)
            return found;
        size_t length = stat.u.dir.pr_name_len;
        if (length > sizeof name ||
            __wasi_fd_prestat_dir_name(fd, (uint8_t *)name, length) != __WASI_ERRNO_SUCCESS)
            continue;
        if (length > 0 && name[length - 1] == '\0')
            length--; /* some hosts count a terminator */
        const char *rest = inside(name, length, whole);
        if (rest && (found < 0 || length > longest)) {
            found = (long)fd;
            longest = length;
            *path = rest;
        }
    }
}

static long open_in(__wasi_fd_t directory, const char *path, long flags)
{
    __wasi_rights_t rights = __WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_TELL |
                             __WASI_RIGHTS_FD_FILESTAT_GET | __WASI_RIGHTS_POLL_FD_READWRITE |
                             __WASI_RIGHTS_FD_FDSTAT_SET_FLAGS;
    __wasi_oflags_t how = 0;
    __wasi_fdflags_t mode = 0;
    __wasi_fd_t opened;

    if ((flags & O_ACCMODE) != O_WRONLY)
        rights |= __WASI_RIGHTS_FD_READ;
    if ((flags & O_ACCMODE) != O_RDONLY)
        rights |= __WASI_RIGHTS_FD_WRITE;
    how |= (__wasi_oflags_t)(flags & O_CREAT ? __WASI_OFLAGS_CREAT : 0);
    how |= (__wasi_oflags_t)(flags & O_EXCL ? __WASI_OFLAGS_EXCL : 0);
    how |= (__wasi_oflags_t)(flags & O_TRUNC ? __WASI_OFLAGS_TRUNC : 0);
    mode |= (__wasi_fdflags_t)(flags & O_APPEND ? __WASI_FDFLAGS_APPEND : 0);
    mode |= (__wasi_fdflags_t)(flags & O_NONBLOCK ? __WASI_FDFLAGS_NONBLOCK : 0);
    __wasi_errno_t error = __wasi_path_open(directory, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, path,
                                            strlen(path), how, rights, rights, mode, &opened);
    return error == __WASI_ERRNO_SUCCESS ? (long)opened : -(long)error;
}

long __syscall_open(const char *path, long flags, ...)
{
    if (path[0] == '\0')
        return -ENOENT;
    long directory = find_directory(&path);
    return directory < 0 ? directory : open_in((__wasi_fd_t)directory, path, flags);
}

long __syscall_openat(long directory, const char *path, long flags, ...)
{
    if (directory == AT_FDCWD || path[0] == '/')
        return __syscall_open(path, flags);
    return open_in((__wasi_fd_t)directory, path, flags);
}

static mode_t mode_of(__wasi_filetype_t type)
{
    switch (type) {
    case __WASI_FILETYPE_REGULAR_FILE:
        return S_IFREG;
    case __WASI_FILETYPE_DIRECTORY:
        return S_IFDIR;
    case __WASI_FILETYPE_CHARACTER_DEVICE:
        return S_IFCHR;
    case __WASI_FILETYPE_BLOCK_DEVICE:
        return S_IFBLK;
    case __WASI_FILETYPE_SOCKET_STREAM:
    case __WASI_FILETYPE_SOCKET_DGRAM:
        return S_IFSOCK;
    default:
        return 0; /* WASI has no type for pipes */
    }
}

/* The kind of file and its size, which is what WASI hosts agree on. */
static long tell(__wasi_errno_t error, const __wasi_filestat_t *found, struct stat *stat)
{
    if (error != __WASI_ERRNO_SUCCESS)
        return -(long)error;
    *stat = (struct stat){
        .st_mode = mode_of(found->filetype),
        .st_nlink = (nlink_t)found->nlink,
        .st_size = (off_t)found->size,
    };
    return 0;
}

long __syscall_fstat64(long fd, struct stat *stat)
{
    __wasi_filestat_t found;
    return tell(__wasi_fd_filestat_get((__wasi_fd_t)fd, &found), &found, stat);
}

long __syscall_fstatat64(long directory, const char *path, struct stat *stat, long flags)
{
    __wasi_filestat_t found;
    __wasi_lookupflags_t how = flags & AT_SYMLINK_NOFOLLOW ? 0 : __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW;
    if (path[0] == '\0')
        return -ENOENT;
    if (directory == AT_FDCWD || path[0] == '/')
        directory = find_directory(&path);
    if (directory < 0)
        return directory;
    return tell(__wasi_path_filestat_get((__wasi_fd_t)directory, how, path, strlen(path), &found),
                &found, stat);
}

long __syscall_stat64(const char *path, struct stat *stat)
{
    return __syscall_fstatat64(AT_FDCWD, path, stat, 0);
}

long __syscall_lstat64(const char *path, struct stat *stat)
{
    return __syscall_fstatat64(AT_FDCWD, path, stat, AT_SYMLINK_NOFOLLOW);
}

/* What later versions call it. */
long __syscall_newfstatat(long directory, const char *path, struct stat *stat, long flags)
{
    return __syscall_fstatat64(directory, path, stat, flags);
}

/* Fills `wanted` with what poll was asked for. Returns how many subscriptions that is. */
static size_t subscribe(subscription *wanted, struct pollfd *fds, size_t count, long timeout)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        fds[i].revents = 0;
        for (int writing = 0; writing < 2; writing++) {
            if (fds[i].fd < 0 || !(fds[i].events & (writing ? POLLOUT : POLLIN)))
                continue;
            subscription *one = &wanted[n++];
            one->userdata = i;
            one->type = writing ? __WASI_EVENTTYPE_FD_WRITE : __WASI_EVENTTYPE_FD_READ;
            one->u.fd = (uint32_t)fds[i].fd;
        }
    }
    if (timeout >= 0) {
        subscription *clock = &wanted[n++];
        clock->userdata = count;
        clock->type = __WASI_EVENTTYPE_CLOCK;
        clock->u.clock.id = __WASI_CLOCKID_MONOTONIC;
        clock->u.clock.timeout = (uint64_t)timeout * 1000000;
    }
    return n;
}

/* Records one event. Hanging up is told with readiness, and so are errors. */
static void note(struct pollfd *fd, const event *what)
{
    if (what->error == __WASI_ERRNO_BADF)
        fd->revents |= POLLNVAL;
    else if (what->error != __WASI_ERRNO_SUCCESS)
        fd->revents |= POLLERR;
    else if (what->type == __WASI_EVENTTYPE_FD_READ)
        fd->revents |= POLLIN;
    else
        fd->revents |= POLLOUT;
    if (what->flags & __WASI_EVENTRWFLAGS_FD_READWRITE_HANGUP)
        fd->revents |= POLLHUP;
}

long __syscall_poll(struct pollfd *fds, long count, long timeout)
{
    size_t room = 2 * (size_t)count + 1;
    subscription *wanted = calloc(room, sizeof *wanted);
    event *events = calloc(room, sizeof *events);
    __wasi_errno_t error = __WASI_ERRNO_NOMEM;
    long ready = 0;

    if (wanted && events) {
        size_t n = subscribe(wanted, fds, (size_t)count, timeout);
        size_t happened = 0;
        error = poll_oneoff(wanted, events, n, &happened);
        for (size_t i = 0; error == __WASI_ERRNO_SUCCESS && i < happened; i++)
            if (events[i].userdata < (uint64_t)count)
                note(&fds[events[i].userdata], &events[i]);
        for (long i = 0; i < count; i++)
            ready += fds[i].revents != 0;
    }
    free(wanted);
    free(events);
    return error == __WASI_ERRNO_SUCCESS ? ready : -(long)error;
}

/* Tells JavaScript to renew its views of memory; ours does so after every call. */
void emscripten_notify_memory_growth(size_t memory)
{
    (void)memory;
}
