// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "base/text.h"
#include "tracefs/refusal.h"

namespace kprobed::tracefs {
namespace {

constexpr std::string_view kCommand = "  Command: ";  // CMD_PREFIX, kernel/trace/trace.c
constexpr std::string_view kError = ": error: ";

/// Before 5.16 an entry held "\n  Command: CMD\n" in 255 bytes. A longer command lost its end, and
/// its newline with it, so that the caret follows on the same line.
constexpr std::size_t kCutCommand = 255 - 1 - kCommand.size();

/// "[ 1536.822138] trace_kprobe: error: Invalid register name"
std::optional<LoggedError> parse_header(std::string_view line) {
  if (!line.starts_with('[')) return std::nullopt;
  const std::size_t close = line.find("] ");
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view said = line.substr(close + 2);
  const std::size_t error = said.find(kError);
  if (error == std::string_view::npos) return std::nullopt;
  LoggedError entry;
  entry.location = said.substr(0, error);
  entry.text = said.substr(error + kError.size());
  entry.stamp = trim(line.substr(1, close - 1));
  return entry;
}

/// The column under a line of blanks and one caret, which stands `indent` further right.
std::optional<std::int64_t> caret_column(std::string_view line, std::size_t indent) {
  const std::size_t caret = line.find_first_not_of(' ');
  if (caret == std::string_view::npos || caret < indent) return std::nullopt;
  if (line.substr(caret) != "^") return std::nullopt;
  return static_cast<std::int64_t>(caret - indent);
}

}  // namespace

std::vector<LoggedError> parse_error_log(std::string_view text) {
  std::vector<LoggedError> entries;
  const auto lines = split_lines(text);
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    auto entry = parse_header(lines[i]);
    if (!entry || !lines[i + 1].starts_with(kCommand)) continue;
    std::string_view command = lines[++i].substr(kCommand.size());
    auto column = i + 1 < lines.size() ? caret_column(lines[i + 1], kCommand.size()) : std::nullopt;
    if (column) {
      ++i;
    } else if (command.size() > kCutCommand) {
      column = caret_column(command.substr(kCutCommand), kCommand.size());
      entry->cut = column.has_value();
      if (entry->cut) command = command.substr(0, kCutCommand);
    }
    entry->command = command;
    entry->column = column.value_or(-1);
    entries.push_back(*std::move(entry));
  }
  return entries;
}

}  // namespace kprobed::tracefs
