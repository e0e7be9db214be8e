// SPDX-License-Identifier: Apache-2.0
#include "resolve/fetch_base.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "probespec/suggest.h"
#include "resolve/argument_fetch.h"
#include "resolve/signature.h"
#include "resolve/symbol_choice.h"

namespace kprobed::resolve {

namespace {

using probespec::ProbeKind;

/// Instructions of the kernel's fetch that a word takes (parse_probe_arg): `@ADDR` loads the
/// address and reads, `@SYM` keeps the symbol besides.
constexpr unsigned kStepsOfAddress = 2, kStepsOfSymbol = 3;

BaseFetch memory_fetch(std::string place, unsigned steps) {
  BaseFetch base = word_fetch("@" + place, "memory at " + place);
  base.at.steps = steps;
  base.at.in_memory = base.at.at_sign = true;
  return base;
}

/// Does the kernel give every CPU its own of what lies there (include/asm-generic/vmlinux.lds.h,
/// PERCPU_SECTION)?
bool is_per_cpu(const Symbol& symbol, const KernelView& kernel) {
  const auto begin = kernel.find("__per_cpu_start", "");
  const auto end = kernel.find("__per_cpu_end", "");
  return symbol.module.empty() && begin.size() == 1 && end.size() == 1 &&
         symbol.address >= begin[0].address && symbol.address < end[0].address;
}

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
  Translator(const FetchContext& context, const SignatureCache& signatures, const Span& span,
             std::vector<Remark>& remarks)
      : kernel_(context.kernel),
        abi_(context.kernel.abi()),
        kind_(context.spec.kind),
        place_(context.place),
        signatures_(signatures),
        arguments_(context, signatures, span, remarks) {}

  Result<BaseFetch> operator()(const probespec::Register& reg) const {
    if (!arch::has_register(abi_, reg.name)) return no_such_register(reg.name);
    KPROBED_TRY_VOID(check_has_registers());
    return word_fetch("%" + reg.name, "register " + reg.name);
  }

  Result<BaseFetch> operator()(const probespec::RegisterWord& word) const {
    if (word.n >= abi_.registers.size()) {
      return Error(ErrorCode::unknown_register, format("{} has no register r{}", abi_.name, word.n))
          .with_hint(
              format("r0 to r{} are the words of its struct pt_regs", abi_.registers.size() - 1));
    }
    const std::string_view name = abi_.registers[word.n];
    if (name.empty()) return nameless_word(word.n);
    KPROBED_TRY_VOID(check_has_registers());
    return word_fetch(format("%{}", name), format("register {}", name));
  }

  Result<BaseFetch> operator()(const probespec::Argument& argument) {
    return arguments_.fetch(argument.n,
                            argument.spelling_2009 ? Asked::word_2009 : Asked::dollar_word);
  }

  Result<BaseFetch> operator()(const probespec::StackEntry& entry) const {
    KPROBED_TRY_VOID(check_stack_entry(entry.n));
    BaseFetch base =
        word_fetch(format("$stack{}", entry.n), format("word {} of the stack", entry.n));
    if (is_narrow_program()) {
      // get_user_stack_nth, kernel/trace/trace_uprobe.c, counts in the kernel's own words.
      base.at.base = "$stack";
      base.at.in_memory = true;
      base.at.offset = std::int64_t{entry.n} * place_.word_bytes;
    }
    return base;
  }

  Result<BaseFetch> operator()(const probespec::StackAddress&) const {
    return word_fetch("$stack", "address of the stack");
  }

  Result<BaseFetch> operator()(const probespec::ReturnValue&) const {
    const bool by_register = abi_.negates_results && place_.source != EventSource::dynamic;
    BaseFetch base =
        word_fetch(by_register ? format("%{}", abi_.return_register) : std::string("$retval"),
                   "return value", format(", in register {}", abi_.return_register));
    if (abi_.word_bytes < 8 && place_.source != EventSource::dynamic) add_upper_half(base);
    return base;
  }

