// SPDX-License-Identifier: Apache-2.0
#include "probespec/check_arg.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/format.h"
#include "base/text.h"
#include "probespec/parse.h"

namespace kprobed::probespec {
namespace {

template <typename... Words>
bool is(const FetchExpr& expr) {
  return (std::holds_alternative<Words>(expr.base) || ...);
}

/// Text by itself, which the kernel gives no address of.
bool is_text_word(const FetchExpr& expr) { return is<Comm, ImmediateText>(expr); }

/// Written as in 2009, where a string type means the text that the value points to.
bool points_by_itself(const FetchBase& base) {
  struct {
    bool operator()(const RegisterWord&) const { return true; }
    bool operator()(const Argument& word) const { return word.spelling_2009; }
    bool operator()(const StackEntry& word) const { return word.spelling_2009; }
    bool operator()(const ReturnValue& word) const { return word.spelling_2009; }
    bool operator()(const Register&) const { return false; }
    bool operator()(const StackAddress&) const { return false; }
    bool operator()(const ReturnAddress&) const { return false; }
    bool operator()(const Comm&) const { return false; }
    bool operator()(const Memory&) const { return false; }
    bool operator()(const SymbolMemory&) const { return false; }
    bool operator()(const Named&) const { return false; }
    bool operator()(const AllArguments&) const { return false; }
    bool operator()(const Immediate&) const { return false; }
    bool operator()(const ImmediateText&) const { return false; }
    bool operator()(const FileMemory&) const { return false; }
  } ask;
  return std::visit(ask, base);
}

/// Where the C type says what it is, and resolving finds out.
bool has_c_type(const FetchExpr& expr) { return is<Named>(expr) || !expr.fields.empty(); }

/// A place in memory rather than a value in a register.
bool is_memory(const FetchExpr& expr) {
  return !expr.derefs.empty() || is<Memory, SymbolMemory, FileMemory>(expr);
}

bool is_number_of_event(BaseType type) {
  return type != BaseType::ustring && type != BaseType::symstr && type != BaseType::dentry_name &&
         type != BaseType::file_name;
}

/// The fields of an event that the kernel has already: names, and what every event can have.
Result<void> check_event_field(const FetchArg& arg, const ArgTokens& tokens) {
  const FetchExpr& expr = arg.expr;
  if (!expr.derefs.empty() || !expr.fields.empty()) {
    return blame(tokens.fetch, ErrorCode::wrong_place,
                 "nothing in an event's record can be followed",
                 "write the names of its fields, or $args for all of them");
  }
  if (!is<Named, AllArguments, Comm>(expr)) {
    std::string hint = "write the names of the event's fields, or $args for all of them";
    if (is_identifier(tokens.word.text())) {
      hint += format("; a field of that name is written ${}", tokens.word.text());
    }
    return blame(
        tokens.word, ErrorCode::wrong_place,
        format("'{}' has no meaning at an event of the kernel's", clipped(tokens.word.text())),
        std::move(hint));
  }
  if (!arg.type) return {};
  const FetchType& type = *arg.type;
  if (type.bits || type.count != 0 || type.text_bytes != 0 || !is_number_of_event(type.base)) {
    return blame(
        tokens.type, ErrorCode::wrong_place,
        format("a field of an event cannot be read as {}", clipped(tokens.type.text())),
        "u8 ... x64, int and its kin, char, bool, ptr, symbol and string show it otherwise");
  }
  return {};
}

/// What a spec begins with instead, so that it stops at the return.
std::string return_form(const ProbeSpec& spec) {
  if (spec.mechanism == Mechanism::fprobe) return "write %return behind the function";
  if (spec.mechanism == Mechanism::probe) return "begin the spec with 'r' instead of 'p'";
  return "a tracepoint is passed, it does not return";
}

Result<void> check_kind(const FetchExpr& expr, const ProbeSpec& spec, const ArgTokens& tokens) {
  const Token& word = tokens.word;
  if (spec.kind == ProbeKind::entry && is<ReturnValue, ReturnAddress>(expr)) {
    return blame(word, ErrorCode::wrong_place,
                 format("'{}' exists only when the function returns", word.text()),
                 return_form(spec));
  }
  const bool in_program = !spec.point.path.empty();
  if (in_program && is<SymbolMemory>(expr)) {
    // kernel/trace/trace_probe.c SYM_ON_UPROBE
    return blame(word, ErrorCode::wrong_place, "a program's probe does not know symbols' memory",
                 "write @+OFFSET, the place in the file, or @ADDR");
  }
  if (!in_program && is<FileMemory>(expr)) {
    // FILE_ON_KPROBE
    return blame(word, ErrorCode::wrong_place, "only a program's probe has a file",
                 "write @ADDR or @SYMBOL; a value's memory is +OFFSET(FETCH)");
  }
  return {};
}

Result<void> check_all_arguments(const FetchArg& arg, const ArgTokens& tokens) {
  if (!arg.name.empty()) {
    return blame(tokens.all.part(0, arg.name.size()), ErrorCode::wrong_place,
                 "several arguments cannot have one name",
                 format("write {} alone", tokens.word.text()));
  }
  if (!arg.type) return {};
  return blame(tokens.type, ErrorCode::wrong_place, "several arguments cannot have one type",
               format("write {} alone, or name each argument", tokens.word.text()));
}

Result<void> check_derefs(const FetchExpr& expr, const ArgTokens& tokens) {
  if (!expr.derefs.empty() && (is_text_word(expr) || is<ReturnAddress, AllArguments>(expr))) {
    return blame(tokens.word, ErrorCode::wrong_place,
                 format("'{}' cannot be dereferenced", clipped(tokens.word.text())),
                 format("write {} alone", clipped(tokens.word.text())));
  }
  // What kernel/trace/trace_probe.c parse_probe_arg spends: one instruction for a value, two for
  // @ADDR, three for @SYMBOL, one for each dereference. What fields take is resolving's business.
  std::size_t steps = 1 + expr.derefs.size();
  if (is<Memory, FileMemory>(expr)) steps += 1;
  if (is<SymbolMemory>(expr)) steps += 2;
  if (steps > kMaxFetchSteps) {
    return blame(tokens.fetch, ErrorCode::too_many,
                 "more nested dereferences than the kernel follows",
                 format("leave out {} of them", steps - kMaxFetchSteps));
  }
  return {};
}

Error not_memory(const ArgTokens& tokens, std::string_view what) {
  const std::string fetch = clipped(tokens.fetch.text());
  return blame(tokens.type, ErrorCode::wrong_place,
               format("'{}' is a value, not {}", fetch, what == "array" ? "an array" : what),
               format("for the {} that it points to write +0({}):{}", what, fetch,
                      clipped(tokens.type.text())));
}

bool is_address_type(const FetchType& type) {
  if (type.bits || type.count != 0) return false;
  switch (type.base) {
    case BaseType::x64:
    case BaseType::u64:
    case BaseType::c_ulong:
    case BaseType::c_ptr:
    case BaseType::symbol:
      return true;
    default:
      return false;
  }
}

/// Words that have one type of their own.
Result<void> check_fixed_type(const FetchArg& arg, const ArgTokens& tokens) {
  const FetchType& type = *arg.type;
  if (is_text_word(arg.expr) && type != FetchType{BaseType::string, {}, 0, 0, type.span}) {
    // NEED_STRING_TYPE
    return blame(tokens.type, ErrorCode::wrong_place,
                 format("'{}' is text", clipped(tokens.word.text())),
                 format("write {0}:string, or {0} alone", clipped(tokens.word.text())));
  }
  if (is<ReturnAddress>(arg.expr) && !is_address_type(type)) {
    return blame(tokens.type, ErrorCode::wrong_place,
                 format("'rp' is an address, it cannot be {}", clipped(tokens.type.text())),
                 "write rp:x64, rp:symbol, or rp alone");
  }
  return {};
}

/// Types of the kernel's own memory and symbols (find_fetch_type, traceprobe_expand_dentry_args).
Result<void> check_program_type(const FetchType& type, const ArgTokens& tokens) {
  if (type.bits) return {};
  const bool of_kernel = type.base == BaseType::symbol || type.base == BaseType::symstr ||
                         type.base == BaseType::dentry_name || type.base == BaseType::file_name;
  if (!of_kernel) return {};
  return blame(tokens.type, ErrorCode::wrong_place,
               format("'{}' is about the kernel, not about a program", clipped(tokens.type.text())),
               "show the address as x64");
}

Result<void> check_type(const FetchArg& arg, const ProbeSpec& spec, const ArgTokens& tokens) {
  if (!arg.type) return {};
  KPROBED_TRY_VOID(check_fixed_type(arg, tokens));
  const FetchExpr& expr = arg.expr;
  const FetchType& type = *arg.type;
  if (!spec.point.path.empty()) KPROBED_TRY_VOID(check_program_type(type, tokens));
  if (is_text_word(expr) || has_c_type(expr)) return {};

  const bool text = !type.bits && is_text(type.base);
  if (type.count != 0 && !is_memory(expr)) {
    // A register's array is refused with BAD_STRING (finalize_fetch_insn).
    return not_memory(tokens, "array");
  }
  if (type.count != 0 && !text && !expr.derefs.empty() && expr.derefs.back().user) {
    // finalize_fetch_insn loops over ST_MEM, not over ST_UMEM
    return blame(tokens.type, ErrorCode::wrong_place,
                 "the kernel fetches no arrays of numbers from a program's memory",
                 format("fetch the elements one by one, or write +{} instead of +u{}",
                        expr.derefs.back().offset, expr.derefs.back().offset));
  }
  if (text && !is_memory(expr) && !is<Immediate>(expr) && !points_by_itself(expr.base)) {
    return not_memory(tokens, "text");
  }
  const bool symstr = !type.bits && type.base == BaseType::symstr;
  if (symstr && ((expr.derefs.empty() && is<StackAddress, Immediate>(expr)) ||
                 (!expr.derefs.empty() && expr.derefs.back().user))) {
    return blame(tokens.type, ErrorCode::wrong_place,
                 "the kernel gives 'symstr' for registers, arguments and its own memory only",
                 format("write {}:symbol", clipped(tokens.fetch.text())));
  }
  return {};
}

/// Is the kernel given this text as it is written?
bool is_kernels(const FetchArg& arg) {
  const FetchExpr& expr = arg.expr;
  if (!expr.fields.empty() || points_by_itself(expr.base)) return false;
  if (is<Named, AllArguments, ReturnAddress>(expr)) return false;
  if (const auto* const memory = std::get_if<Memory>(&expr.base)) {
    if (memory->spelling_2009) return false;
  }
  if (!arg.type) return true;
  if (arg.type->text_bytes != 0) return false;
  return arg.type->bits || (arg.type->base < BaseType::c_int);
}

Result<void> check_length(const FetchArg& arg, const ArgTokens& tokens) {
  // Printing makes addresses hexadecimal; what is printed must be readable again.
  const std::size_t name = tokens.all.size() - tokens.body.size();
  const std::size_t bytes = std::max(tokens.body.size(), print(arg).size() - name);
  const bool kernels = is_kernels(arg);
  const std::size_t most = kernels ? kMaxArgExprBytes : kMaxOwnExprBytes;
  if (bytes <= most) return {};
  return blame(tokens.body, ErrorCode::too_long,
               format("the fetcharg has {} bytes, {} {}", bytes,
                      kernels ? "the kernel takes" : "at most", most),
               "follow fewer pointers, or write offsets without leading zeros");
}

}  // namespace

Result<void> check_arg(const FetchArg& arg, const ProbeSpec& spec, const ArgTokens& tokens) {
  KPROBED_TRY_VOID(check_length(arg, tokens));
  if (spec.mechanism == Mechanism::event) KPROBED_TRY_VOID(check_event_field(arg, tokens));
  KPROBED_TRY_VOID(check_kind(arg.expr, spec, tokens));
  KPROBED_TRY_VOID(check_derefs(arg.expr, tokens));
  if (is<AllArguments>(arg.expr)) return check_all_arguments(arg, tokens);
  return check_type(arg, spec, tokens);
}

}  // namespace kprobed::probespec
