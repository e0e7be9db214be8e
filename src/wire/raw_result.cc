// SPDX-License-Identifier: Apache-2.0
#include "wire/raw_result.h"

#include <algorithm>

namespace kprobed::wire {
namespace {

/// One past the string that begins with the quote at `at`.
std::size_t end_of_string(std::string_view line, std::size_t at) {
  for (++at; at < line.size() && line[at] != '"'; ++at) {
    if (line[at] == '\\') ++at;
  }
  return std::min(at + 1, line.size());
}

std::size_t skip_blanks(std::string_view line, std::size_t at) {
  return std::min(line.find_first_not_of(" \t\r\n", at), line.size());
}

/// One past the value that begins at `at`.
std::size_t end_of_value(std::string_view line, std::size_t at) {
  std::size_t depth = 0;
  while (at < line.size()) {
    const char c = line[at];
    if (c == '"') {
      at = end_of_string(line, at);
      if (depth == 0) return at;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') {
      if (depth == 0) return at;  // the end of a number, and of the object around it
      if (--depth == 0) return at + 1;
    }
    if (depth == 0 && (c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n')) return at;
    ++at;
  }
  return at;
}

}  // namespace

std::string raw_result(std::string_view line) {
  std::string found;
  std::size_t at = skip_blanks(line, 0);
  if (at == line.size() || line[at] != '{') return found;
  for (at = skip_blanks(line, at + 1); at < line.size() && line[at] == '"';) {
    const std::size_t key = at;
    at = end_of_string(line, at);
    const bool result = line.substr(key, at - key) == R"("result")";
    const std::size_t value = skip_blanks(line, std::min(line.find(':', at), line.size() - 1) + 1);
    at = end_of_value(line, value);
    // Of equal keys the last one counts, as for all readers of the wire.
    if (result) found = line.substr(value, at - value);
    at = skip_blanks(line, at);
    if (at == line.size() || line[at] != ',') break;
    at = skip_blanks(line, at + 1);
  }
  return found;
}

}  // namespace kprobed::wire
