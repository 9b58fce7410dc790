/* resolve.c - from names to addresses.
 *
 * SPDX-License-Identifier: MIT */
#include <netdb.h>

#include "object/exec.h"
#include "uv/net.h"

static void drop_found(bide__uv_op *op)
{
    if (op->req.getaddrinfo.addrinfo)
        uv_freeaddrinfo(op->req.getaddrinfo.addrinfo);
}

static void on_found(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    request->addrinfo = found;
    bide__uv_op_done(request->data, status);
}

/* Whether `host` is an address as it stands; it is then in *out. */
static bool is_literal(const char *host, int port, bide__address *out)
{
    return uv_ip4_addr(host, port, &out->v4) == 0 || uv_ip6_addr(host, port, &out->v6) == 0;
}

BIDE__UNCOLORED int bide__resolve(const char *host, int port, bide__addresses *out)
{
    static const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    *out = (bide__addresses){.port = port};
    if (!host)
        return bide__raise(BIDE_TypeError, "a host is expected, a name or an address, got NULL");
    if (port < 0 || port > 65535)
        return bide__raise(BIDE_OverflowError, "port must be 0-65535.");
    if (is_literal(host, port, &out->literal))
        return 0;
    bide__uv_op *op = bide__uv_op_new(sizeof *op, "resolve", drop_found);
    if (!op)
        return BIDE_RAISED;
    BIDE_TRY(bide__uv_op_check(
        op, uv_getaddrinfo(op->host->uv, &op->req.getaddrinfo, on_found, host, NULL, &hints),
        host));
    out->found = op->req.getaddrinfo.addrinfo;
    op->req.getaddrinfo.addrinfo = NULL;
    bide__uv_op_free(op);
    return 0;
}

bool bide__addresses_at(const bide__addresses *self, size_t i, bide__address *out)
{
    *out = self->literal;
    if (!self->found)
        return i == 0;
    for (const struct addrinfo *at = self->found; at; at = at->ai_next) {
        bool v4 = at->ai_family == AF_INET;
        if ((!v4 && at->ai_family != AF_INET6) || i-- > 0)
            continue;
        uint16_t port = htons((uint16_t)self->port);
        if (v4) {
            out->v4 = *(const struct sockaddr_in *)(const void *)at->ai_addr;
            out->v4.sin_port = port;
        } else {
            out->v6 = *(const struct sockaddr_in6 *)(const void *)at->ai_addr;
            out->v6.sin6_port = port;
        }
        return true;
    }
    return false;
}

void bide__addresses_drop(bide__addresses *self)
{
    if (self->found)
        uv_freeaddrinfo(self->found);
    self->found = NULL;
}

bide_value bide__address_value(const bide__address *address)
{
    char text[INET6_ADDRSTRLEN] = "";
    bool v4 = address->any.sa_family == AF_INET;
    if (v4)
        uv_ip4_name(&address->v4, text, sizeof text);
    else
        uv_ip6_name(&address->v6, text, sizeof text);
    return bide_tuple((const char *)text, ntohs(v4 ? address->v4.sin_port : address->v6.sin6_port));
}

bide_value bide__tcp_address(const uv_tcp_t *tcp, bool peer)
{
    bide__address address = {0};
    int size = sizeof address;
    int error = peer ? uv_tcp_getpeername(tcp, &address.any, &size)
                     : uv_tcp_getsockname(tcp, &address.any, &size);
    if (error >= 0)
        return bide__address_value(&address);
    bide__uv_raise(error, NULL);
    return BIDE_FAILED;
}

BIDE__UNCOLORED int bide_resolve(const char *host, int port, bide_value *addresses)
{
    bide__addresses found;
    bide__address address;
    bide_value list = BIDE_FAILED;
    int status = bide__resolve(host, port, &found);
    if (status == 0 && bide_failed(list = bide_list()))
        status = BIDE_RAISED;
    for (size_t i = 0; status == 0 && bide__addresses_at(&found, i, &address); i++)
        status = bide_list_append(list, bide__address_value(&address));
    bide__addresses_drop(&found);
    if (status < 0)
        bide_clear(&list);
    if (addresses)
        *addresses = list;
    else
        bide_drop(list);
    return status;
}
