// SPDX-License-Identifier: Apache-2.0
#include "resolve/drift.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/text.h"
#include "symbol_drift_tsv.h"

namespace kprobed::resolve {

namespace {

bool has_text(const KernelView& kernel, std::string_view symbol) {
  return std::ranges::any_of(kernel.find(symbol, ""), &Symbol::is_text);
}

std::vector<std::string_view> split_at(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

bool applies_to(const DriftRow& row, std::string_view arch) {
  return row.archs == "*" || std::ranges::count(split_at(row.archs, ','), arch) != 0;
}

std::optional<DriftRow> parse_row(std::string_view line) {
  const std::vector<std::string_view> columns = split_at(line, '\t');
  if (columns.size() != 6) return std::nullopt;
  const std::optional<std::uint64_t> same = parse_number(columns[4]);
  if (!same || *same > 128) return std::nullopt;
  const bool silent = columns[2] == "silent";
  if (!silent && columns[2] != "gone") return std::nullopt;
  if (std::ranges::any_of(columns, &std::string_view::empty)) return std::nullopt;
  return DriftRow{columns[0],
                  columns[1],
                  silent ? DriftRow::Kind::silent : DriftRow::Kind::gone,
                  columns[3],
                  static_cast<unsigned>(*same),
                  columns[5]};
}

/// Which argument of the function the value starts from: 0 for none, beyond all for "cannot say".
struct ArgumentBehind {
  const DriftRow& row;
  const KernelView& kernel;
  const arch::ArchAbi& abi = kernel.abi();

  unsigned operator()(const probespec::Argument& argument) const { return argument.n; }
  unsigned operator()(const probespec::Register& reg) const { return in_register(reg.name); }
  unsigned operator()(const probespec::RegisterWord& word) const {
    return word.n < abi.registers.size() ? in_register(abi.registers[word.n]) : 0;
  }
  unsigned operator()(const probespec::StackEntry& entry) const {
    if (entry.n < abi.first_stack_argument) return 0;
    return static_cast<unsigned>(abi.argument_registers.size()) + 1 + entry.n -
           abi.first_stack_argument;
  }
  // The stack's address leads anywhere once it is followed.
  unsigned operator()(const probespec::StackAddress&) const { return kUnknown; }
  unsigned operator()(const probespec::AllArguments&) const { return kUnknown; }
  unsigned operator()(const probespec::Named& named) const {
    const std::size_t there = place_in(row.replacement, named.name);
    // A function that is gone has no prototype left to compare with.
    if (row.kind == DriftRow::Kind::gone) return static_cast<unsigned>(there);
    return there == place_in(row.symbol, named.name) ? static_cast<unsigned>(there) : kUnknown;
  }
  unsigned operator()(const auto&) const { return 0; }

  static constexpr unsigned kUnknown = std::numeric_limits<unsigned>::max();

  /// Which parameter of `function`, from 1; kUnknown if it has none of that name.
  std::size_t place_in(std::string_view function, std::string_view parameter) const {
    const auto types = kernel.types("");
    if (!types.ok()) return kUnknown;
    const auto prototype = (*types)->function(function, "");
    if (!prototype) return kUnknown;
    const auto& all = prototype->parameters;
    const auto at = std::ranges::find(all, parameter, &FunctionParameter::name);
    return at == all.end() ? kUnknown : static_cast<std::size_t>(at - all.begin()) + 1;
  }

  unsigned in_register(std::string_view name) const {
    const auto at = std::ranges::find(abi.argument_registers, name);
    return at == abi.argument_registers.end()
               ? 0
               : static_cast<unsigned>(at - abi.argument_registers.begin()) + 1;
  }
};

}  // namespace

std::vector<DriftRow> parse_drift(std::string_view tsv, std::size_t* malformed) {
  std::vector<DriftRow> rows;
  if (malformed != nullptr) *malformed = 0;
  for (const std::string_view line : split_lines(tsv)) {
    if (line.empty() || line.front() == '#') continue;
    if (const std::optional<DriftRow> row = parse_row(line)) {
      rows.push_back(*row);
    } else if (malformed != nullptr) {
      ++*malformed;
    }
  }
  return rows;
}

std::span<const DriftRow> drift_table() {
  static const std::vector<DriftRow> rows = parse_drift(kSymbolDriftTsv, nullptr);
  return rows;
}

const DriftRow* find_drift(std::string_view symbol, const KernelView& kernel) {
  for (const DriftRow& row : drift_table()) {
    if (row.symbol != symbol || !applies_to(row, kernel.abi().name)) continue;
    if (row.kind == DriftRow::Kind::gone && has_text(kernel, symbol)) continue;
    if (has_text(kernel, row.replacement)) return &row;
  }
  return nullptr;
}

bool carries_over(const DriftRow& row, const probespec::ProbeSpec& spec, const KernelView& kernel) {
  if (spec.point.offset != 0 || spec.point.address || !spec.point.module.empty()) return false;
  return std::ranges::all_of(spec.args, [&](const probespec::FetchArg& arg) {
    // At the return, registers and stack are the caller's business again; only $argN and names are
    // arguments.
    const bool names_argument = std::holds_alternative<probespec::Argument>(arg.expr.base) ||
                                std::holds_alternative<probespec::Named>(arg.expr.base) ||
                                std::holds_alternative<probespec::AllArguments>(arg.expr.base);
    if (spec.kind == probespec::ProbeKind::on_return && !names_argument) return true;
    return std::visit(ArgumentBehind{row, kernel}, arg.expr.base) <= row.same_arguments;
  });
}

}  // namespace kprobed::resolve
