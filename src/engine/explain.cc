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
  std::string text = probe.module.empty() ? probe.symbol : probe.module + ":" + probe.symbol;
  if (probe.offset != 0) text += "+" + hex(probe.offset);
  if (probe.address != 0) text += " at " + hex(probe.address);
  if (probe.spec.kind == probespec::ProbeKind::on_return) return text + ", when it returns";
  return text + (probe.at_entry ? ", function entry" : ", inside the function");
}

std::string_view shown_as(probespec::BaseType type) {
  using enum probespec::BaseType;
  switch (type) {
    case u8:
    case u16:
    case u32:
    case u64:
      return "number";
    case s8:
    case s16:
    case s32:
    case s64:
      return "signed number";
    case string:
      return "text in kernel memory";
    case ustring:
      return "text in user memory";
    case x8:
    case x16:
    case x32:
    case x64:
      break;
  }
  return "hex";
}

}  // namespace

std::string explain(const resolve::ResolvedProbe& probe, std::string_view name) {
  std::string text = probespec::print(probe.spec) + "\n";
  text += row("probe", name);
  text += row("probe point", place(probe));
  for (const resolve::ResolvedArg& arg : probe.args) {
    text += row(arg.name, format("{} ({})", arg.meaning, shown_as(arg.type)));
  }
  // The private names that it will have in tracefs are decided when it is armed.
  text += row("kernel line", resolve::compose_line(probe, "kprobed", "...").text);
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
