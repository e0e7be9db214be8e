// SPDX-License-Identifier: Apache-2.0
#include "engine/file_options.h"

#include <algorithm>
#include <string_view>

namespace kprobed::engine {

FileOptions take_options(const std::shared_ptr<const Source>& source) {
  constexpr std::string_view kPending = "pending", kBlanks = " \t";
  FileOptions options;
  std::string text = source->text;
  std::uint32_t line = 1;
  for (std::size_t begin = 0; begin < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::size_t word = std::min(text.find_first_not_of(kBlanks, begin), end);
    const std::size_t after = word + kPending.size();
    if (after < end && std::string_view(text).substr(word, kPending.size()) == kPending &&
        kBlanks.find(text[after]) != kBlanks.npos) {
      text.replace(word, kPending.size(), kPending.size(), ' ');
      options.pending.insert(line);
    }
    begin = end + 1;
  }
  options.specs = options.pending.empty()
                      ? source
                      : std::make_shared<const Source>(Source{source->name, std::move(text)});
  return options;
}

}  // namespace kprobed::engine
