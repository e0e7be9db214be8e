// SPDX-License-Identifier: Apache-2.0
#include "resolve/signature.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/format.h"
#include "resolve/syscalls.h"

namespace kprobed::resolve {

namespace {

constexpr std::string_view kPositionalHint =
    "write a1, a2, ... for the arguments by position, as in 'a2:string'";

/// The functions that a tracepoint's arguments pass through: kernel/trace/trace_fprobe.c probes the
/// first (6.5, include/linux/tracepoint.h); older BTF has the second (5.10). Their own first
/// parameter is `void *__data`.
constexpr std::string_view kTracepointFunctions[] = {"__probestub_", "__traceiter_"};

struct Found {
  FunctionType type;
  std::string name;   ///< as people call it
  unsigned skip = 0;  ///< parameters that are none of it
};

Error no_prototype(std::string_view subject, std::string_view why) {
  return Error(ErrorCode::unsupported,
               format("the parameters of {} are not known: {}", subject, why))
      .with_hint(std::string(kPositionalHint));
}

Result<Found> find_function(const FetchContext& context, const TypeView& types) {
  const Place& place = context.place;
  if (context.spec.mechanism == probespec::Mechanism::tracepoint) {
    const std::string& name = context.spec.point.symbol;
    for (const std::string_view prefix : kTracepointFunctions) {
      auto type = types.function(std::string(prefix) + name, place.module);
      if (type && !type->parameters.empty()) return Found{std::move(*type), name, 1};
    }
    return no_prototype(format("tracepoint '{}'", name), "BTF does not have it")
        .with_hint("write $arg1, $arg2, ... for the arguments by position");
  }
  const std::string subject = format("'{}'", place.symbol);
  if (place.symbol.empty()) return no_prototype("this place", "it lies in no known function");
  if (auto type = types.function(place.symbol, place.module)) {
    return Found{std::move(*type), place.symbol, 0};
  }
  if (place.symbol.find('.') != std::string::npos) {
    return no_prototype(subject,
                        "it is what a compiler has made of a function, and its arguments "
                        "may have moved");
  }
  return no_prototype(subject, "BTF has no prototype of it, or several");
}

bool takes_words(const Parameter& parameter) {
  return parameter.type.info.kind != TypeKind::floating;
}

/// Structures nest a few deep in the kernel; BTF of a damaged file could do so for ever.
constexpr unsigned kMaxNesting = 16;

/// In bytes, as BTF does not tell it: of a structure the largest of its members'.
std::uint32_t alignment_of(const CType& type, unsigned nesting = 0) {
  if (type.view == nullptr || nesting > kMaxNesting) return type.info.bytes;
  if (type.info.kind == TypeKind::array) return alignment_of(type.target(), nesting + 1);
  if (!type.is_structure()) return type.info.bytes;
  std::uint32_t most = 1;
  for (const TypeMember& member : type.view->members(type.id)) {
    most = std::max(most, alignment_of(CType::of(*type.view, member.type), nesting + 1));
  }
  return most;
}

/// Then its address comes as a first argument that nobody wrote (ABI documents).
bool returns_by_argument(const Signature& signature, const arch::ArchAbi& abi) {
  return signature.returns && signature.returns->is_structure() &&
         signature.returns->info.bytes > abi.most_result_bytes && abi.result_address_is_argument;
}

Result<Signature> function_signature(const FetchContext& context) {
  auto types = context.kernel.types(context.place.module);
  if (!types.ok()) {
    return no_prototype(
        format("'{}'", context.spec.point.symbol.empty() ? context.place.symbol
                                                         : context.spec.point.symbol),
        describe(types.error()));
  }
  KPROBED_TRY(const Found found, find_function(context, **types));
  Signature signature;
  signature.function = found.name;
  if (found.type.returns.id != 0) signature.returns = CType::of(**types, found.type.returns);
  const arch::ArchAbi& abi = context.kernel.abi();
  std::vector<Parameter>& parameters = signature.parameters;
  const bool hidden = returns_by_argument(signature, abi);
  if (hidden) {
    parameters.emplace_back();
    parameters.back().type.info.bytes = abi.word_bytes;
  }
  for (const FunctionParameter& parameter : found.type.parameters) {
    Parameter known{.name = parameter.name, .type = CType::of(**types, parameter.type)};
    if (known.type.is_pointer()) known.text = known.type.target().info.is_char;
    parameters.push_back(std::move(known));
  }
  place_parameters(parameters, found.type.variadic, abi);
  if (hidden) parameters.erase(parameters.begin());
  for (Parameter& parameter : parameters) {
    if (parameter.word != 0) parameter.word -= found.skip;
  }
  signature.parameters.erase(signature.parameters.begin(),
                             signature.parameters.begin() + found.skip);
  return signature;
}

}  // namespace

const Parameter* Signature::find(std::string_view name) const {
  const auto found = std::ranges::find(parameters, name, &Parameter::name);
  return name.empty() || found == parameters.end() ? nullptr : &*found;
}

const Parameter* Signature::at_word(unsigned word) const {
  const auto found = std::ranges::find(parameters, word, &Parameter::word);
  return word == 0 || found == parameters.end() ? nullptr : &*found;
}

std::string text(const Signature& signature) {
  std::string parameters;
  for (const Parameter& parameter : signature.parameters) {
    if (!parameters.empty()) parameters += ", ";
    parameters += parameter.name.empty()
                      ? parameter.type.info.c_name
                      : format("{}: {}", parameter.name, parameter.type.info.c_name);
  }
  return format("{}({})", signature.function, parameters);
}

Error why_unplaced(const Parameter& parameter) {
  if (parameter.type.info.kind == TypeKind::floating) {
    return Error(ErrorCode::unsupported,
                 format("'{}' is {}: floating point has registers that no probe sees",
                        parameter.name, parameter.type.info.c_name));
  }
  return Error(ErrorCode::unsupported, format("'{}' is {}, which is empty: nothing of it is passed",
                                              parameter.name, parameter.type.info.c_name));
}

void place_parameters(std::vector<Parameter>& parameters, bool variadic, const arch::ArchAbi& abi) {
  std::vector<arch::ArgumentSize> sizes;
  for (const Parameter& parameter : parameters) {
    if (!takes_words(parameter)) continue;
    const bool empty = parameter.type.is_structure() && parameter.type.info.bytes == 0;
    // A type that nothing is known of is a word.
    sizes.push_back({.bytes = empty ? 0 : std::max(parameter.type.info.bytes, 1u),
                     .align = alignment_of(parameter.type)});
  }
  // gcc, ix86_function_regparm: a function with "..." gets nothing in registers on i386, as
  // programs do there.
  const bool on_stack = variadic && abi.programs_pass_on_stack;
  const std::vector<arch::ArgumentPlace> places = arch::argument_places(abi, sizes, on_stack);
  const unsigned passed_by = on_stack ? arch::register_arguments(abi, false) : 0;
  auto place = places.begin();
  for (Parameter& parameter : parameters) {
    if (!takes_words(parameter)) continue;
    parameter.word = place->words == 0 ? 0 : place->word + passed_by;
    parameter.words = place->words;
    parameter.by_reference = place->by_reference;
    ++place;
  }
}

Result<Signature> signature_of(const FetchContext& context) {
  if (context.place.source == EventSource::uprobe) {
    return Error(ErrorCode::unsupported,
                 "kprobed does not read the debug information of programs, so it knows no names of "
                 "their parameters")
        .with_hint(std::string(kPositionalHint));
  }
  return context.place.syscall.empty() ? function_signature(context) : syscall_signature(context);
}

const Result<Signature>& SignatureCache::get() const {
  if (!signature_) signature_ = signature_of(context_);
  return *signature_;
}

}  // namespace kprobed::resolve
