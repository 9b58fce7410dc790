/* descriptor.c - reading descriptors, for streams on every host.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/host.h"

long bide__host_read(int fd, void *buffer, size_t size)
{
    ssize_t count = read(fd, buffer, size);
    return count < 0 ? -errno : count;
}

bool bide__host_always_readable(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}
