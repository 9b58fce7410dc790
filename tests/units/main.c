/* The unit programs in one, for WebAssembly: runs the one that its first argument names, and lists
 * them without. Each is compiled with its main called unit_NAME (tests/CMakeLists.txt).
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#define UNIT(name) int unit_##name(void);
#include "list.h"
#undef UNIT

static const struct {
    const char *name;
    int (*run)(void);
} units[] = {
#define UNIT(name) {#name, unit_##name},
#include "list.h"
#undef UNIT
};
enum { UNITS = sizeof units / sizeof *units };

int main(int argc, char **argv)
{
    for (int i = 0; i < UNITS; i++)
        if (argc < 2)
            puts(units[i].name);
        else if (strcmp(units[i].name, argv[1]) == 0)
            return units[i].run();
    if (argc >= 2)
        fprintf(stderr, "no unit is called %s\n", argv[1]);
    return argc < 2 ? 0 : 2;
}
