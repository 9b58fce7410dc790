# The fiber backends: one is linked per target. A backend is its sources and a
# folder with its switch, which the public headers include as <bide/fiber_switch.h>.
# A new platform is a new folder, new files and a new row.
#
# SPDX-License-Identifier: MIT

set(fiber_asyncify fiber/asyncify.c fiber/block_pool.c)
set(fiber_asyncify_folder asyncify)

set(fiber_x86_64_sysv
  fiber/native.c fiber/overflow.c fiber/stack_pool.c fiber/thread_end.c
  fiber/x86_64_sysv/start.S)
set(fiber_x86_64_sysv_folder x86_64_sysv)

if(BIDE_WASM)
  set(BIDE_FIBER asyncify)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$" AND UNIX)
  set(BIDE_FIBER x86_64_sysv)
  enable_language(ASM)
else()
  message(FATAL_ERROR "Bide has no fiber backend for ${CMAKE_SYSTEM_NAME} on "
    "${CMAKE_SYSTEM_PROCESSOR} yet; src/fiber/backends.cmake lists those it has")
endif()
