/* complain.c - a message to standard error, without the C library's streams.
 *
 * Those would be most of a small WebAssembly program, and take memory, of which there may be none.
 *
 * SPDX-License-Identifier: MIT */
#include "fiber/complain.h"

#include <stdarg.h>

#if defined(_WIN32)
#include <windows.h>

/* The C library's write() needs 5 KiB of stack. */
static void write_all(const char *bytes, size_t size)
{
    DWORD written;
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), bytes, (DWORD)size, &written, NULL);
}
#else
#include <unistd.h>

static void write_all(const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(STDERR_FILENO, bytes, size);
        if (written <= 0)
            return;
        bytes += written;
        size -= (size_t)written;
    }
}
#endif

/* In lines of a fixed length, so that another process's messages do not come between the pieces. */
void bide__complain_add(struct bide__complaint *self, const char *piece)
{
    for (; *piece; piece++) {
        if (self->used == sizeof self->line)
            bide__complain_end(self);
        self->line[self->used++] = *piece;
    }
}

void bide__complain_end(struct bide__complaint *self)
{
    write_all(self->line, self->used);
    self->used = 0;
}

void bide__complain(const char *piece, ...)
{
    struct bide__complaint complaint;
    va_list pieces;
    complaint.used = 0;
    va_start(pieces, piece);
    for (; piece; piece = va_arg(pieces, const char *))
        bide__complain_add(&complaint, piece);
    va_end(pieces);
    bide__complain_end(&complaint);
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
