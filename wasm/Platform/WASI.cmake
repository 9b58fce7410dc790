# WASI as a CMake platform: static libraries only, programs end in .wasm.
# CMake has no such file of its own before 3.31.
#
# SPDX-License-Identifier: MIT

set(WASI TRUE)
set_property(GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS FALSE)
set(CMAKE_EXECUTABLE_SUFFIX ".wasm")
set(CMAKE_STATIC_LIBRARY_PREFIX "lib")
set(CMAKE_STATIC_LIBRARY_SUFFIX ".a")
