/* quiet.h - hooks for runs in which memory fails on purpose: what is reported then is not what is
 * tested.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIET_H
#define QUIET_H

#include <bide.h>

static inline void ignore_report(const char *message, bide_value error)
{
    (void)message;
    (void)error;
}

static inline void ignore_warning(const char *category, const char *message,
                                  const bide_origin *origin)
{
    (void)category;
    (void)message;
    (void)origin;
}

#endif
