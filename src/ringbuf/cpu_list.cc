// SPDX-License-Identifier: Apache-2.0
#include "ringbuf/cpu_list.h"

#include <charconv>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"

namespace kprobed::ringbuf {
namespace {

constexpr char kOnlineFile[] = "/sys/devices/system/cpu/online";

/// CONFIG_NR_CPUS ends at 8192 on every architecture; room for more, but not for a list that takes
/// the memory.
constexpr unsigned kMaxCpus = 65536;

/// Takes a decimal CPU number off the front of `text`.
bool take_cpu(std::string_view& text, unsigned& cpu) {
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, cpu);
  if (error != std::errc{} || cpu >= kMaxCpus) return false;
  text.remove_prefix(static_cast<std::size_t>(stopped - text.data()));
  return true;
}

bool take_char(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

Result<std::vector<unsigned>> online_cpus() {
  KPROBED_TRY(const std::string text, read_file(kOnlineFile));
  auto cpus = parse_cpu_list(text);
  if (!cpus.ok()) return std::move(cpus).error().while_doing(format("read '{}'", kOnlineFile));
  return cpus;
}

Result<std::vector<unsigned>> parse_cpu_list(std::string_view text) {
  const Error error(ErrorCode::malformed, format("'{}' is not a list of CPUs", trim(text)));
  if (text.ends_with('\n')) text.remove_suffix(1);
  std::vector<unsigned> cpus;
  do {
    unsigned first = 0;
    if (!take_cpu(text, first)) return error;
    unsigned last = first;
    if (take_char(text, '-') && !take_cpu(text, last)) return error;
    if (last < first || (!cpus.empty() && first <= cpus.back())) return error;
    for (unsigned cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
  } while (take_char(text, ','));
  if (!text.empty()) return error;
  return cpus;
}

}  // namespace kprobed::ringbuf
