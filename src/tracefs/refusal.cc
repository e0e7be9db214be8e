// SPDX-License-Identifier: Apache-2.0
#include "tracefs/refusal.h"

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "tracefs/sentences.h"

namespace kprobed::tracefs {
namespace {

/// The words of `line` as the kernel joins them again before it blames them (argv_split, then
/// __trace_probe_log_err in kernel/trace/trace_probe.c).
std::string rejoin(std::string_view line) {
  std::string out;
  for (const std::string_view word : split_words(line)) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

/// Who reports what is wrong with a line (trace_probe_log_init in kernel/trace/trace_?probe.c).
std::string_view location_of(EventsFile file) {
  switch (file) {
    case EventsFile::kprobe:
      return "trace_kprobe";
    case EventsFile::uprobe:
      return "trace_uprobe";
    case EventsFile::dynamic:
      break;
  }
  return "trace_fprobe";
}

/// The newest entry about our line, as a probe of that kind, that was not there before.
std::optional<LoggedError> find_ours(EventsFile file, const std::string& joined,
                                     std::string_view log_before, std::string_view log_after) {
  const auto before = parse_error_log(log_before);
  auto after = parse_error_log(log_after);
  for (auto entry = after.rbegin(); entry != after.rend(); ++entry) {
    if (entry->location != location_of(file)) continue;
    const bool same = entry->cut ? joined.starts_with(entry->command) : entry->command == joined;
    if (!same || std::find(before.begin(), before.end(), *entry) != before.end()) continue;
    return std::move(*entry);
  }
  return std::nullopt;
}

/// The byte of `line` that is byte `column` of its rejoined words; -1 if it has none.
std::int64_t column_in_line(std::string_view line, std::int64_t column) {
  std::int64_t at = 0;
  for (const std::string_view word : split_words(line)) {
    const auto size = static_cast<std::int64_t>(word.size());
    // The blank after a word counts to it: there the kernel points for what is missing.
    if (column <= at + size) return (word.data() - line.data()) + (column - at);
    at += size + 1;
  }
  return column == at ? static_cast<std::int64_t>(line.size()) : -1;
}

/// Where the entry points in our line. Kernels that cut a command also kept its column in 8 bits:
/// of a line with several such places none is named.
std::int64_t blamed_column(std::string_view line, const std::string& joined,
                           const LoggedError& entry) {
  if (entry.column < 0) return -1;
  constexpr std::size_t kColumnWrap = 256;
  if (entry.cut && static_cast<std::size_t>(entry.column) + kColumnWrap <= joined.size()) return -1;
  return column_in_line(line, entry.column);
}

/// From the blamed byte to the end of its word.
std::string_view blamed_token(std::string_view line, std::int64_t column) {
  if (column < 0 || static_cast<std::size_t>(column) >= line.size()) return {};
  line.remove_prefix(static_cast<std::size_t>(column));
  return line.substr(0, line.find_first_of(" \t"));
}

/// Does an argument read a kernel symbol ("@jiffies")? If that one is missing the kernel blames the
/// place (seen on 5.10, 6.1, 6.12): the symbol is looked up when the probe is registered.
bool has_data_symbol(std::string_view line) {
  const std::size_t at = line.find('@');
  return at != std::string_view::npos && is_identifier(line.substr(at + 1, 1));
}

void explain_silence(Refusal& refusal, EventsFile file) {
  const Silence* row = find_silence(file, refusal.sys_errno);
  if (row == nullptr) {
    refusal.meaning = "the kernel refuses the line and does not say why";
    return;
  }
  refusal.code = row->code;
  refusal.meaning = row->meaning;
  refusal.hint = row->hint;
}

void explain_sentence(Refusal& refusal, EventsFile file, std::string_view line) {
  const Sentence* row = find_sentence(refusal.kernel_text);
  if (row == nullptr) {
    refusal.meaning = refusal.kernel_text;
    return;
  }
  refusal.code = row->code;
  refusal.meaning = row->meaning;
  refusal.hint = row->hint;
  // Registration fails for other reasons than the place, too.
  if (row->kernel_text == kNotRegistered && refusal.sys_errno != EINVAL &&
      find_silence(file, refusal.sys_errno) != nullptr) {
    explain_silence(refusal, file);
  }
  if (row->kernel_text == kNoSymbol && refusal.sys_errno == ENOENT && has_data_symbol(line)) {
    refusal.column = -1;
    refusal.meaning = "symbol not found: the probed one or an argument's @SYMBOL";
    return;
  }
  const std::string_view token = blamed_token(line, refusal.column);
  if (!token.empty()) refusal.meaning += format(": '{}'", token);
}

}  // namespace

Refusal explain_refusal(EventsFile file, std::string_view line, int sys_errno,
                        std::string_view log_before, std::string_view log_after) {
  Refusal refusal;
  refusal.sys_errno = sys_errno;
  const std::string joined = rejoin(line);
  const auto entry = find_ours(file, joined, log_before, log_after);
  if (!entry) {
    explain_silence(refusal, file);
    return refusal;
  }
  refusal.kernel_text = entry->text;
  refusal.column = blamed_column(line, joined, *entry);
  explain_sentence(refusal, file, line);
  return refusal;
}

}  // namespace kprobed::tracefs
