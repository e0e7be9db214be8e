// SPDX-License-Identifier: Apache-2.0
#include "resolve/fetch_base.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "probespec/suggest.h"
#include "resolve/symbol_choice.h"

namespace kprobed::resolve {

namespace {

using probespec::ProbeKind;

/// A register's name that was probably meant: x86's 64-bit and 32-bit names without their first
/// letter (%rax and %eax are %ax), otherwise the nearest spelling. "" if none is near.
std::string meant_register(const arch::ArchAbi& abi, std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (arch::has_register(abi, lower)) return lower;
  if (lower.size() > 1 && (lower[0] == 'r' || lower[0] == 'e') &&
      arch::has_register(abi, std::string_view(lower).substr(1))) {
    return lower.substr(1);
  }
  std::vector<std::string_view> named;
  std::ranges::copy_if(abi.registers, std::back_inserter(named),
                       [](std::string_view known) { return !known.empty(); });
  return std::string(probespec::nearest(lower, named));
}

class Translator {
 public:
  Translator(const FetchContext& context, const Span& span, std::vector<Remark>& remarks)
      : kernel_(context.kernel),
        abi_(context.kernel.abi()),
        kind_(context.kind),
        place_(context.place),
        span_(span),
        remarks_(remarks) {}

  Result<BaseFetch> operator()(const probespec::Register& reg) const {
    if (!arch::has_register(abi_, reg.name)) return no_such_register(reg.name);
    return BaseFetch{"%" + reg.name, "register " + reg.name, ""};
  }

  Result<BaseFetch> operator()(const probespec::RegisterWord& word) const {
    if (word.n >= abi_.registers.size()) {
      return Error(ErrorCode::unknown_register, format("{} has no register r{}", abi_.name, word.n))
          .with_hint(
              format("r0 to r{} are the words of its struct pt_regs", abi_.registers.size() - 1));
    }
    const std::string_view name = abi_.registers[word.n];
    if (name.empty()) {
      return Error(ErrorCode::unknown_register,
                   format("r{} of {} has no name in kprobe_events, so it cannot be recorded",
                          word.n, abi_.name));
    }
    return BaseFetch{format("%{}", name), format("register {}", name), ""};
  }

  Result<BaseFetch> operator()(const probespec::Argument& argument) {
    if (kind_ == ProbeKind::on_return) return argument_of_return(argument.n);
    if (argument.spelling_2009) return argument_in_register(argument.n);
    return argument_word(argument.n);
  }

  Result<BaseFetch> operator()(const probespec::StackEntry& entry) const {
    KPROBED_TRY_VOID(check_stack_entry(entry.n));
    return BaseFetch{format("$stack{}", entry.n), format("word {} of the stack", entry.n), ""};
  }

  Result<BaseFetch> operator()(const probespec::StackAddress&) const {
    return BaseFetch{"$stack", "address of the stack", ""};
  }

  Result<BaseFetch> operator()(const probespec::ReturnValue&) const {
    return BaseFetch{"$retval", "return value", format(", in register {}", abi_.return_register)};
  }

  Result<BaseFetch> operator()(const probespec::ReturnAddress&) const {
    return BaseFetch{"", "return address of the call", ""};
  }

  Result<BaseFetch> operator()(const probespec::Comm&) const {
    return BaseFetch{"$comm", "name of the task", ""};
  }

  Result<BaseFetch> operator()(const probespec::Memory& memory) const {
    return BaseFetch{"@" + hex(memory.address), "memory at " + hex(memory.address), ""};
  }

  Result<BaseFetch> operator()(const probespec::SymbolMemory& memory) const {
    if (knows_symbols(kernel_) && kernel_.find(memory.symbol, "").empty()) {
      return not_found_error(memory.symbol, "", kernel_);
    }
    const std::string place =
        memory.offset == 0 ? memory.symbol : format("{}{:+}", memory.symbol, memory.offset);
    return BaseFetch{"@" + place, "memory at " + place, ""};
  }

 private:
  Error no_such_register(std::string_view name) const {
    Error error(ErrorCode::unknown_register, format("{} has no register '%{}'", abi_.name, name));
    const std::string meant = meant_register(abi_, name);
    if (meant.empty()) {
      std::string all;
      for (const std::string_view known : abi_.registers) {
        if (!known.empty()) all += format("{}%{}", all.empty() ? "" : " ", known);
      }
      error.hint = "kprobe_events knows " + all;
    } else {
      error.hint = format("kprobe_events calls it %{}", meant);
    }
    return error;
  }

