# bide_add_executable and bide_add_module: a program with its whole pipeline.
#
# Natively that is compile and link. For WebAssembly the linked module then goes
# through finish.mjs, once, which resolves the asyncify.* imports; before that
# step a module does not load. This file is part of the installed package.
#
# SPDX-License-Identifier: MIT

option(BIDE_CHECK_STACKS
  "WebAssembly: report an overflow of the program's own stack, as debug builds do" OFF)

# Whether the linker can tell who takes whose address (bodies.mjs). Some that check themselves give up
# over functions that are weak and missing, as the C library has them.
function(bide__check_relocations)
  include(CheckCSourceCompiles)
  set(CMAKE_REQUIRED_LINK_OPTIONS -Wl,--emit-relocs)
  check_c_source_compiles("
    __attribute__((weak)) int one(int);
    __attribute__((weak)) int other(int);
    int main(int count, char **names) { return one ? one(count) + other(!names) : 0; }"
    BIDE_HAS_RELOCATIONS)
endfunction()

# Runs the finishing step on `target` as part of linking it.
function(bide__finish target)
  find_program(BIDE_NODE node DOC "Node.js, which runs Binaryen" REQUIRED)
  # Where this file is, also for who includes it by add_subdirectory.
  set(here "${CMAKE_CURRENT_FUNCTION_LIST_DIR}")
  set(finish "${here}/finish.mjs")
  file(GLOB parts "${here}/*.mjs" "${here}/*.wat")
  set_target_properties(${target} PROPERTIES SUFFIX ".wasm" LINK_DEPENDS "${parts}")
  if(BIDE_CHECK_STACKS)
    target_link_options(${target} PRIVATE -Wl,--undefined=bide__stack_check) # see stacks.mjs
  endif()
  if(CMAKE_SYSTEM_NAME STREQUAL "WASI") # emcc changes what the linker wrote
    bide__check_relocations()
    if(BIDE_HAS_RELOCATIONS)
      target_link_options(${target} PRIVATE $<$<NOT:$<CONFIG:Debug,MinSizeRel>>:-Wl,--emit-relocs>)
    endif()
  endif()
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND "${BIDE_NODE}" "${finish}" "$<TARGET_FILE:${target}>" "$<TARGET_FILE:${target}>"
      $<IF:$<CONFIG:Debug>,-g,$<IF:$<CONFIG:MinSizeRel>,-Oz,-O3>>
    # The project that is built may have Binaryen when this package has not.
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    COMMENT "Instrumenting ${target}.wasm for suspension"
    VERBATIM)
endfunction()

# bide_add_executable(name SOURCES file.c ...): a program that uses Bide.
# name.wasm runs under any WASI host and is loaded by the npm package `bide`.
function(bide_add_executable name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES")
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "bide_add_executable(${name}) needs SOURCES")
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE bide::bide)
  if(CMAKE_SYSTEM_NAME STREQUAL "WASI")
    target_link_options(${name} PRIVATE -nostartfiles) # see start.c
  elseif(CMAKE_SYSTEM_NAME STREQUAL "Emscripten")
    # What JavaScript enters main by; older versions leave it out if main has no arguments.
    target_link_options(${name} PRIVATE -Wl,--undefined=__main_void)
  endif()
  if(CMAKE_SYSTEM_NAME MATCHES "^(WASI|Emscripten)$")
    bide__finish(${name})
  endif()
endfunction()

# bide_add_module(name SOURCES file.c ...): coroutines for JavaScript to call,
# without a main.
function(bide_add_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES")
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "bide_add_module(${name}) needs SOURCES")
  endif()
  if(NOT CMAKE_SYSTEM_NAME MATCHES "^(WASI|Emscripten)$")
    message(FATAL_ERROR "bide_add_module(${name}): modules are for JavaScript and need a "
      "WebAssembly toolchain; natively use bide_add_executable or add_library")
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE bide::bide)
  if(CMAKE_SYSTEM_NAME STREQUAL "Emscripten")
    target_link_options(${name} PRIVATE --no-entry)
  else()
    target_link_options(${name} PRIVATE -mexec-model=reactor)
  endif()
  bide__finish(${name})
endfunction()
