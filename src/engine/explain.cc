// SPDX-License-Identifier: Apache-2.0
#include "engine/explain.h"

#include "base/format.h"
#include "base/text.h"
#include "resolve/kernel_line.h"

namespace kprobed::engine {

namespace {

std::string row(std::string_view name, std::string_view text) {
  return format("  {:<12}  {}\n", name, text);
}

std::string place(const resolve::ResolvedProbe& probe) {
  using probespec::ProbeKind;
  using resolve::EventSource;
  if (probe.source == EventSource::existing) {
    return format("the kernel's event {}/{}", probe.event_group, probe.event_name);
  }
  if (!probe.members.empty()) {
    return format("{} functions{}", probe.members.size(),
                  probe.spec.kind == ProbeKind::on_return ? ", when they return" : "");
  }
  if (probe.spec.mechanism == probespec::Mechanism::tracepoint) {
    return format("tracepoint {}", probe.symbol);
  }
  std::string text = probe.module.empty() ? probe.symbol : probe.module + ":" + probe.symbol;
  if (probe.offset != 0) text += "+" + hex(probe.offset);
  if (!probe.path.empty()) return format("{} in {}", text.empty() ? "code" : text, probe.path);
  if (probe.address != 0) text += " at " + hex(probe.address);
  if (probe.spec.kind == ProbeKind::on_return) return text + ", when it returns";
  if (probe.entry_shift != 0) {
    return text + format(
                      ", function entry, {} bytes on: this kernel keeps its first bytes for "
                      "ftrace",
                      probe.entry_shift);
  }
  return text + (probe.at_entry ? ", function entry" : ", inside the function");
}

std::string_view shown_as(decode::Show show) {
  using enum decode::Show;
  switch (show) {
    case unsigned_number:
      return "number";
    case signed_number:
      return "signed number";
    case text:
      return "text";
    case character:
      return "character";
    case boolean:
      return "true or false";
    case symbol:
      return "symbol";
    case enumeration:
      return "name of the enumerator";
    case hex:
      break;
  }
  return "hex";
}

std::string shown_as(const resolve::ResolvedArg& arg) {
  std::string text(shown_as(arg.shape.show));
  if (arg.shape.count != 0) text += format("s, {} of them", arg.shape.count);
  switch (arg.unreadable) {
    case decode::Unreadable::null:
      return text + "; null if it cannot be read";
    case decode::Unreadable::zero:
      return text + (arg.shape.show == decode::Show::text ? "; empty if it cannot be read"
                                                          : "; 0 if it cannot be read");
    case decode::Unreadable::stale:
      return text + "; if it cannot be read, whatever an earlier event left";
    case decode::Unreadable::never:
      break;
  }
  return text;
}

/// How many of a pattern's functions are shown by name, and by line.
constexpr std::size_t kMembersShown = 8;

std::string member_names(const resolve::ResolvedProbe& probe) {
  std::string text;
  for (std::size_t i = 0; i < probe.members.size() && i < kMembersShown; ++i) {
    const resolve::ProbeMember& member = probe.members[i];
    text +=
        (i == 0 ? "" : " ") + (member.module.empty() ? "" : member.module + ":") + member.symbol;
  }
  if (probe.members.size() > kMembersShown) {
    text += format(" and {} more", probe.members.size() - kMembersShown);
  }
  return text;
}

}  // namespace

std::vector<std::string> kernel_lines(const resolve::ResolvedProbe& probe) {
  std::vector<std::string> lines;
  if (probe.source == resolve::EventSource::existing) return lines;
  // The private names that it will have in tracefs are decided when it is armed.
  for (resolve::KernelLine& line : resolve::compose_lines(probe, "kprobed", "...")) {
    lines.push_back(std::move(line.text));
  }
  return lines;
}

std::string explain(const resolve::ResolvedProbe& probe, std::string_view name) {
  std::string text = probespec::print(probe.spec) + "\n";
  text += row("probe", name);
  text += row("probe point", place(probe));
  if (!probe.members.empty()) text += row("functions", member_names(probe));
  for (const resolve::ResolvedArg& arg : probe.args) {
    text += row(arg.name, format("{} ({})", arg.meaning, shown_as(arg)));
  }
  if (!probe.filter.empty()) text += row("condition", probe.filter);
  const std::vector<std::string> lines = kernel_lines(probe);
  if (!lines.empty()) text += row("kernel line", lines.front());
  if (!probe.padding.empty()) {
    text += row("", format("{} is filler: it makes the kernel clear the record first",
                           probe.padding.front().substr(0, probe.padding.front().find('='))));
  }
  if (lines.size() > 1) text += row("", format("and {} more like it", lines.size() - 1));
  text += row("record", probe.worst_bytes == probe.fixed_bytes
                            ? format("{} bytes", probe.fixed_bytes)
                            : format("{} bytes and its strings: {} at most", probe.fixed_bytes,
                                     with_thousands(probe.worst_bytes)));
  return text;
}

std::string render(const std::vector<resolve::Remark>& remarks) {
  std::string text;
  for (const resolve::Remark& remark : remarks) {
    text += render_at(remark.span, "note: " + remark.message, remark.hint);
  }
  return text;
}

}  // namespace kprobed::engine
