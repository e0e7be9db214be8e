// SPDX-License-Identifier: Apache-2.0
#include "resolve/condition_field.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "decode/c_declaration.h"
#include "resolve/listing.h"
#include "resolve/tracepoint_place.h"

namespace kprobed::resolve {

namespace {

using decode::Show;
using probespec::Mechanism;
using probespec::ProbeSpec;

constexpr std::size_t kShownNames = 8;

std::string_view without_dollar(std::string_view name) {
  return name.starts_with('$') ? name.substr(1) : name;
}

const ResolvedArg* find_by(const std::vector<ResolvedArg>& args, std::string ResolvedArg::*member,
                           std::string_view name) {
  const auto found = std::ranges::find(args, name, member);
  return found == args.end() ? nullptr : &*found;
}

const ResolvedArg* find_argument(std::string_view name, const ProbeSpec& spec,
                                 const std::vector<ResolvedArg>& args) {
  if (const ResolvedArg* arg = find_by(args, &ResolvedArg::name, name)) return arg;
  if (const ResolvedArg* arg = find_by(args, &ResolvedArg::name, without_dollar(name))) return arg;
  for (std::size_t i = 0; i < spec.args.size(); ++i) {
    if (without_dollar(probespec::print(spec.args[i].expr)) != without_dollar(name)) continue;
    const std::string output = probespec::argument_name(spec.args[i], i);
    if (const ResolvedArg* arg = find_by(args, &ResolvedArg::name, output)) return arg;
  }
  return find_by(args, &ResolvedArg::kernel_name, name);
}

Error not_comparable(std::string_view name, std::string_view what) {
  return Error(ErrorCode::wrong_place,
               format("the kernel's filter cannot compare '{}': {}", name, what));
}

/// By the event's own declaration, which the kernel goes by (filter_assign_type,
/// kernel/trace/trace_events_filter.c), whatever type the user reads it as.
Result<FilterField> field_of_event(const decode::FormatField& field) {
  const std::string_view type = field.type;
  const auto has = [type](std::string_view part) { return type.find(part) != type.npos; };
  FilterField out;
  out.kernel_name = field.name;
  const bool located = has("__data_loc") || has("__rel_loc");
  if (has("char") && (located || field.count > 0 || type == "char *" || type == "const char *")) {
    out.kind = FilterField::Kind::text;
    return out;
  }
  if (located || field.count > 0) return not_comparable(field.name, "it is an array");
  if (field.size != 1 && field.size != 2 && field.size != 4 && field.size != 8) {
    return not_comparable(field.name, "it is neither a number nor text");
  }
  out.bytes = field.size;
  out.is_signed = field.is_signed;
  out.in_hex = has("*");
  out.is_boolean = type == "bool" || type == "_Bool";
  out.narrow = decode::type_bytes(type).value_or(8) < field.size;
  return out;
}

/// nullopt: no such field.
std::optional<Result<FilterField>> find_event_field(std::string_view name, const ProbeSpec& spec,
                                                    const ResolvedArg* arg,
                                                    const KernelView& kernel) {
  auto event = read_event_format(spec.point.group, spec.point.symbol, kernel);
  if (!event.ok()) return std::move(event).error();
  const decode::FormatField* field = event->find(arg != nullptr ? arg->kernel_name : name);
  if (field == nullptr) return std::nullopt;
  if (spec.point.group == "syscalls" && field->type.ends_with("char *")) {
    return not_comparable(field->name, "it points into the program's memory")
        .with_hint(
            "probe the system call by its name, 'p openat filename if filename ~ \"/etc/*\"'");
  }
  return field_of_event(*field);
}

/// A fetcharg of ours: how the kernel declares each type is in probe_fetch_types[],
/// kernel/trace/trace_probe.c.
Result<FilterField> field_of_argument(const ResolvedArg& arg, const KernelView& kernel) {
  FilterField out;
  out.kernel_name = arg.kernel_name;
  if (arg.source == ValueSource::return_address) {
    out.bytes = kernel.abi().word_bytes;
    out.in_hex = true;
    return out;
  }
  if (!arg.second_fetch.empty()) {
    return not_comparable(arg.name, "its 64 bits are in two registers, which are two fields");
  }
  if (arg.shape.count > 0) {
    return not_comparable(arg.name, "it is an array")
        .with_hint("record one of its elements by itself, and compare that");
  }
  if (arg.shape.show == Show::text) {
    if (arg.shape.text_bytes > 0) {
      return not_comparable(arg.name, "bounded text is an array of numbers underneath")
          .with_hint(format("record it as text of any length: {}:string", arg.name));
    }
    out.kind = FilterField::Kind::text;
    return out;
  }
  out.bytes = static_cast<unsigned>(arg.fixed_bytes);
  out.is_signed = arg.shape.show == Show::signed_number ||
                  (arg.shape.show == Show::enumeration && arg.shape.is_signed);
  out.in_hex = arg.shape.show == Show::hex || arg.shape.show == Show::symbol;
  out.is_boolean = arg.shape.show == Show::boolean;
  out.is_character = arg.shape.show == Show::character;
  if (arg.shape.show == Show::enumeration) out.enumerators = arg.shape.enumerators;
  return out;
}

/// ftrace_generic_fields and ftrace_common_fields, kernel/trace/trace_events.c.
std::optional<FilterField> field_of_every_event(std::string_view name, const ProbeSpec& spec,
                                                const KernelView& kernel) {
  FilterField out;
  if (name == "comm" || name == "COMM" || name == "$comm") {
    out.kernel_name = "comm";
    out.kind = FilterField::Kind::text;
    return out;
  }
  out.bytes = 4;
  out.is_signed = true;
  if (name == "cpu" || name == "CPU") {
    out.kernel_name = "cpu";
    out.has_bits = false;  // filter_pred_cpu
    return out;
  }
  if (name == "tid" || name == "common_pid") {
    out.kernel_name = "common_pid";
    return out;
  }
  const bool returns = spec.kind == probespec::ProbeKind::on_return;
  if (returns && (name == "rp" || name == "__probe_ret_ip")) {
    out.kernel_name = "__probe_ret_ip";
    out.bytes = kernel.abi().word_bytes;
    out.is_signed = false;
    out.in_hex = true;
    return out;
  }
  return std::nullopt;
}

Error nothing_named(std::string_view name, const ProbeSpec& spec,
                    const std::vector<ResolvedArg>& args) {
  if (name == "pid") {
    return Error(ErrorCode::wrong_place, "the kernel's filter knows threads, not processes")
        .with_hint("'tid' is a thread's number: that of a process's first thread is its pid");
  }
  if (name == "rp") {
    return Error(ErrorCode::wrong_place, "only a return probe has a return address")
        .with_hint(format("write 'r {}'", probespec::print(spec.point)));
  }
  std::vector<std::string> known{"comm", "cpu", "tid"};
  for (const ResolvedArg& arg : args) known.push_back(arg.name);
  Error error(ErrorCode::not_found, format("nothing that is recorded is named '{}'", name));
  error.hint = format("a condition can compare {}", first_names(known, kShownNames, known.size()));
  if (spec.mechanism != Mechanism::event) {
    error.hint += "; what it compares must stand among the arguments";
  }
  return error;
}

}  // namespace

Result<FilterField> find_filter_field(const probespec::Comparison& comparison,
                                      const ProbeSpec& spec, const std::vector<ResolvedArg>& args,
                                      const KernelView& kernel) {
  const std::string& name = comparison.field;
  const ResolvedArg* arg = find_argument(name, spec, args);
  if (spec.mechanism == Mechanism::event) {
    // Recorded or not, the filter reads the event's own record.
    if (auto field = find_event_field(name, spec, arg, kernel)) {
      if (!field->ok()) return std::move(*field).error().at(comparison.field_span);
      return std::move(*field);
    }
  } else if (arg != nullptr) {
    auto field = field_of_argument(*arg, kernel);
    if (!field.ok()) return std::move(field).error().at(comparison.field_span);
    return field;
  }
  if (auto field = field_of_every_event(name, spec, kernel)) return *std::move(field);
  return nothing_named(name, spec, args).at(comparison.field_span);
}

}  // namespace kprobed::resolve
