// SPDX-License-Identifier: Apache-2.0
//
// Which build of a module is loaded: the build id that its linker gave it, in the note that the
// kernel shows below /sys/module.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kprobed::watch {

/// In hex. nullopt: `notes`, ELF notes one after the other, have none, or are damaged.
std::optional<std::string> parse_build_id(std::string_view notes);

/// Of the loaded module `name`. nullopt: it is not loaded, or was built without one.
std::optional<std::string> read_build_id(std::string_view name,
                                         const std::string& sysfs_modules = "/sys/module");

}  // namespace kprobed::watch
