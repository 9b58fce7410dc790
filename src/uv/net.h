/* net.h - socket addresses.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_UV_NET_H
#define BIDE_UV_NET_H

#include "uv/op.h"

typedef union bide__address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} bide__address;

/* Where a name leads: what is owned is given back by bide__addresses_drop. */
typedef struct bide__addresses {
    struct addrinfo *found; /* owned by libuv; NULL for an address that needed no looking up */
    bide__address literal;
    int port;
} bide__addresses;

/* Looks up `host`; NULL stands for every address of this machine. */
BIDE_ASYNC int bide__resolve(const char *host, int port, bide__addresses *out);
/* The i-th address, with the port: whether there is one. */
bool bide__addresses_at(const bide__addresses *self, size_t i, bide__address *out);
void bide__addresses_drop(bide__addresses *self);
/* ("127.0.0.1", 80). */
bide_value bide__address_value(const bide__address *address);
/* The local or the peer's address of a TCP handle. */
bide_value bide__tcp_address(const uv_tcp_t *tcp, bool peer);

#endif
