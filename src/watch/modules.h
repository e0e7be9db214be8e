// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kprobed::watch {

/// A module as /proc/modules tells of it.
struct LoadedModule {
  std::string name;
  std::uint64_t bytes = 0;
  std::string address;  ///< "0x..."; zeros where addresses may not be seen
  bool live = true;     ///< "Live"; else it is being loaded or unloaded

  bool operator==(const LoadedModule&) const = default;
};

/// Sorted by name. Lines that are none are left out.
std::vector<LoadedModule> parse_modules(std::string_view proc_modules);

}  // namespace kprobed::watch
