/* complain.c - a message to standard error, without the C library's streams.
 *
 * Those would be most of a small WebAssembly program, and take memory, of which there may be none.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/complain.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static bool write_all(const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(STDERR_FILENO, bytes, size);
        if (written <= 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

/* In lines of a fixed length, so that another process's messages do not come between the pieces. */
void bide__complain(const char *piece, ...)
{
    char line[256];
    size_t used = 0;
    va_list pieces;
    va_start(pieces, piece);
    for (; piece; piece = va_arg(pieces, const char *)) {
        size_t size = strlen(piece);
        if (used + size > sizeof line) {
            write_all(line, used);
            used = 0;
        }
        if (size > sizeof line) {
            write_all(piece, size);
            continue;
        }
        memcpy(line + used, piece, size);
        used += size;
    }
    va_end(pieces);
    write_all(line, used);
}

const char *bide__decimal(char digits[BIDE__DIGITS], size_t number)
{
    char *at = digits + BIDE__DIGITS;
    *--at = '\0';
    do
        *--at = (char)('0' + number % 10);
    while (number /= 10);
    return at;
}
