/* interrupt_none.c - where there are no signals.
 *
 * SPDX-License-Identifier: MIT */
#include "host/interrupt.h"

void bide__interrupt_begin(bide_host *host)
{
    (void)host;
}

void bide__interrupt_end(bide_host *host)
{
    (void)host;
}

void bide__interrupt_again(void)
{
}
