// SPDX-License-Identifier: Apache-2.0
#include "symbols/event_files.h"

#include <algorithm>
#include <cerrno>
#include <string>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "decode/format_file.h"

namespace kprobed::symbols {

namespace {

/// Far more than the longest format file has.
constexpr std::size_t kMostBytes = std::size_t{1} << 20;

/// Event names are identifiers but for a few of the kernel's own ("kvm_mmu", "9p", "6lowpan").
bool is_plain(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

Error no_event(std::string_view group, std::string_view event) {
  return {ErrorCode::not_found, format("there is no event '{}/{}'", group, event)};
}

}  // namespace

Result<std::string> read_event_format(const std::string& root, std::string_view group,
                                      std::string_view event) {
  if (root.empty()) {
    return Error(ErrorCode::no_tracefs, "without tracefs no events are known");
  }
  if (!is_plain(group) || !is_plain(event)) return no_event(group, event);
  Result<std::string> text =
      read_file(format("{}/events/{}/{}/format", root, group, event), kMostBytes);
  if (text.ok()) return text;
  const int err = text.error().sys_errno;
  if (err == ENOENT || err == ENOTDIR || err == ENAMETOOLONG) return no_event(group, event);
  return std::move(text).error();
}

std::vector<std::string> similar_events_in(std::string_view available, std::string_view group,
                                           std::string_view event, std::size_t limit) {
  constexpr std::size_t kSlips = 3;
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const std::string_view line : split_lines(available)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view its_group = line.substr(0, colon), its_event = line.substr(colon + 1);
    if (its_group == group && its_event == event) continue;
    std::size_t distance = 0;
    if (its_event != event) {
      distance = edit_distance(event, its_event, kSlips) + edit_distance(group, its_group, kSlips);
      // A short name is near to all other short ones.
      if (distance > std::clamp<std::size_t>(event.size() / 3, 1, kSlips)) continue;
    }
    near.emplace_back(distance, format("{}/{}", its_group, its_event));
  }
  std::ranges::sort(near);
  std::vector<std::string> names;
  for (auto& [distance, name] : near) {
    if (names.size() == limit) break;
    names.push_back(std::move(name));
  }
  return names;
}

std::optional<std::vector<resolve::SyscallParameter>> syscall_parameters_in(std::string_view text) {
  const Result<decode::EventFormat> event = decode::parse_format(text);
  if (!event.ok()) return std::nullopt;
  const auto& fields = event->fields;
  const auto number = std::ranges::find_if(
      fields, [](const decode::FormatField& field) { return field.name == "__syscall_nr"; });
  if (number == fields.end()) return std::nullopt;
  std::vector<resolve::SyscallParameter> parameters;
  for (auto field = std::next(number); field != fields.end(); ++field) {
    // Newer kernels add what user pointers point to, "__filename_val": no parameters.
    if (!field->data_loc) parameters.push_back({field->name, field->type});
  }
  return parameters;
}

}  // namespace kprobed::symbols
