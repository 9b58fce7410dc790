/* Files, directories and names through libuv, cancelled and not.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include <bide/uv.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/bide-files-XXXXXX";

static void run(bide_body *body)
{
    CHECK_STEP("=> None", bide_run, bide_coro_at(BIDE__ORIGIN(body), body, BIDE_NONE));
}

/* The path of `name` in the folder. */
static const char *in_folder(const char *name)
{
    static char paths[4][100];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static bide_value text(const char *s)
{
    return bide_bytes(s, strlen(s));
}

/* --- files -------------------------------------------------------------------------- */

static BIDE_ASYNC int write_and_read(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value file = BIDE_NONE;
    BIDE_TRY(bide_file_open(in_folder("a.txt"), "w+", &file));
    BIDE_TRY(bide_stream_write(file, text("hello ")));
    BIDE_TRY(bide_stream_write(file, bide_str("file")));
    CHECK_INT(bide_file_seek(file, 0, SEEK_SET), 0);
    CHECK_STEP("=> b'hel'", bide_file_read, file, 3);
    CHECK_STEP("=> b'lo file'", bide_file_read, file, -1);
    CHECK_STEP("=> b''", bide_file_read, file, -1);
    CHECK_STEP("=> b''", bide_file_read, file, 10);
    CHECK_STEP("=> None", bide_stream_read, file);
    CHECK_INT(bide_file_seek(file, -4, SEEK_END), 6);
    BIDE_ASYNC_FOR (chunk, bide_ref(file))
        note_value("chunk", chunk);
    CHECK_NOTES("chunk b'file'");
    BIDE_TRY(bide_stream_close(file));
    BIDE_TRY(bide_stream_close(file));
    CHECK_STEP("!! ValueError: I/O operation on closed file", bide_file_read, file, 1);
    CHECK_RAISES("!! ValueError: I/O operation on closed file", bide_stream_write(file, text("x")));
    bide_clear(&file);
    BIDE_TRY(bide_file_open(in_folder("a.txt"), "a", &file));
    BIDE_ASYNC_WITH (f, bide_ref(file))
        BIDE_WITH_TRY(f, bide_stream_write(f, text("!")));
    BIDE_END_WITH(f);
    return 0;
}

static BIDE_ASYNC int look_around(bide_value arg, bide_value *result)
{
    bide_file_info info;
    BIDE_TRY(bide_file_stat(in_folder("a.txt"), &info));
    CHECK_INT(info.size, 11);
    CHECK(info.is_file && !info.is_directory && info.modified > 0);
    BIDE_TRY(bide_directory_make(in_folder("sub")));
    BIDE_TRY(bide_file_stat(in_folder("sub"), &info));
    CHECK(info.is_directory && !info.is_file);
    CHECK_STEP("=> ['a.txt', 'sub']", bide_directory_list, folder);
    BIDE_TRY(bide_file_rename(in_folder("a.txt"), in_folder("sub/b.txt")));
    CHECK_STEP("=> ['b.txt']", bide_directory_list, in_folder("sub"));
    BIDE_TRY(bide_file_remove(in_folder("sub/b.txt")));
    BIDE_TRY(bide_directory_remove(in_folder("sub")));
    CHECK_STEP("=> []", bide_directory_list, folder);
    return 0;
}

static void test_files(void)
{
    run(write_and_read);
    run(look_around);
}

static BIDE_ASYNC int go_wrong(bide_value arg, bide_value *result)
{
    char wanted[200];
    const char *nowhere = in_folder("nowhere");
    snprintf(wanted, sizeof wanted, "!! FileNotFoundError: No such file or directory: %s", nowhere);
    bide_file_info info;
    CHECK_STEP(wanted, bide_file_open, nowhere, "r");
    CHECK_STEP(wanted, bide_directory_list, nowhere);
    CHECK_RAISES(wanted, bide_file_stat(nowhere, &info));
    CHECK_RAISES(wanted, bide_file_remove(nowhere));
    CHECK(bide_directory_make(folder) < 0);
    bide_value error = bide_error_take();
    CHECK(bide_is_error(error, BIDE_FileExistsError));
    CHECK_INT(bide_error_errno(error), EEXIST);
    bide_drop(error);
    CHECK_STEP("!! ValueError: invalid mode: 'rb'", bide_file_open, folder, "rb");
    CHECK_RAISES("!! TypeError: file_stat: a path is expected, got NULL",
                 bide_file_stat(NULL, &info));
    CHECK_RAISES("!! TypeError: file_rename: a path is expected, got NULL",
                 bide_file_rename(folder, NULL));
    CHECK_STEP("!! TypeError: file_open: a path is expected, got NULL", bide_file_open, NULL, "r");
    CHECK_STEP("!! TypeError: file_open: a mode is expected, got NULL", bide_file_open, folder,
               NULL);
    CHECK_INT(bide_file_stat(folder, NULL), 0);
    bide_value directory;
    BIDE_TRY(bide_file_open(folder, "r", &directory));
    CHECK_STEP("!! IsADirectoryError: Is a directory", bide_file_read, directory, 1);
    CHECK_RAISES("!! TypeError: a connection or pipe is expected, got 'File'",
                 bide_stream_flush(directory));
    bide_drop(directory);
    return 0;
}

static void test_what_goes_wrong(void)
{
    run(go_wrong);
}

static BIDE_ASYNC int copy_a_lot(bide_value arg, bide_value *result)
{
    enum { SIZE = 300 * 1000 };
    BIDE_SCOPED bide_value file = BIDE_NONE, all = bide_bytes(NULL, SIZE), back = BIDE_NONE;
    for (size_t i = 0; i < SIZE; i++)
        ((char *)bide_data(all))[i] = (char)(i % 253);
    BIDE_TRY(bide_file_open(in_folder("lot"), "x+", &file));
    BIDE_TRY(bide_stream_write(file, bide_ref(all)));
    bide_file_seek(file, 0, SEEK_SET);
    BIDE_TRY(bide_file_read(file, -1, &back));
    CHECK(bide_equal(all, back));
    bide_file_seek(file, 0, SEEK_SET);
    size_t got = 0;
    BIDE_ASYNC_FOR (chunk, bide_ref(file)) {
        CHECK(memcmp(bide_data(chunk), (char *)bide_data(all) + got, bide_size(chunk)) == 0);
        got += bide_size(chunk);
    }
    CHECK_INT(got, SIZE);
    return bide_file_remove(in_folder("lot"));
}

static void test_a_large_file(void)
{
    run(copy_a_lot);
}

/* --- cancelling ----------------------------------------------------------------------- */

static BIDE_ASYNC int open_it(bide_value path, bide_value *result)
{
    return bide_file_open(bide_cstr(path), "w", result);
}

static BIDE_ASYNC int read_it(bide_value file, bide_value *result)
{
    return bide_file_read(file, 100, result);
}

/* The lowest descriptor that is free: the same before and after, if none was lost. */
static int free_descriptor(void)
{
    int fd = dup(0);
    close(fd);
    return fd;
}

/* Cancels a task of `coro` after some iterations. */
static BIDE_ASYNC int cancel_after(bide_value coro, int turns)
{
    bide_value task = bide_task(coro, NULL);
    for (int i = 0; i < turns; i++)
        BIDE_TRY(bide_sleep(BIDE_US(20)));
    bide_future_cancel(task, NULL);
    if (bide_await(task, NULL) < 0)
        CHECK(bide_catch(BIDE_CancelledError, NULL));
    return 0;
}

static BIDE_ASYNC int cancel_requests(bide_value arg, bide_value *result)
{
    bide_value file;
    for (int i = 0; i < 20; i++)
        BIDE_TRY(cancel_after(bide_coro(open_it, bide_str(in_folder("cancelled"))), i % 5));
    BIDE_TRY(bide_file_open(in_folder("cancelled"), "w+", &file));
    for (int i = 0; i < 20; i++)
        BIDE_TRY(cancel_after(bide_coro(read_it, bide_ref(file)), i % 5));
    BIDE_TRY(cancel_after(bide_coro(read_it, bide_ref(file)), 1));
    BIDE_TRY(bide_stream_close(file)); /* though libuv may still be reading */
    CHECK_STEP("!! ValueError: I/O operation on closed file", bide_file_read, file, 1);
    bide_drop(file);
    return bide_file_remove(in_folder("cancelled"));
}

static void test_cancelled_requests(void)
{
    int before = free_descriptor();
    run(cancel_requests);
    CHECK_INT(free_descriptor(), before);
}

static BIDE_ASYNC int leave_requests(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 10; i++)
        bide_drop(bide_task(bide_coro(open_it, bide_str(in_folder("left"))), NULL));
    return bide_sleep(0);
}

