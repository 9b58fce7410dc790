/* descriptor.c - reading and writing descriptors, on every host.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/host.h"

/* As many bytes as every system takes at once; there may always be fewer. */
static unsigned at_once(size_t size)
{
    return size < INT_MAX ? (unsigned)size : INT_MAX;
}

long bide__host_read(int fd, void *buffer, size_t size)
{
    ssize_t count = read(fd, buffer, at_once(size));
    return count < 0 ? -errno : (long)count;
}

int bide__host_create(const char *path)
{
    enum { EVERYBODY_READS = 0644 };
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, EVERYBODY_READS);
    return fd < 0 ? -errno : fd;
}

long bide__host_write(int fd, const void *data, size_t size)
{
    ssize_t count = write(fd, data, at_once(size));
    return count < 0 ? -errno : (long)count;
}

void bide__host_close_file(int fd)
{
    close(fd);
}

bool bide__host_always_readable(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}
