# SPDX-License-Identifier: Apache-2.0
#
# Cross-building for one of Debian's architectures, as scripts/cross calls it:
#   cmake --toolchain cmake/cross/toolchain.cmake -DKPROBED_CROSS_ARCH=arm64 -DKPROBED_CROSS_SYSROOT=DIR
#
# The compiler with its C library, C++ library and kernel headers is Debian's cross package; the
# sysroot has the other libraries. The names of an architecture are dpkg's.

# try_compile() runs this file again, with no more than these.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES KPROBED_CROSS_ARCH KPROBED_CROSS_SYSROOT)

foreach(word GNU_TYPE MULTIARCH GNU_CPU)
  execute_process(COMMAND dpkg-architecture -a${KPROBED_CROSS_ARCH} -qDEB_HOST_${word}
                  OUTPUT_VARIABLE cross_${word} OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
                  COMMAND_ERROR_IS_FATAL ANY)
endforeach()

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${cross_GNU_CPU})
set(CMAKE_C_COMPILER ${cross_GNU_TYPE}-gcc)
set(CMAKE_CXX_COMPILER ${cross_GNU_TYPE}-g++)
set(CMAKE_SYSROOT ${KPROBED_CROSS_SYSROOT})
set(CMAKE_LIBRARY_ARCHITECTURE ${cross_MULTIARCH})

# Debian's cross compilers find their own C library before any sysroot's. Where the sysroot is of a
# newer Debian (riscv64: trixie's glibc 2.41 and libstdc++ 14 under bookworm's g++ 12), its libraries
# want symbols that only their own C and C++ libraries have: those must win at the link. The headers
# stay the compiler's: what is built with older headers runs with newer libraries, not the reverse.
set(libraries ${KPROBED_CROSS_SYSROOT}/usr/lib/${cross_MULTIARCH})
file(GLOB gcc_libraries ${KPROBED_CROSS_SYSROOT}/usr/lib/gcc/*/*)
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "-B${libraries} -L${gcc_libraries} -L${libraries} -Wl,-rpath-link,${libraries}")
# g++ 12 calls a library for atomics of a byte, which this machine has no instruction for.
if(cross_GNU_CPU STREQUAL "riscv64")
  set(CMAKE_CXX_STANDARD_LIBRARIES -latomic)
endif()

# 16 bits of offset reach 64 KB of global offset table, which our templates fill; several tables in one
# program (binutils 2.40) ended in calls to wrong addresses.
if(cross_GNU_CPU MATCHES "^mips")
  set(CMAKE_C_FLAGS_INIT -mxgot)
  set(CMAKE_CXX_FLAGS_INIT -mxgot)
endif()

# A note at every vector passed by value, about compilers older than 7.1.
if(cross_GNU_CPU STREQUAL "arm")
  set(CMAKE_CXX_FLAGS_INIT -Wno-psabi)
endif()

set(CMAKE_FIND_ROOT_PATH ${KPROBED_CROSS_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${KPROBED_CROSS_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${libraries}/pkgconfig:${KPROBED_CROSS_SYSROOT}/usr/share/pkgconfig)
