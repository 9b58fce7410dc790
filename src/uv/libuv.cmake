# Finds libuv: the target bide::libuv, if it is there. Part of the installed package too.
#
# SPDX-License-Identifier: MIT

if(NOT TARGET bide::libuv)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(PC_LIBUV QUIET libuv)
  endif()
  find_path(BIDE_LIBUV_INCLUDE uv.h HINTS ${PC_LIBUV_INCLUDE_DIRS})
  find_library(BIDE_LIBUV_LIBRARY NAMES uv uv1 HINTS ${PC_LIBUV_LIBRARY_DIRS})
  mark_as_advanced(BIDE_LIBUV_INCLUDE BIDE_LIBUV_LIBRARY)
  if(BIDE_LIBUV_INCLUDE AND BIDE_LIBUV_LIBRARY)
    # One for another processor will not do.
    include(CheckCSourceCompiles)
    set(CMAKE_REQUIRED_INCLUDES "${BIDE_LIBUV_INCLUDE}")
    set(CMAKE_REQUIRED_LIBRARIES "${BIDE_LIBUV_LIBRARY}")
    set(CMAKE_REQUIRED_QUIET TRUE)
    check_c_source_compiles("#include <uv.h>
      int main(void) { return uv_version() == 0; }" BIDE_LIBUV_LINKS)
    unset(CMAKE_REQUIRED_INCLUDES)
    unset(CMAKE_REQUIRED_LIBRARIES)
    unset(CMAKE_REQUIRED_QUIET)
  endif()
  if(BIDE_LIBUV_LINKS)
    add_library(bide::libuv UNKNOWN IMPORTED GLOBAL)
    set_target_properties(bide::libuv PROPERTIES
      IMPORTED_LOCATION "${BIDE_LIBUV_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${BIDE_LIBUV_INCLUDE}")
  endif()
endif()
