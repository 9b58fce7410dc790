# Toolchain: WebAssembly with Emscripten's emcc, found on PATH or by EMSDK.
#
# Emscripten's own toolchain file does the work; its Asyncify is not used, as
# finish.mjs is the one place that runs wasm-opt.
#
# SPDX-License-Identifier: MIT

find_program(BIDE_EMCC emcc HINTS "$ENV{EMSDK}/upstream/emscripten" DOC "Emscripten's compiler")
if(NOT BIDE_EMCC)
  message(FATAL_ERROR "emcc not found. Do one of these:\n"
    "  apt-get install emscripten\n"
    "  put an activated emsdk on PATH")
endif()
get_filename_component(bide_emcc "${BIDE_EMCC}" REALPATH)
get_filename_component(EMSCRIPTEN_ROOT_PATH "${bide_emcc}" DIRECTORY)

# Otherwise find_package(bide) would look nowhere but in Emscripten's sysroot.
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
include("${EMSCRIPTEN_ROOT_PATH}/cmake/Modules/Platform/Emscripten.cmake")

# -O0 at the link: emcc would otherwise rename the asyncify.* imports.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-O0")
