# The library bide::uv: the host on libuv's loop and I/O through it. Where libuv is missing, or on
# WebAssembly, which has none, there is no such target, and the rest is as it is.
#
# SPDX-License-Identifier: MIT

set(BIDE_UV AUTO CACHE STRING "Build bide::uv, I/O through libuv: AUTO (if it is there), ON, OFF")
set_property(CACHE BIDE_UV PROPERTY STRINGS AUTO ON OFF)

if(BIDE_UV AND NOT BIDE_WASM)
  include(uv/libuv.cmake)
endif()

if(TARGET bide::libuv)
  file(GLOB uv_sources CONFIGURE_DEPENDS uv/*.c host/uv.c host/uv_*.c)
  add_library(bide_uv STATIC ${uv_sources})
  add_library(bide::uv ALIAS bide_uv)
  set_target_properties(bide_uv PROPERTIES EXPORT_NAME uv)
  bide_own_warnings(bide_uv)
  target_link_libraries(bide_uv PUBLIC bide PRIVATE bide::libuv)
  target_include_directories(bide_uv
    PUBLIC
      "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/uv/include>"
      "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>"
    PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  # The file that offers the host to bide_run, also to a program that calls nothing of this library.
  target_link_options(bide_uv INTERFACE -Wl,--undefined=bide__uv_offer)
  if(PROJECT_IS_TOP_LEVEL)
    install(DIRECTORY uv/include/ DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
      FILES_MATCHING PATTERN "*.h")
  endif()
elseif(BIDE_UV AND NOT BIDE_WASM)
  if(NOT BIDE_UV STREQUAL "AUTO")
    message(FATAL_ERROR "BIDE_UV=${BIDE_UV}, but libuv was not found: apt-get install libuv1-dev")
  endif()
  message(STATUS "libuv was not found: building without bide::uv (apt-get install libuv1-dev)")
elseif(BIDE_WASM AND BIDE_UV AND NOT BIDE_UV STREQUAL "AUTO")
  message(FATAL_ERROR "BIDE_UV=${BIDE_UV}: there is no libuv for WebAssembly")
endif()