static BIDE_ASYNC int remove_left(bide_value arg, bide_value *result)
{
    if (bide_file_remove(in_folder("left")) < 0)
        CHECK(bide_catch(BIDE_FileNotFoundError, NULL));
    return 0;
}

static void test_requests_that_outlive_main(void)
{
    int before = free_descriptor();
    run(leave_requests);
    CHECK_INT(free_descriptor(), before);
    run(remove_left);
}

/* --- names -------------------------------------------------------------------------- */

static BIDE_ASYNC int look_up(bide_value arg, bide_value *result)
{
    bide_value found;
    CHECK_STEP("=> [('127.0.0.1', 80)]", bide_resolve, "127.0.0.1", 80);
    CHECK_STEP("=> [('::1', 80)]", bide_resolve, "::1", 80);
    BIDE_TRY(bide_resolve("localhost", 1234, &found));
    CHECK(bide_size(found) >= 1);
    CHECK_INT(bide_item(bide_item(found, 0), 1).as.i, 1234);
    bide_drop(found);
    /* A space is in no name, so nobody on a network is asked. */
    CHECK(bide_resolve("no such host", 80, NULL) < 0);
    CHECK(bide_catch(BIDE_gaierror, NULL));
    CHECK(bide_tcp_connect("no such host", 80, NULL) < 0);
    CHECK(bide_catch(BIDE_gaierror, NULL));
    return 0;
}

static BIDE_ASYNC int resolve_it(bide_value name, bide_value *result)
{
    return bide_resolve(bide_cstr(name), 80, result);
}

static BIDE_ASYNC int cancel_looking_up(bide_value arg, bide_value *result)
{
    for (int i = 0; i < 8; i++)
        BIDE_TRY(cancel_after(bide_coro(resolve_it, bide_str("localhost")), i % 4));
    return 0;
}

static void test_names(void)
{
    run(look_up);
    run(cancel_looking_up);
}

int main(void)
{
    if (!mkdtemp(folder))
        abort();
    RUN(test_files);
    RUN(test_what_goes_wrong);
    RUN(test_a_large_file);
    RUN(test_cancelled_requests);
    RUN(test_requests_that_outlive_main);
    RUN(test_names);
    CHECK_INT(rmdir(folder), 0);
    return check_end();
}
