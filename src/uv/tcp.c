/* tcp.c - connecting, listening, accepting.
 *
 * SPDX-License-Identifier: MIT */
#include "object/exec.h"
#include "object/memory.h"
#include "uv/net.h"
#include "uv/stream.h"

enum { BACKLOG = 4096 };

/* --- connecting --------------------------------------------------------------------- */

static void on_connected(uv_connect_t *request, int status)
{
    bide__uv_op_done(request->data, status);
}

/* "127.0.0.1 port 80", for messages. */
static void say_address(const bide__address *address, char *text, size_t size)
{
    bide_value v = bide__address_value(address);
    if (bide_failed(v)) {
        bide_error_clear();
        text[0] = '\0';
        return;
    }
    snprintf(text, size, "%s port %d", bide_cstr(bide_item(v, 0)), (int)bide_item(v, 1).as.i);
    bide_drop(v);
}

BIDE__UNCOLORED static int connect_to(const bide__address *address, bide_value *out)
{
    char what[80];
    bide__uv_op *op = bide__uv_op_new(sizeof *op, "tcp_connect", NULL);
    bide__uv_stream *stream = op ? bide__uv_tcp() : NULL;
    if (!stream) {
        if (op)
            bide__uv_op_free(op);
        return BIDE_RAISED;
    }
    say_address(address, what, sizeof what);
    bide_value v = bide_object_value(stream);
    uv_tcp_t *tcp = &stream->handle->uv.tcp;
    int started = uv_tcp_connect(&op->req.connect, tcp, &address->any, on_connected);
    if (bide__uv_op_check(op, started, what) < 0) {
        bide_drop(v);
        return BIDE_RAISED;
    }
    bide__uv_op_free(op);
    uv_tcp_nodelay(tcp, 1);
    *out = v;
    return 0;
}

/* The first address that can be connected to; the error is that of the last. */
BIDE__UNCOLORED static int connect_to_any(const bide__addresses *addresses, bide_value *out)
{
    bide__address address;
    for (size_t i = 0; bide__addresses_at(addresses, i, &address); i++) {
        bide__address next;
        if (connect_to(&address, out) == 0)
            return 0;
        if (!bide__addresses_at(addresses, i + 1, &next) || !bide_catch(BIDE_OSError, NULL))
            return BIDE_RAISED;
    }
    return bide__raise(BIDE_OSError, "getaddrinfo() returned empty list");
}

BIDE__UNCOLORED int bide_tcp_connect(const char *host, int port, bide_value *stream)
{
    bide__addresses addresses;
    bide_value v = BIDE_NONE;
    int status = bide__resolve(host, port, &addresses);
    if (status == 0)
        status = connect_to_any(&addresses, &v);
    bide__addresses_drop(&addresses);
    if (stream)
        *stream = v;
    else
        bide_drop(v);
    return status;
}

/* --- listening ---------------------------------------------------------------------- */

typedef struct listener {
    bide_object base;
    bide__uv_handle *handle; /* NULL once it is closed */
    bide__waiters acceptors;
    bool arrived; /* libuv holds a connection; it takes no other before that is fetched */
    int error;    /* what arrived instead of one */
} listener;

static void shut(listener *self)
{
    bide__uv_handle *handle = self->handle;
    if (!handle)
        return;
    self->handle = NULL;
    bide__uv_close(handle);
    bide__uv_wake_all(&self->acceptors);
}

static void lost(bide__uv_handle *handle)
{
    shut(handle->owner);
}

static void finalize(void *self)
{
    shut(self);
}

static void on_connection(uv_stream_t *server, int status)
{
    listener *self = BIDE__UV_HANDLE(server)->owner;
    if (!self)
        return;
    if (status < 0)
        self->error = status;
    else
        self->arrived = true;
    bide__waiters_wake_next(&self->acceptors);
}

static int fetch(listener *self, bide_value *out)
{
    bide__uv_stream *stream = bide__uv_tcp();
    if (!stream)
        return BIDE_RAISED;
    self->arrived = false;
    int error = uv_accept(&self->handle->uv.stream, bide__uv_stream_of(stream));
    if (error < 0) {
        bide_drop(bide_object_value(stream));
        return bide__uv_raise(error, NULL);
    }
    uv_tcp_nodelay(&stream->handle->uv.tcp, 1);
    *out = bide_object_value(stream);
    return 0;
}

/* The next connection, or BIDE_NONE when it is closed. */
BIDE__UNCOLORED static int accept_one(listener *self, bide_value *out)
{
    while (self->handle) {
        if (self->arrived)
            return fetch(self, out);
        if (self->error) {
            int error = self->error;
            self->error = 0;
            return bide__uv_raise(error, NULL);
        }
        if (bide__uv_wait(&self->handle, &self->acceptors, "Listener.accept", self) < 0) {
            if (self->arrived) /* who was chosen is gone */
                bide__waiters_wake_next(&self->acceptors);
            return BIDE_RAISED;
        }
    }
    return 0;
}

