/* uv_watch.h - interest in descriptors, on libuv's loop.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_HOST_UV_WATCH_H
#define BIDE_HOST_UV_WATCH_H

#include "host/uv.h"

void bide__uv_watch(bide_host *host, bide_watch *watch);
void bide__uv_unwatch(bide_host *host, bide_watch *watch);
/* Calls back for every descriptor that cannot be polled, so that reading it tells what is wrong. */
void bide__uv_call_refused(bide__uv_host *self);

#endif
