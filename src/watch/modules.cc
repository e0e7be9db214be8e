// SPDX-License-Identifier: Apache-2.0
#include "watch/modules.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace kprobed::watch {

std::vector<LoadedModule> parse_modules(std::string_view proc_modules) {
  // m_show, kernel/module/procfs.c: name, size, uses, users, state, address.
  std::vector<LoadedModule> modules;
  for (const std::string_view line : split_lines(proc_modules)) {
    const auto words = split_words(line);
    if (words.size() < 6) continue;
    LoadedModule module;
    module.name = words[0];
    std::from_chars(words[1].data(), words[1].data() + words[1].size(), module.bytes);
    module.live = words[4] == "Live";
    module.address = words[5];
    modules.push_back(std::move(module));
  }
  std::ranges::sort(modules, {}, &LoadedModule::name);
  return modules;
}

}  // namespace kprobed::watch
