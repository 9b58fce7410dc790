# Toolchain: x86-64 Windows, cross-compiled with Debian's mingw-w64 and run under wine.
# Programs are static, so that they need none of mingw's libraries.
#
# SPDX-License-Identifier: MIT

set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
# Bide formats its texts itself; the compiler believes that they go to Microsoft's printf.
set(CMAKE_C_FLAGS_INIT "-D__USE_MINGW_ANSI_STDIO=1 -Wno-format -Wno-format-extra-args")
set(CMAKE_CROSSCOMPILING_EMULATOR wine)
