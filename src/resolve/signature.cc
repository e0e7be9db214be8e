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

/// An empty structure (GNU C; io_uring's io_tw_token_t) takes no register, nor does floating point
/// one of those that are seen.
bool takes_words(const Parameter& parameter) {
  const bool empty = parameter.type.is_structure() && parameter.type.info.bytes == 0;
  return !empty && parameter.type.info.kind != TypeKind::floating;
}

/// Then its address comes as a first argument that nobody wrote (psABIs; arm64 has x8 for it).
bool returns_in_memory(const Signature& signature, const arch::ArchAbi& abi) {
  return signature.returns && signature.returns->is_structure() &&
         signature.returns->info.bytes > 2u * abi.word_bytes && abi.name != "arm64";
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
  std::vector<std::uint32_t> sizes;
  const bool hidden = returns_in_memory(signature, abi);
  if (hidden) sizes.push_back(abi.word_bytes);
  for (const FunctionParameter& parameter : found.type.parameters) {
    Parameter known{parameter.name, CType::of(**types, parameter.type), 0};
    if (known.type.is_pointer()) known.text = known.type.target().info.is_char;
    if (takes_words(known)) sizes.push_back(std::max(known.type.info.bytes, 1u));
    signature.parameters.push_back(std::move(known));
  }
  const auto words = arch::argument_words(abi, sizes);
  auto word = words.begin() + (hidden ? 1 : 0);
  for (Parameter& parameter : signature.parameters) {
    if (!takes_words(parameter)) continue;
    const std::optional<unsigned> begins = *word++;
    if (begins) parameter.word = *begins - found.skip;
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

Error why_unplaced(const Parameter& parameter, const arch::ArchAbi& abi) {
  if (parameter.type.info.kind == TypeKind::floating) {
    return Error(ErrorCode::unsupported,
                 format("'{}' is {}: floating point has registers that no probe sees",
                        parameter.name, parameter.type.info.c_name));
  }
  return Error(ErrorCode::unsupported,
               format("'{}' is wider than a word or comes behind a parameter that is, and where "
                      "{} passes it is not known here",
                      parameter.name, abi.name))
      .with_hint("name the register that holds it");
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
