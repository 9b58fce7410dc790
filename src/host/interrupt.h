/* interrupt.h - SIGINT for the loop that runs on the main thread.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_HOST_INTERRUPT_H
#define BIDE_HOST_INTERRUPT_H

#include "host/host.h"

/* From now on a SIGINT adds one to host->interrupts and wakes the host; the third ends the process,
 * for a program that does not come back to its loop. Nothing happens where there are no signals, on
 * other threads than the main one, or if the program does something with SIGINT itself. */
void bide__interrupt_begin(bide_host *host);
/* Puts back what was there, if it was begun for this host. */
void bide__interrupt_end(bide_host *host);
/* Somebody else used SIGINT meanwhile and has left it at its default. */
void bide__interrupt_again(void);

#endif
