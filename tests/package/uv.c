/* uv.c - a program outside Bide that uses bide::uv: asks itself something over TCP.
 *
 * SPDX-License-Identifier: MIT */
#include <bide.h>
#include <bide/uv.h>
#include <stdio.h>

static BIDE_ASYNC int answer(bide_value server, bide_value *result)
{
    BIDE_SCOPED bide_value stream = BIDE_NONE;
    BIDE_TRY(bide_listener_accept(server, &stream));
    BIDE_TRY(bide_stream_write(stream, bide_str("42")));
    return bide_stream_close(stream);
}

static BIDE_ASYNC int ask(bide_value arg, bide_value *result)
{
    BIDE_SCOPED bide_value server = BIDE_NONE, stream = BIDE_NONE, number = BIDE_NONE;
    BIDE_TRY(bide_tcp_listen("127.0.0.1", 0, &server));
    bide_value answering = bide_task(bide_coro(answer, bide_ref(server)), NULL);
    BIDE_TRY(bide_tcp_connect("127.0.0.1", bide_listener_port(server), &stream));
    BIDE_TRY(bide_stream_read(stream, &number));
    printf("the answer is %.*s\n", (int)bide_size(number), (const char *)bide_data(number));
    return bide_await(answering, NULL);
}

int main(void)
{
    return bide_main(bide_coro(ask, BIDE_NONE));
}