  Result<BaseFetch> operator()(const probespec::ReturnAddress&) const {
    return word_fetch("", "return address of the call");
  }

  Result<BaseFetch> operator()(const probespec::Comm&) const {
    return word_fetch("$comm", "name of the task");
  }

  Result<BaseFetch> operator()(const probespec::Memory& memory) const {
    return memory_fetch(hex(memory.address), kStepsOfAddress);
  }

  Result<BaseFetch> operator()(const probespec::SymbolMemory& memory) const {
    const std::vector<Symbol> found = kernel_.find(memory.symbol, "");
    if (found.empty() && knows_symbols(kernel_)) {
      return not_found_error(memory.symbol, "", kernel_);
    }
    if (!found.empty() && is_per_cpu(found.front(), kernel_)) {
      return Error(ErrorCode::unsupported,
                   format("'{}' is a per-CPU variable: its address differs on each CPU",
                          memory.symbol))
          .with_hint("read it through a pointer that the function has in a register");
    }
    return memory_fetch(
        memory.offset == 0 ? memory.symbol : format("{}{:+}", memory.symbol, memory.offset),
        kStepsOfSymbol);
  }

  Result<BaseFetch> operator()(const probespec::FileMemory& memory) const {
    // translate_user_vaddr, kernel/trace/trace_uprobe.c: counted from where the probed instruction
    // is loaded. Said with its register, since 6.12 adds the offset of "@+OFFSET" twice (seen). At
    // a return the register tells another address.
    const std::int64_t distance =
        static_cast<std::int64_t>(memory.offset) - static_cast<std::int64_t>(place_.file_offset);
    const bool near = distance == static_cast<std::int32_t>(distance);
    const bool by_register = kind_ == ProbeKind::entry && near && memory.offset <= INT64_MAX &&
                             !abi_.instruction_register.empty();
    if (!by_register) {
      return Error(ErrorCode::unsupported,
                   "memory of the probed file can be recorded only at an entry on this machine: "
                   "kernels read another place at a return")
          .with_hint("record it with a probe at the entry: 'p PATH:SYMBOL @+OFFSET'");
    }
    BaseFetch base = word_fetch(format("%{}", abi_.instruction_register), "");
    base.at.follow(distance);
    base.what = format("memory at {} of the file", hex(memory.offset));
    return base;
  }

  Result<BaseFetch> operator()(const probespec::Immediate& number) const {
    const std::string text = format("{}{}", number.negative ? "-" : "", number.magnitude);
    return word_fetch("\\" + text, "the number " + text);
  }

  Result<BaseFetch> operator()(const probespec::ImmediateText& text) const {
    if (place_.source == EventSource::uprobe) {
      // fetch_store_string, kernel/trace/trace_uprobe.c, takes any text for the program's memory.
      return Error(ErrorCode::unsupported,
                   "a constant text cannot be recorded in a program: kernels look for it in the "
                   "program's memory")
          .with_hint("name the probe instead: p:NAME PATH:SYMBOL");
    }
    return word_fetch(format("\\\"{}\"", text.text), format("the text \"{}\"", text.text));
  }

  Result<BaseFetch> operator()(const probespec::Named& named) {
    if (!signatures_.get().ok()) return Error(signatures_.get().error());
    const Signature& signature = *signatures_.get();
    const Parameter* parameter = signature.find(named.name);
    if (parameter == nullptr) return no_such_parameter(named, signature);
    if (parameter->word == 0) return why_unplaced(*parameter);
    const auto nth = static_cast<unsigned>(parameter - signature.parameters.data()) + 1;
    // Where words have 64 bits the kernel and we count words, else arguments.
    const unsigned n = abi_.word_bytes < 8 ? nth : parameter->word;
    KPROBED_TRY(BaseFetch base, arguments_.fetch(n, Asked::name));
    if (parameter->by_reference) base.at.follow(0);
    base.what = format("parameter {} '{}' ({})", nth, named.name, parameter->type.info.c_name);
    base.type = parameter->type;
    base.text = parameter->text;
    base.at.user = signature.user;
    return base;
  }