  Result<void> check_stack_entry(unsigned n) const {
    // The kernel's own check is "> PARAM_MAX_STACK", one more than there can be.
    if (n <= kMaxStackEntry) return {};
    return Error(ErrorCode::bad_number, format("a kernel stack has no word {}", n))
        .with_hint(format("stack words go from 0 to {}", kMaxStackEntry));
  }

  /// Always from registers, never $argN: this works at any place, in modules that are not loaded
  /// yet, and on kernels without $argN (KERNEL-FACTS 0.2, 0.4, 0.10).
  Result<BaseFetch> argument_in_register(unsigned n) {
    const auto in_registers = static_cast<unsigned>(abi_.argument_registers.size());
    const bool in_register = n <= in_registers;
    if (!in_register) {
      KPROBED_TRY_VOID(check_stack_entry(abi_.first_stack_argument + (n - 1 - in_registers)));
    }
    BaseFetch base{arch::argument_fetch(abi_, n), format("argument {}", n), ""};
    base.where = in_register ? ", in register " + base.fetch.substr(1)
                             : format(", on the stack ({})", base.fetch);
    if (!place_.at_entry) note_not_at_entry(n, base);
    return base;
  }

  Result<BaseFetch> argument_word(unsigned n) {
    const KernelFeatures& features = kernel_.features();
    if (features.known && !features.argument_words) return argument_in_register(n);
    // trace_probe.c parse_probe_vars: $argN needs TPARG_FL_FENTRY, which a module that is not
    // loaded cannot have, since its entry is not known yet.
    if (place_.deferred) {
      return Error(ErrorCode::wrong_place,
                   format("$arg{} needs module '{}' to be loaded", n, place_.module))
          .with_hint(format("write a{}, which takes it from where the call passes it", n));
    }
    if (!place_.at_entry) {
      return Error(ErrorCode::wrong_place,
                   format("$arg{} is only for function entries, and this is {}", n, place_.text()))
          .with_hint(format("a{} takes the register as it is there", n));
    }
    return BaseFetch{format("$arg{}", n), format("argument {}", n), ""};
  }

  Result<BaseFetch> argument_of_return(unsigned n) const {
    const KernelFeatures& features = kernel_.features();
    if (features.known && !features.return_arguments) {
      return Error(ErrorCode::unsupported,
                   "the arguments are gone when the function returns, and this kernel does not "
                   "keep them (Linux 6.9 does)")
          .with_hint(format("record them with a probe at the entry: 'p {} a{}'", place_.symbol, n));
    }
    if (place_.deferred) {
      return Error(
                 ErrorCode::wrong_place,
                 format("arguments on a return probe need module '{}' to be loaded", place_.module))
          .with_hint(format("record them with a probe at the entry: 'p {}:{} a{}'", place_.module,
                            place_.symbol, n));
    }
    return BaseFetch{format("$arg{}", n), format("argument {}", n), ", kept from the entry"};
  }

  /// Once per probe: the 2009 documentation's own caveat.
  void note_not_at_entry(unsigned n, const BaseFetch& base) {
    const auto same = [](const Remark& remark) { return remark.code == "not_at_entry"; };
    if (std::ranges::any_of(remarks_, same)) return;
    remarks_.push_back({"not_at_entry",
                        format("a{} is {} as it stands at {}, which need not be the argument any "
                               "more",
                               n, base.fetch, place_.text()),
                        "arguments are sure only at a function's first instruction", span_});
  }

  const KernelView& kernel_;
  const arch::ArchAbi& abi_;
  ProbeKind kind_;
  const Place& place_;
  const Span& span_;
  std::vector<Remark>& remarks_;
};

}  // namespace

Result<BaseFetch> translate_base(const probespec::FetchExpr& expr, const FetchContext& context,
                                 std::vector<Remark>& remarks) {
  const Span& span = expr.base_span.known() ? expr.base_span : expr.span;
  auto base = std::visit(Translator(context, span, remarks), expr.base);
  if (!base.ok()) return std::move(base).error().at(span);
  return base;
}

}  // namespace kprobed::resolve
