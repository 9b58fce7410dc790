/* echo_server.c - sends back what it is sent, to any number of clients at once.
 *
 *     echo_server [port [idle_ms [grace_ms]]]        (any free port, 30,000, 5,000)
 *
 * A connection that is silent for idle_ms is closed. SIGINT ends the server in good order: it takes
 * no new connections, and those that are open have grace_ms to end; then they are cut off. The exit
 * status is 0 if none had to be.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>
#include <bide/uv.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static int64_t idle = BIDE_SECONDS(30), grace = BIDE_SECONDS(5);

static struct {
    long served, bytes, timed_out, failed, cut_off;
} count;

static BIDE_ASYNC int echo(bide_value stream)
{
    for (;;) {
        bide_value chunk;
        BIDE_TRY(bide_wait_for(bide_anext_or(stream, BIDE_NONE), idle, &chunk));
        if (bide_is_none(chunk))
            return bide_stream_close(stream);
        count.bytes += (long)bide_size(chunk);
        BIDE_TRY(bide_stream_write(stream, chunk)); /* waits for a client that does not read */
    }
}

/* async def serve(stream): one connection, whose failures are nobody else's. */
static BIDE_ASYNC int serve(bide_value stream, bide_value *result)
{
    count.served++;
    BIDE_TRY(echo(stream), goto except);
    return 0;
except:
    bide_stream_abort(stream);
    if (bide_catch(BIDE_TimeoutError, NULL))
        count.timed_out++;
    else if (bide_catch(BIDE_OSError, NULL))
        count.failed++;
    else if (bide_error_matches(BIDE_CancelledError))
        count.cut_off++;
    return bide_error_pending() ? BIDE_RAISED : 0;
}

/* Ends when the listener is closed and every connection has ended: the group waits for them. */
static BIDE_ASYNC int accept_all(bide_value listener, bide_value *result)
{
    BIDE_ASYNC_WITH (connections, bide_group()) {
        BIDE_ASYNC_FOR (stream, bide_ref(listener), BIDE_LEAVE(connections))
            BIDE_WITH_TRY(connections,
                          bide_group_start(connections, bide_coro(serve, bide_ref(stream))));
    }
    BIDE_END_WITH(connections);
    return 0;
}

static BIDE_ASYNC int run_server(bide_value port, bide_value *result)
{
    BIDE_SCOPED bide_value listener = BIDE_NONE, interrupts = bide_signals(SIGINT);
    BIDE_TRY(bide_tcp_listen("127.0.0.1", (int)port.as.i, &listener));
    printf("listening on port %d\n", bide_listener_port(listener));
    fflush(stdout);

    bide_value accepting = bide_task(bide_coro(accept_all, bide_ref(listener)), NULL);
    BIDE_TRY(bide_signals_next(interrupts));
    puts("closing");
    fflush(stdout);
    bide_listener_close(listener);
    if (bide_wait_for(accepting, grace, NULL) < 0) /* a timeout cancels what it waits for */
        BIDE_EXCEPT(BIDE_TimeoutError, NULL);

    printf("%ld connections, %ld bytes, %ld timed out, %ld failed, %ld cut off\n", count.served,
           count.bytes, count.timed_out, count.failed, count.cut_off);
    return bide_return(result, count.cut_off > 0);
}

/* As many descriptors as this process may have. */
static void raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char **argv)
{
    raise_limit();
    int port = argc > 1 ? atoi(argv[1]) : 0;
    if (argc > 2)
        idle = BIDE_MS(atoi(argv[2]));
    if (argc > 3)
        grace = BIDE_MS(atoi(argv[3]));
    return bide_main(bide_coro(run_server, bide_int(port)));
}