  Result<BaseFetch> operator()(const probespec::AllArguments&) const {
    // Each parameter is asked for by its name.
    return Error(ErrorCode::internal, "$args stands for several values");
  }

 private:
  /// Named as the kernel's source has it: the user wants to know what he cannot have.
  Error nameless_word(unsigned n) const {
    const auto known = std::ranges::find(abi_.unnamed_words, n, &arch::RegisterAlias::word);
    const std::string what =
        known == abi_.unnamed_words.end() ? std::string() : format(" ({})", known->name);
    return Error(ErrorCode::unknown_register,
                 format("r{}{} of {} has no name in kprobe_events, so it cannot be recorded", n,
                        what, abi_.name));
  }

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

  /// A result may have 64 bits. What the prototype says decides; without one, the written type.
  void add_upper_half(BaseFetch& base) const {
    if (abi_.high_return_register.empty()) return;
    const bool known = place_.source != EventSource::uprobe && signatures_.get().ok() &&
                       signatures_.get()->returns;
    if (known && signatures_.get()->returns->info.bytes <= abi_.word_bytes) return;
    base.wide = known;
    base.second = format("%{}", abi_.high_return_register);
  }

  /// A program of 32 bits under a kernel of 64.
  bool is_narrow_program() const {
    return place_.source == EventSource::uprobe && place_.word_bytes < abi_.word_bytes;
  }

  /// parse_probe_arg, kernel/trace/trace_probe.c: not in fprobe and tracepoint probes.
  Result<void> check_has_registers() const {
    if (place_.source != EventSource::dynamic) return {};
    return Error(ErrorCode::wrong_place, "probes of kind f and t do not see registers")
        .with_hint("write $arg1, $arg2, ... for the arguments; or p in place of f");
  }

  Error no_such_parameter(const probespec::Named& named, const Signature& signature) const {
    Error error(ErrorCode::not_found,
                format("'{}' is no parameter of {}", named.name, text(signature)));
    std::vector<std::string_view> names;
    for (const Parameter& parameter : signature.parameters) names.push_back(parameter.name);
    std::string meant(probespec::nearest(named.name, names));
    if (meant.empty()) {
      meant = probespec::suggest_word(named.dollar ? "$" + named.name : named.name);
    }
    if (!meant.empty()) error.hint = format("did you mean '{}'?", meant);
    return error;
  }

  const KernelView& kernel_;
  const arch::ArchAbi& abi_;
  ProbeKind kind_;
  const Place& place_;
  const SignatureCache& signatures_;
  ArgumentFetcher arguments_;
};

}  // namespace

BaseFetch word_fetch(std::string fetch, std::string what, std::string where) {
  BaseFetch base;
  base.at.base = std::move(fetch);
  base.what = std::move(what);
  base.where = std::move(where);
  return base;
}

Result<void> check_stack_entry(unsigned n) {
  // The kernel's own check is "> PARAM_MAX_STACK", one more than there can be.
  if (n <= kMaxStackEntry) return {};
  return Error(ErrorCode::bad_number, format("a kernel stack has no word {}", n))
      .with_hint(format("stack words go from 0 to {}", kMaxStackEntry));
}

TypeRules type_rules(const FetchContext& context) {
  const arch::ArchAbi& abi = context.kernel.abi();
  const bool program = context.place.source == EventSource::uprobe;
  return {.word_bytes = program ? context.place.word_bytes : abi.word_bytes,
          .user_program = program,
          .overlapping = abi.overlapping_address_spaces,
          .features = context.kernel.features()};
}

Result<BaseFetch> translate_base(const probespec::FetchExpr& expr, const FetchContext& context,
                                 const SignatureCache& signatures, std::vector<Remark>& remarks) {
  const Span& span = expr.base_span.known() ? expr.base_span : expr.span;
  auto base = std::visit(Translator(context, signatures, span, remarks), expr.base);
  if (!base.ok()) return std::move(base).error().at(span);
  return base;
}

}  // namespace kprobed::resolve
