// SPDX-License-Identifier: Apache-2.0
#include "resolve/argument_fetch.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "resolve/argument_layout.h"
#include "resolve/signature.h"

namespace kprobed::resolve {

/// Word `n` of a function's arguments.
Result<BaseFetch> ArgumentFetcher::at(unsigned n, Asked asked) {
  switch (place_.source) {
    case EventSource::uprobe:
      return of_program(n, asked);
    case EventSource::dynamic:
      if (on_return()) return of_return(n);
      return of_kernel(n, "");
    case EventSource::kprobe:
    case EventSource::existing:
      break;
  }
  if (on_return()) return of_return(n);
  switch (asked) {
    case Asked::word_2009:
      return in_register(n);
    case Asked::dollar_word:
      return dollar_word(n);
    case Asked::name:
      if (!place_.at_entry) return only_at_entry(n, "a parameter's name");
      return in_register(n);
  }
  return Error(ErrorCode::internal, "an argument asked for in no way");
}

/// Always from registers, never $argN: this works at any place, in modules that are not loaded
/// yet, and on kernels without $argN (KERNEL-FACTS 0.2, 0.4, 0.10).
Result<BaseFetch> ArgumentFetcher::in_register(unsigned n) {
  const ArgumentWords found = words_of_argument(n, context_, signatures_);
  if (found.assumed) note_assumed(n);
  const bool program = place_.source == EventSource::uprobe;
  const unsigned in_registers = arch::register_arguments(abi_, program);
  const unsigned last = found.word + found.words - 1;
  if (last > in_registers) {
    KPROBED_TRY_VOID(check_stack_entry(abi_.first_stack_argument + (last - 1 - in_registers)));
  }
  const std::string fetch = word_of_call(found.word);
  if (!place_.at_entry) note_not_at_entry(n, fetch);
  BaseFetch base = word_fetch(fetch, format("argument {}", n));
  base.wide = found.words == 2 && abi_.word_bytes < 8;
  if (found.word > in_registers) {
    base.where = format(", on the stack ({})", fetch);
    if (base.wide) as_memory_of_stack(base, found.word - 1 - in_registers);
    return base;
  }
  base.where = ", in register " + fetch.substr(1);
  if (base.wide) {
    // A structure may begin in the last register and end on the stack (AAPCS32 C.5).
    base.second = word_of_call(last);
    base.where =
        last <= in_registers
            ? format(", in registers {} and {}", fetch.substr(1), base.second.substr(1))
            : format(", in register {} and on the stack ({})", fetch.substr(1), base.second);
  }
  return base;
}

std::string ArgumentFetcher::word_of_call(unsigned word) const {
  return place_.source == EventSource::uprobe ? arch::program_argument_fetch(abi_, word)
                                              : arch::argument_fetch(abi_, word);
}

/// Two words of the stack side by side are one number in memory.
void ArgumentFetcher::as_memory_of_stack(BaseFetch& base, unsigned nth) const {
  base.at.base = "$stack";
  base.at.in_memory = true;
  base.at.offset = std::int64_t{abi_.first_stack_argument + nth} * abi_.word_bytes;
}

Result<BaseFetch> ArgumentFetcher::dollar_word(unsigned n) {
  const KernelFeatures& features = context_.kernel.features();
  if (features.known && !features.argument_words) return in_register(n);
  if (!place_.at_entry) return only_at_entry(n, format("$arg{}", n));
  // In modules registers always: parse_probe_vars (trace_probe.c) refuses $argN while the module is
  // not loaded, since then the entry is not known, and a line that changes with every load would
  // lose what the module's init function calls.
  if (!place_.module.empty()) return in_register(n);
  // The kernel knows only the very entry for one; it counts words and not arguments where those
  // differ; and regs_get_kernel_argument() of some machines gives 0 for what is on the stack.
  if (place_.entry_shift != 0 || abi_.word_bytes < 8 || n > arch::register_arguments(abi_, false)) {
    return in_register(n);
  }
  return of_kernel(n, "");
}

/// $argN, where nothing but the kernel can get at it: its words are ours.
Result<BaseFetch> ArgumentFetcher::of_kernel(unsigned n, std::string where) {
  const ArgumentWords found = words_of_argument(n, context_, signatures_);
  if (found.words > 1 && abi_.word_bytes < 8) {
    return Error(ErrorCode::unsupported,
                 format("argument {} has 64 bits, of which the kernel gives one half here", n));
  }
  if (found.assumed) note_assumed(n);
  if (abi_.kernel_arguments_in_registers && found.word > arch::register_arguments(abi_, false)) {
    return Error(ErrorCode::unsupported,
                 format("argument {} is passed on the stack, and $argN of this machine's kernels "
                        "reaches the registers only",
                        n))
        .with_hint(format("record it with a probe at the entry: 'p {} a{}'", place_.symbol, n));
  }
  return word_fetch(format("$arg{}", found.word), format("argument {}", n), std::move(where));
}

Error ArgumentFetcher::only_at_entry(unsigned n, std::string_view what) const {
  return Error(ErrorCode::wrong_place,
               format("{} is only for function entries, and this is {}", what, place_.text()))
      .with_hint(format("a{} takes the register as it is there", n));
}

Result<BaseFetch> ArgumentFetcher::of_return(unsigned n) {
  const KernelFeatures& features = context_.kernel.features();
  if (features.known && !features.return_arguments) {
    return Error(ErrorCode::unsupported,
                 "the arguments are gone when the function returns, and this kernel does not "
                 "keep them (Linux 6.9 does)")
        .with_hint(format("record them with a probe at the entry: 'p {} a{}'", place_.symbol, n));
  }
  if (place_.deferred) {
    return Error(ErrorCode::wrong_place,
                 format("arguments on a return probe need module '{}' to be loaded", place_.module))
        .with_hint(format("record them with a probe at the entry: 'p {}:{} a{}'", place_.module,
                          place_.symbol, n));
  }
  return of_kernel(n, ", kept from the entry");
}

/// The kernel has no $argN for programs, but their calls pass arguments as its own do.
Result<BaseFetch> ArgumentFetcher::of_program(unsigned n, Asked asked) {
  if (on_return()) {
    return Error(ErrorCode::unsupported,
                 "the arguments are gone when the function returns, and the kernel keeps none of "
                 "a program's")
        .with_hint(format("record them with a probe at the entry: 'p {}:{} a{}'", place_.path,
                          place_.symbol, n));
  }
  if (place_.word_bytes < abi_.word_bytes) {
    return Error(ErrorCode::unsupported,
                 format("this is a {}-bit program, which passes its arguments in its own way",
                        place_.word_bytes * 8))
        .with_hint("read its stack, as in +4($stack):u32, or name a register");
  }
  if (asked == Asked::dollar_word && !place_.at_entry) {
    return only_at_entry(n, format("$arg{}", n));
  }
  return in_register(n);
}

/// Argument `n` of a system call, out of the pt_regs that its wrapper's only argument points to
/// (arch/x86/include/asm/syscall_wrapper.h).
Result<BaseFetch> ArgumentFetcher::of_call(unsigned n, Asked asked) {
  const auto offset = arch::syscall_argument_offset(abi_, n);
  if (!offset) {
    return Error(ErrorCode::bad_number, format("a system call has no argument {}", n))
        .with_hint(format("they go from 1 to {}", abi_.syscall_registers.size()));
  }
  KPROBED_TRY(BaseFetch base, at(1, asked));
  base.wide = false;  // whatever the call's own first argument is, this one is a pointer
  base.second.clear();
  base.at.in_memory = base.at.word_slot = true;
  base.at.offset = *offset;
  base.at.user = abi_.overlapping_address_spaces;  // elsewhere the kernel finds out by itself
  base.what = format("argument {} of the call", n);
  const std::string_view name = abi_.syscall_registers[n - 1];
  base.where = format(", from the caller's {}",
                      name.empty() ? std::string("orig_gpr2") : format("register {}", name));
  return base;
}

void ArgumentFetcher::note_once(std::string_view code, std::string message, std::string hint) {
  const auto same = [code](const Remark& remark) { return remark.code == code; };
  if (std::ranges::any_of(remarks_, same)) return;
  remarks_.push_back({std::string(code), std::move(message), std::move(hint), span_});
}

void ArgumentFetcher::note_assumed(unsigned n) {
  note_once(
      "one_word_each",
      format("for a{} the arguments before it are taken to be one word each: {} passes one of "
             "64 bits in two",
             n, abi_.name),
      "if one of them has 64 bits, record it with its type, as in a1:u64");
}

/// The 2009 documentation's own caveat.
void ArgumentFetcher::note_not_at_entry(unsigned n, std::string_view fetch) {
  note_once("not_at_entry",
            format("a{} is {} as it stands at {}, which need not be the argument any more", n,
                   fetch, place_.text()),
            "arguments are sure only at a function's first instruction");
}

}  // namespace kprobed::resolve
