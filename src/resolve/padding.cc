// SPDX-License-Identifier: Apache-2.0
//
// kprobe_perf_func (kernel/trace/trace_kprobe.c) takes a record's memory from a buffer that earlier
// events have used, and clears as many bytes behind its head as the record has *text*: a memset of
// dsize bytes where the fields are meant. A number that cannot be read is left as it is. So there
// has to be as much text as there are fields: hidden texts of our own, since the user's may be
// unreadable and then have no length. Only entry probes: kretprobe_perf_func clears nothing.
#include <algorithm>
#include <numeric>

#include "base/format.h"
#include "probespec/parse.h"
#include "resolve/arguments.h"
#include "resolve/kernel_line.h"

namespace kprobed::resolve {

namespace {

constexpr std::size_t kDataLoc = 4;  ///< of each text, among the fields
/// What goes around a hidden text in MAX_ARGSTR_LEN: \"...":string
constexpr std::size_t kAround = std::string_view("\\\"\":string").size();
/// With its NUL.
constexpr std::size_t kMaxHiddenText = probespec::kMaxArgExprBytes - kAround + 1;

bool is_fetched(const ResolvedArg& arg) { return arg.source == ValueSource::fetcharg; }

bool may_be_stale(const ResolvedArg& arg) { return arg.unreadable == decode::Unreadable::stale; }

/// "_z1", but no name of the user's.
std::string hidden_name(std::size_t n, const std::vector<ResolvedArg>& args) {
  std::string name = format("_z{}", n);
  while (std::ranges::find(args, name, &ResolvedArg::kernel_name) != args.end()) name += '_';
  return name;
}

/// The sizes, NULs included, of the fewest texts that cover `fixed` bytes of fields and their own.
std::vector<std::size_t> hidden_texts(std::size_t fixed) {
  constexpr std::size_t kGain = kMaxHiddenText - kDataLoc;
  const std::size_t count = (fixed + kGain - 1) / kGain;
  std::vector<std::size_t> sizes(count, kMaxHiddenText);
  sizes.back() = fixed + count * kDataLoc - (count - 1) * kMaxHiddenText;
  return sizes;
}

bool line_fits(const ResolvedProbe& probe) {
  constexpr std::size_t kMaxEventNameBytes = 63;  // MAX_EVENT_NAME_LEN - 1, for groups too
  const std::string longest(kMaxEventNameBytes, 'x');
  return std::ranges::all_of(compose_lines(probe, longest, longest), [](const KernelLine& line) {
    return line.text.size() <= probespec::kMaxLineBytes;
  });
}

}  // namespace

void add_padding(ResolvedProbe& probe) {
  if (probe.source != EventSource::kprobe || probe.spec.kind != probespec::ProbeKind::entry ||
      std::ranges::none_of(probe.args, may_be_stale)) {
    return;
  }
  std::size_t fixed = 0, fetched = 0;
  for (const ResolvedArg& arg : probe.args) {
    if (!is_fetched(arg)) continue;
    fixed += arg.fixed_bytes;
    ++fetched;
  }
  const std::vector<std::size_t> sizes = hidden_texts(fixed);
  if (fetched + sizes.size() > probespec::kMaxArgs) return;
  for (const std::size_t size : sizes) {
    probe.padding.push_back(format("{}=\\\"{}\":string",
                                   hidden_name(probe.padding.size() + 1, probe.args),
                                   std::string(size - 1, 'z')));
  }
  if (!line_fits(probe)) {
    probe.padding.clear();
    return;
  }
  const std::size_t texts = std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
  probe.fixed_bytes += sizes.size() * kDataLoc;
  probe.worst_bytes += sizes.size() * kDataLoc + texts;
  for (ResolvedArg& arg : probe.args) {
    if (may_be_stale(arg)) arg.unreadable = decode::Unreadable::zero;
  }
}

void distrust_padding(ResolvedProbe& probe) {
  for (ResolvedArg& arg : probe.args) {
    if (arg.unreadable == decode::Unreadable::zero) arg.unreadable = decode::Unreadable::stale;
  }
}

void forget_padding(ResolvedProbe& probe) {
  if (probe.padding.empty()) return;
  for (const std::string& argument : probe.padding) {
    const std::size_t text = argument.size() - (argument.find('=') + 1) - kAround + 1;
    probe.fixed_bytes -= kDataLoc;
    probe.worst_bytes -= kDataLoc + text;
  }
  probe.padding.clear();
  distrust_padding(probe);
}

}  // namespace kprobed::resolve
