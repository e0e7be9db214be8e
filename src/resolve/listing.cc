// SPDX-License-Identifier: Apache-2.0
#include "resolve/listing.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

namespace kprobed::resolve {

std::string join(const std::vector<std::string>& parts, std::string_view last_separator) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? last_separator : std::string_view(", ");
    text += parts[i];
  }
  return text;
}

std::string first_names(const std::vector<std::string>& names, std::size_t shown, std::size_t all) {
  std::vector<std::string> parts(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(shown, names.size())));
  if (parts.size() < all) parts.push_back(format("{} more", with_thousands(all - parts.size())));
  return join(parts, " and ");
}

std::vector<std::string> quoted(std::vector<std::string> names) {
  for (std::string& name : names) name = format("'{}'", name);
  return names;
}

}  // namespace kprobed::resolve
