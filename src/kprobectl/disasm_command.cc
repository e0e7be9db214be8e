// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/disasm_command.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "engine/machine.h"
#include "kprobectl/report.h"
#include "kprobectl/text_output.h"
#include "probespec/parse.h"
#include "resolve/symbol_choice.h"
#include "wire/codec.h"

namespace kprobed::kprobectl {

namespace {

/// The function, as a probe on it would choose it.
Result<resolve::Symbol> find_function(const std::string& place, const resolve::KernelView& kernel) {
  const auto source = std::make_shared<const Source>(Source{"argument 1", "p " + place});
  probespec::Parsed parsed = probespec::parse(source);
  if (!parsed.errors.empty()) return std::move(parsed.errors.front());
  const bool plain = parsed.specs.size() == 1 && !parsed.specs[0].point.symbol.empty() &&
                     parsed.specs[0].point.path.empty() && !parsed.specs[0].point.several();
  if (!plain) {
    return Error(ErrorCode::usage, format("'{}' is not one function of the kernel", place))
        .with_hint("write SYMBOL or MODULE:SYMBOL");
  }
  return resolve::choose_symbol(parsed.specs[0], kernel);
}

wire::DisassemblyReport make_report(const resolve::Symbol& function,
                                    const resolve::Disassembly& code) {
  wire::DisassemblyReport out;
  out.module = function.module;
  out.symbol = function.name;
  out.address = hex(function.address);
  out.incomplete = code.incomplete;
  for (const resolve::Instruction& instruction : code.instructions) {
    out.instructions.push_back(
        {instruction.offset, instruction.bytes, instruction.text, instruction.refused});
  }
  return out;
}

std::string as_text(const wire::DisassemblyReport& code) {
  std::string text = format("{}{}{} at {}\n", code.module, code.module.empty() ? "" : ":",
                            code.symbol, code.address);
  for (const wire::ProbePlace& place : code.instructions) {
    const std::string offset = format("+{:#x}", place.offset);
    text += place.refused.empty()
                ? format("  {:<8} {}\n", offset, place.text)
                : format("  {:<8} {:<40} no probe: {}\n", offset, place.text, place.refused);
  }
  return text;
}

}  // namespace

int disasm(const DisasmOptions& options) {
  auto machine = engine::Machine::open_for_checking();
  if (!machine.ok()) return report(machine.error());
  const auto function = find_function(options.place, *machine->kernel);
  if (!function.ok()) return report(function.error());
  const auto code = machine->kernel->disassemble(*function);
  if (!code.ok()) return report(code.error());
  const wire::DisassemblyReport found = make_report(*function, *code);
  write_out(options.json ? wire::encode_report(found) : as_text(found));
  if (!options.json && !found.incomplete.empty()) say(found.incomplete);
  return end_output();
}

}  // namespace kprobed::kprobectl
