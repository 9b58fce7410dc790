# Toolchain: WebAssembly with a clang that has a WASI sysroot.
#
# The compiler is found in this order: WASI_SDK_PATH; a clang on this machine
# that links a program; the npm package @yowasp/clang. A cache variable
# BIDE_WASM_CLANG=PATH ends the search. Each candidate is tried by linking a
# program, because many clangs know the target and lack its libc.
#
# SPDX-License-Identifier: MIT

set(CMAKE_SYSTEM_NAME WASI)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
list(APPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")

# CMake reads this file again for every try_compile: hand the answer down.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES BIDE_WASM_CLANG BIDE_WASM_TARGET)

# Sets `result` to the archiver that belongs to `clang`, or to nothing if it is not
# installed: the system's own ar cannot index WebAssembly.
function(bide__archiver clang result)
  get_filename_component(folder "${clang}" DIRECTORY)
  get_filename_component(name "${clang}" NAME)
  if(name STREQUAL "clang.mjs")
    set(name ar.mjs)
  else()
    string(REPLACE "clang" "llvm-ar" name "${name}")
  endif()
  set(${result} "" PARENT_SCOPE)
  if(EXISTS "${folder}/${name}")
    set(${result} "${folder}/${name}" PARENT_SCOPE)
  endif()
endfunction()

# Sets `result` to whether `clang` can compile and link a program for `target`.
function(bide__links clang target result)
  set(dir "${CMAKE_BINARY_DIR}/CMakeFiles/bide-probe")
  file(MAKE_DIRECTORY "${dir}")
  file(WRITE "${dir}/hello.c"
    "#include <stdio.h>\nint main(void) { return puts(\"hello\") < 0; }\n")
  execute_process(
    COMMAND "${clang}" --target=${target} -O0 "${dir}/hello.c" -o "${dir}/hello.wasm"
    RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
  if(status EQUAL 0)
    set(${result} TRUE PARENT_SCOPE)
  else()
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

function(bide__find_wasm_clang)
  if(BIDE_WASM_CLANG)
    set(candidates "${BIDE_WASM_CLANG}")
  elseif(DEFINED ENV{WASI_SDK_PATH})
    set(candidates "$ENV{WASI_SDK_PATH}/bin/clang")
  else()
    foreach(name clang-19 clang-18 clang-17 clang-16 clang-15 clang-14 clang)
      find_program(BIDE__CLANG ${name} NO_CACHE)
      if(BIDE__CLANG)
        list(APPEND candidates "${BIDE__CLANG}")
      endif()
      unset(BIDE__CLANG)
    endforeach()
    list(APPEND candidates "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/clang.mjs")
  endif()

  foreach(clang IN LISTS candidates)
    bide__archiver("${clang}" archiver)
    if(NOT archiver)
      continue()
    endif()
    # Debian's libc is installed for wasm32-wasi, wasi-sdk's for wasm32-wasip1.
    foreach(target wasm32-wasi wasm32-wasip1)
      bide__links("${clang}" ${target} works)
      if(works)
        set(BIDE_WASM_CLANG "${clang}" CACHE FILEPATH "The clang that compiles for WASI" FORCE)
        set(BIDE_WASM_TARGET ${target} CACHE STRING "The target triple it is given" FORCE)
        return()
      endif()
    endforeach()
  endforeach()
  list(JOIN candidates "\n  " tried)
  message(FATAL_ERROR "No clang that can link a WASI program. Tried:\n  ${tried}\n"
    "Do one of these:\n"
    "  npm install @yowasp/clang            (no root needed)\n"
    "  apt-get install clang-19 lld-19 llvm-19 wasi-libc libclang-rt-19-dev-wasm32\n"
    "  set WASI_SDK_PATH to an unpacked wasi-sdk")
endfunction()

if(NOT BIDE_WASM_TARGET)
  bide__find_wasm_clang()
endif()

set(CMAKE_C_COMPILER "${BIDE_WASM_CLANG}")
set(CMAKE_C_COMPILER_TARGET ${BIDE_WASM_TARGET})

bide__archiver("${BIDE_WASM_CLANG}" bide_archiver)
set(CMAKE_AR "${bide_archiver}" CACHE FILEPATH "")
set(CMAKE_C_ARCHIVE_FINISH "") # llvm-ar writes the index itself

if(BIDE_WASM_CLANG MATCHES "\\.mjs$")
  # CMake would find this out by two dozen compilations, at over a second each.
  set(CMAKE_C_COMPILER_ID_RUN TRUE)
  set(CMAKE_C_COMPILER_ID Clang)
  set(CMAKE_C_COMPILER_VERSION 22.0.0)
  set(CMAKE_C_COMPILER_FRONTEND_VARIANT GNU)
  set(CMAKE_C_STANDARD_COMPUTED_DEFAULT 17)
  set(CMAKE_C_EXTENSIONS_COMPUTED_DEFAULT ON)
  set(CMAKE_C_COMPILER_WORKS TRUE)
  set(CMAKE_C_ABI_COMPILED TRUE)
  set(CMAKE_SIZEOF_VOID_P 4)
endif()

# -O0 at the link, last: with any other level clang runs a wasm-opt of its own
# over the module before Asyncify has seen it, and inlines what must not be.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-O0")

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
