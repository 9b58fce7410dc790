# The fiber backends: one is linked per target. A backend is its sources and a
# folder with its switch, which the public headers include as <bide/fiber_switch.h>.
# A new platform is a new folder, new files and a new row.
#
# SPDX-License-Identifier: MIT

set(fiber_asyncify
  fiber/asyncify.c fiber/locals.c fiber/block_fiber.c fiber/block_pool.c fiber/fixed_memory.c fiber/frames.c
  fiber/javascript_frame.c fiber/stack_check.c)
set(fiber_asyncify_folder asyncify)

# For engines that have it, and only if -DBIDE_FIBER asks for it.
set(fiber_stack_switching
  fiber/stack_switching.c fiber/block_fiber.c fiber/block_pool.c fiber/fixed_memory.c
  fiber/javascript_frame.c fiber/stack_check.c)
set(fiber_stack_switching_folder stack_switching)

# Fibers on stacks of their own share everything but the switch and the first frame.
set(native fiber/native.c fiber/high_water.c fiber/stack_pool.c fiber/thread_end.c)
set(posix ${native} fiber/stack_pages_posix.c fiber/overflow.c fiber/tsan.c)

set(fiber_x86_64_sysv ${posix} fiber/x86_64_sysv/start.S)
set(fiber_x86_64_sysv_folder native x86_64_sysv)
set(fiber_x86_64_sysv_when UNIX "^(x86_64|AMD64)$")

set(fiber_aarch64 ${posix} fiber/aarch64/start.S)
set(fiber_aarch64_folder native aarch64)
set(fiber_aarch64_when UNIX "^(aarch64|arm64)$")

set(fiber_riscv64 ${posix} fiber/riscv64/start.S)
set(fiber_riscv64_folder native riscv64)
set(fiber_riscv64_when UNIX "^riscv64$")

set(fiber_x86_64_windows
  ${native} fiber/stack_pages_windows.c fiber/overflow_windows.c fiber/x86_64_windows/start.S)
set(fiber_x86_64_windows_folder native x86_64_windows)
set(fiber_x86_64_windows_when WIN32 "^(x86_64|AMD64)$")

# Any other UNIX.
set(fiber_ucontext ${posix} fiber/ucontext/switch.c)
set(fiber_ucontext_folder native ucontext)
set(fiber_ucontext_when UNIX ".")

# The first that fits, unless -DBIDE_FIBER says which.
set(native_backends x86_64_sysv aarch64 riscv64 x86_64_windows ucontext)

if(BIDE_WASM AND NOT BIDE_FIBER)
  set(BIDE_FIBER asyncify)
elseif(NOT BIDE_FIBER)
  foreach(backend IN LISTS native_backends)
    list(GET fiber_${backend}_when 0 system)
    list(GET fiber_${backend}_when 1 processor)
    if(NOT BIDE_FIBER AND ${system} AND CMAKE_SYSTEM_PROCESSOR MATCHES "${processor}")
      set(BIDE_FIBER ${backend})
    endif()
  endforeach()
endif()
if(NOT DEFINED fiber_${BIDE_FIBER})
  message(FATAL_ERROR "Bide has no fiber backend '${BIDE_FIBER}' for ${CMAKE_SYSTEM_NAME} on "
    "${CMAKE_SYSTEM_PROCESSOR}; src/fiber/backends.cmake lists those it has")
endif()
if(fiber_${BIDE_FIBER} MATCHES "\\.S")
  enable_language(ASM)
endif()
