# cmake --install: headers, library, and the CMake package with the pieces of
# the WebAssembly pipeline that bide_add_executable runs.
#
# SPDX-License-Identifier: MIT

include(CMakePackageConfigHelpers)

set(package "${CMAKE_INSTALL_LIBDIR}/cmake/bide")

install(TARGETS bide EXPORT bide ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(EXPORT bide NAMESPACE bide:: FILE bide-targets.cmake DESTINATION "${package}")
if(TARGET bide::uv)
  install(TARGETS bide_uv EXPORT bide-uv ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(EXPORT bide-uv NAMESPACE bide:: FILE bide-uv-targets.cmake DESTINATION "${package}")
  install(FILES src/uv/libuv.cmake DESTINATION "${package}")
endif()

configure_package_config_file(wasm/bide-config.cmake.in bide-config.cmake
  INSTALL_DESTINATION "${package}")
write_basic_package_version_file(bide-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
    "${PROJECT_BINARY_DIR}/bide-config.cmake"
    "${PROJECT_BINARY_DIR}/bide-config-version.cmake"
    wasm/bide.cmake
    wasm/bodies.mjs
    wasm/code.mjs
    wasm/finish.mjs
    wasm/flow.mjs
    wasm/frames.mjs
    wasm/halves.mjs
    wasm/imports.mjs
    wasm/inline.mjs
    wasm/packages.mjs
    wasm/reader.mjs
    wasm/stacks.mjs
    wasm/suspending.mjs
    wasm/switch.wat
    wasm/tighten.mjs
    wasm/toolchain-wasi.cmake
    wasm/toolchain-emscripten.cmake
    wasm/writer.mjs
  DESTINATION "${package}")
install(PROGRAMS wasm/clang.mjs wasm/ar.mjs DESTINATION "${package}")
install(DIRECTORY wasm/Platform DESTINATION "${package}")
