# SPDX-License-Identifier: Apache-2.0

# What every target is compiled with.
add_library(kprobed_flags INTERFACE)
target_include_directories(kprobed_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(kprobed_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wimplicit-fallthrough -Wcast-align)
if(KPROBED_WERROR)
  target_compile_options(kprobed_flags INTERFACE -Werror)
endif()
if(KPROBED_SANITIZE)
  target_compile_options(kprobed_flags INTERFACE
    -fsanitize=${KPROBED_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    # gcc(1), -fsanitize: what it instruments looks uninitialized to it now and then.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(kprobed_flags INTERFACE -fsanitize=${KPROBED_SANITIZE})
  if(KPROBED_SANITIZE STREQUAL thread)
    # g++ warns that tsan does not follow fences; Asio has some, and none of ours rely on one.
    target_compile_options(kprobed_flags INTERFACE -Wno-tsan)
  endif()
endif()

# kprobed_room(NAME SOURCES ... [ROOMS ...] [LIBRARIES ...] [ALONE ...]): one room, one static library.
# ROOMS are those it includes; LIBRARIES are its own and do not reach those who use the room. ALONE are
# sources whose private names stand in others too: scripts/cross compiles the rest of a room at once.
function(kprobed_room name)
  cmake_parse_arguments(R "" "" "SOURCES;ROOMS;LIBRARIES;ALONE" ${ARGN})
  set_source_files_properties(${R_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  add_library(${name} STATIC ${R_SOURCES})
  target_link_libraries(${name} PUBLIC kprobed_flags ${R_ROOMS} PRIVATE ${R_LIBRARIES})
endfunction()
