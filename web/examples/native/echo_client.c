/* echo_client.c - a load for echo_server: many connections at once, each of which sends messages
 * and checks that they come back.
 *
 *     echo_client port [connections [messages [timeout_ms]]]      (2,000, 10, 20,000)
 *
 * Every connection has timeout_ms for all that it does. The exit status is 0 if all went well.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>
#include <bide/uv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static int port, connections = 2000, messages = 10;
static int64_t timeout = BIDE_SECONDS(20);

/* Reads until as much has come back as was said: 0, or BIDE_RAISED. */
static BIDE_ASYNC int expect(bide_value stream, const char *said, size_t size)
{
    size_t got = 0;
    while (got < size) {
        BIDE_SCOPED bide_value chunk = BIDE_NONE;
        BIDE_TRY(bide_stream_read(stream, &chunk));
        if (bide_is_none(chunk))
            return bide_raise(BIDE_EOFError, "the server closed after %zu of %zu bytes", got, size);
        if (got + bide_size(chunk) > size || memcmp(said + got, bide_data(chunk), bide_size(chunk)))
            return bide_raise(BIDE_ValueError, "another message came back than '%s'", said);
        got += bide_size(chunk);
    }
    return 0;
}

/* async def talk(i): one connection from its beginning to its end. */
static BIDE_ASYNC int talk(bide_value i, bide_value *result)
{
    BIDE_SCOPED bide_value stream = BIDE_NONE;
    BIDE_TRY(bide_tcp_connect("127.0.0.1", port, &stream));
    for (int n = 0; n < messages; n++) {
        char said[64];
        int size = snprintf(said, sizeof said, "message %d of connection %d", n, (int)i.as.i);
        BIDE_TRY(bide_stream_write(stream, bide_str(said)));
        BIDE_TRY(expect(stream, said, (size_t)size));
    }
    return bide_stream_close(stream);
}

static BIDE_ASYNC int talk_in_time(bide_value i, bide_value *result)
{
    return bide_wait_for(bide_coro(talk, i), timeout, result);
}

/* Each failure is told once for all that are the same. */
static int report(bide_value results)
{
    int failures = 0;
    const char *told = "";
    for (size_t i = 0; i < bide_size(results); i++) {
        bide_value error = bide_item(results, i);
        if (!bide_is_error(error, BIDE_BaseException))
            continue;
        failures++;
        bide_value text = bide_error_text(error);
        if (strcmp(told, bide_error_message(error)) != 0)
            printf("connection %zu: %s\n", i, bide_cstr(text));
        told = bide_error_message(error);
        bide_drop(text);
    }
    return failures;
}

static BIDE_ASYNC int run_client(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value all = bide_list(), results = BIDE_NONE;
    for (int i = 0; i < connections; i++)
        BIDE_TRY(bide_list_append(all, bide_coro(talk_in_time, bide_int(i))));
    int64_t start = bide_now();
    BIDE_TRY(bide_await(bide_gather(bide_ref(all), true), &results));
    int failures = report(results);
    printf("%d connections of %d messages, %d failed\n", connections, messages, failures);
    fprintf(stderr, "in %.0f ms\n", (double)(bide_now() - start) / 1e6);
    return bide_return(result, failures > 0);
}

/* As many descriptors as this process may have, and no more connections than that. */
static void respect_limit(void)
{
    enum { OTHERS = 32 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < (rlim_t)connections + OTHERS) {
        connections = (int)limit.rlim_cur - OTHERS;
        printf("only %d connections, because of the limit on open files\n", connections);
    }
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s port [connections [messages [timeout_ms]]]\n", argv[0]);
        return 2;
    }
    port = atoi(argv[1]);
    if (argc > 2)
        connections = atoi(argv[2]);
    if (argc > 3)
        messages = atoi(argv[3]);
    if (argc > 4)
        timeout = BIDE_MS(atoi(argv[4]));
    respect_limit();
    return bide_main(bide_coro(run_client, BIDE_NONE));
}
