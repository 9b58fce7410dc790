# Toolchain: Linux on 64-bit RISC-V, cross-compiled with Debian's gcc and run under qemu-user.
# Programs are static, so that qemu needs none of that machine's libraries.
#
# SPDX-License-Identifier: MIT

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR riscv64)
set(CMAKE_C_COMPILER riscv64-linux-gnu-gcc)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-riscv64)
