# SPDX-License-Identifier: Apache-2.0
#
# What is installed besides the programs, and the Debian package: `cpack --config BUILD/CPackConfig.cmake`.
# The programs install themselves: kprobed to SBINDIR, kprobectl to BINDIR, since it is for users too.

# systemd and bash look below lib and share of /usr, whatever LIBDIR is.
install(FILES systemd/kprobed.service DESTINATION lib/systemd/system)
install(FILES systemd/kprobed.sysusers DESTINATION lib/sysusers.d RENAME kprobed.conf)
install(FILES systemd/kprobed.tmpfiles DESTINATION lib/tmpfiles.d RENAME kprobed.conf)
install(FILES completion/kprobectl DESTINATION share/bash-completion/completions)
install(DIRECTORY DESTINATION /etc/kprobed/probes.d)
install(FILES conf/kprobed.conf DESTINATION /etc/kprobed)  # where the daemon looks, whatever the prefix

set(doc ${CMAKE_INSTALL_DATADIR}/doc/kprobed)
install(FILES packaging/deb/copyright DESTINATION ${doc})
install(FILES README.md DESTINATION ${doc} OPTIONAL)
install(FILES docs/protocol.md docs/spec.md docs/ledger.md DESTINATION ${doc})
install(FILES conf/example.probes DESTINATION ${doc}/examples)
install(FILES examples/README.md examples/client.cc DESTINATION ${doc}/examples)
install(PROGRAMS examples/client.py examples/client.sh DESTINATION ${doc}/examples)

# kprobed_gzip(SOURCE NAME FOLDER): installs SOURCE as NAME.gz in FOLDER, always the same bytes (-n).
find_program(GZIP gzip REQUIRED)
function(kprobed_gzip source name folder)
  set(packed ${CMAKE_CURRENT_BINARY_DIR}/gz/${name}.gz)
  add_custom_command(OUTPUT ${packed} VERBATIM
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/gz
    COMMAND sh -c "exec \"$1\" -9n < \"$2\" > \"$3\"" sh ${GZIP} ${CMAKE_CURRENT_SOURCE_DIR}/${source} ${packed}
    DEPENDS ${source})
  set_property(GLOBAL APPEND PROPERTY KPROBED_GZIPPED ${packed})
  install(FILES ${packed} DESTINATION ${folder})
endfunction()
foreach(page kprobed.8 kprobectl.1 kprobed.conf.5 kprobed-spec.7 kprobed-protocol.7)
  string(REGEX MATCH "[0-9]$" section ${page})
  kprobed_gzip(man/${page} ${page} ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
kprobed_gzip(CHANGELOG.md changelog ${doc})
get_property(gzipped GLOBAL PROPERTY KPROBED_GZIPPED)
add_custom_target(gzipped ALL DEPENDS ${gzipped})

find_program(GIT git)
foreach(key name email)
  if(GIT)
    execute_process(COMMAND ${GIT} config user.${key} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
                    OUTPUT_VARIABLE maintainer_${key} OUTPUT_STRIP_TRAILING_WHITESPACE)
  endif()
endforeach()
if(maintainer_name AND maintainer_email)
  set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${maintainer_name} <${maintainer_email}>")
else()
  set(CPACK_DEBIAN_PACKAGE_MAINTAINER "kprobed maintainers <root@localhost>")
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME kprobed)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "kernel probes from one line each, served as a JSON stream")
set(CPACK_PACKAGE_DESCRIPTION
"kprobed sets kprobes and kretprobes on a running kernel, each from one line of
text, and serves what they record as JSON lines on a Unix socket, to as many
clients as like to read. kprobectl is its command: it adds, lists and removes
probes, shows the stream, and can trace by itself without the daemon.")
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "bash-completion, jq")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "")
foreach(file conffiles postinst prerm postrm)
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_SOURCE_DIR}/packaging/deb/${file})
endforeach()
include(CPack)