BIDE__UNCOLORED static int next_connection(bide_value arg, bide_value *result)
{
    BIDE_TRY(accept_one((listener *)arg.as.object, result));
    return bide_is_none(*result) ? bide__raise(BIDE_StopAsyncIteration, NULL) : 0;
}

static bide_value listener_anext(void *self)
{
    static const bide_origin origin = {"__anext__", __FILE__, __LINE__};
    return bide_coro_at(&origin, next_connection, bide_object_ref(self));
}

static const bide_type listener_type = {
    .name = "Listener",
    .finalize = finalize,
    .aiter = bide_self,
    .anext = listener_anext,
};

BIDE__UNCOLORED int bide_listener_accept(bide_value v, bide_value *stream)
{
    listener *self = bide_object_of(v, &listener_type);
    bide_value connection = BIDE_NONE;
    int status = self ? accept_one(self, &connection) : BIDE_RAISED;
    if (status == 0 && bide_is_none(connection))
        status = bide__raise(BIDE_ValueError, "the listener is closed");
    if (stream)
        *stream = connection;
    else
        bide_drop(connection);
    return status;
}

static listener *make(void)
{
    bide__uv_host *host = bide__uv_required();
    listener *self = host ? bide_object_new(&listener_type, sizeof *self) : NULL;
    bide__uv_handle *handle = self ? bide__uv_handle_new(sizeof *handle, self, lost) : NULL;
    int error = handle ? uv_tcp_init(host->uv, &handle->uv.tcp) : 0;
    if (handle && error >= 0) {
        self->handle = handle;
        bide__uv_opened(host, handle);
        return self;
    }
    if (error < 0)
        bide__uv_raise(error, NULL);
    if (handle)
        bide__free(handle);
    if (self)
        bide_drop(bide_object_value(self));
    return NULL;
}

static int listen_on(const bide__address *address, bide_value *out)
{
    char what[80];
    listener *self = make();
    if (!self)
        return BIDE_RAISED;
    int error = uv_tcp_bind(&self->handle->uv.tcp, &address->any, 0);
    if (error >= 0)
        error = uv_listen(&self->handle->uv.stream, BACKLOG, on_connection);
    if (error >= 0) {
        *out = bide_object_value(self);
        return 0;
    }
    say_address(address, what, sizeof what);
    bide_drop(bide_object_value(self));
    return bide__uv_raise(error, what);
}

/* The first address that can be listened on; the error is that of the last. */
static int listen_on_any(const bide__addresses *addresses, bide_value *out)
{
    bide__address address;
    int status = BIDE_RAISED;
    for (size_t i = 0; status < 0 && bide__addresses_at(addresses, i, &address); i++) {
        if (i > 0 && !bide_catch(BIDE_OSError, NULL))
            return BIDE_RAISED;
        status = listen_on(&address, out);
    }
    return status;
}

BIDE__UNCOLORED int bide_tcp_listen(const char *host, int port, bide_value *out)
{
    bide__addresses addresses;
    bide_value v = BIDE_NONE;
    int status = bide__resolve(host ? host : "::", port, &addresses);
    if (status == 0)
        status = listen_on_any(&addresses, &v);
    bide__addresses_drop(&addresses);
    /* A machine without IPv6. */
    if (status < 0 && !host && bide_catch(BIDE_OSError, NULL))
        return bide_tcp_listen("0.0.0.0", port, out);
    if (out)
        *out = v;
    else
        bide_drop(v);
    return status;
}

void bide_listener_close(bide_value v)
{
    listener *self = bide_object_of(v, &listener_type);
    if (self)
        shut(self);
    else
        bide_error_clear();
}

/* --- addresses ---------------------------------------------------------------------- */

/* The TCP handle of a connection or listener that is open. */
static uv_tcp_t *tcp_of(bide_value v)
{
    bide__uv_handle *handle = NULL;
    if (v.kind == BIDE_KIND_OBJECT && v.as.object->type == &listener_type)
        handle = ((listener *)v.as.object)->handle;
    else if (v.kind == BIDE_KIND_OBJECT && v.as.object->type == &bide__uv_stream_type)
        handle = ((bide__uv_stream *)v.as.object)->handle;
    if (handle && handle->uv.handle.type == UV_TCP)
        return &handle->uv.tcp;
    bide__raise(BIDE_TypeError, "an open connection or listener is expected, got '%s'",
                bide_type_name(v));
    return NULL;
}

static bide_value address_of(bide_value v, bool peer)
{
    uv_tcp_t *tcp = tcp_of(v);
    return tcp ? bide__tcp_address(tcp, peer) : BIDE_FAILED;
}

bide_value bide_stream_local(bide_value stream)
{
    return address_of(stream, false);
}

bide_value bide_stream_peer(bide_value stream)
{
    return address_of(stream, true);
}

int bide_listener_port(bide_value v)
{
    bide_value address = address_of(v, false);
    int port = bide_failed(address) ? BIDE_RAISED : (int)bide_item(address, 1).as.i;
    bide_drop(address);
    return port;
}
