// SPDX-License-Identifier: Apache-2.0
#include "resolve/syscalls.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace kprobed::resolve {

namespace {

/// C's own names, and those of <linux/types.h> which system calls take: all that is needed where
/// there is no BTF.
struct ScalarName {
  std::string_view name;
  unsigned bytes;  ///< 0: a machine word
  bool is_signed;
};
constexpr ScalarName kScalars[] = {
    {"char", 1, true},
    {"short", 2, true},
    {"unsigned short", 2, false},
    {"int", 4, true},
    {"unsigned int", 4, false},
    {"unsigned", 4, false},
    {"long", 0, true},
    {"unsigned long", 0, false},
    {"long long", 8, true},
    {"unsigned long long", 8, false},
    {"size_t", 0, false},
    {"ssize_t", 0, true},
    {"off_t", 0, true},
    {"loff_t", 8, true},
    {"pid_t", 4, true},
    {"uid_t", 4, false},
    {"gid_t", 4, false},
    {"old_uid_t", 2, false},
    {"old_gid_t", 2, false},
    {"umode_t", 2, false},
    {"mode_t", 4, false},
    {"qid_t", 4, false},
    {"key_t", 4, true},
    {"key_serial_t", 4, true},
    {"timer_t", 4, true},
    {"clockid_t", 4, true},
    {"mqd_t", 4, true},
    {"rwf_t", 4, true},
    {"aio_context_t", 0, false},
    {"u16", 2, false},
    {"u32", 4, false},
    {"u64", 8, false},
    {"s32", 4, true},
    {"__u16", 2, false},
    {"__u32", 4, false},
    {"__u64", 8, false},
    {"__s32", 4, true},
};

std::optional<TypeInfo> scalar(std::string_view name, unsigned word_bytes) {
  const auto found = std::ranges::find(kScalars, name, &ScalarName::name);
  if (found == std::end(kScalars)) return std::nullopt;
  TypeInfo info;
  info.kind = TypeKind::integer;
  info.c_name = name;
  info.bytes = found->bytes == 0 ? word_bytes : found->bytes;
  info.is_signed = found->is_signed;
  info.is_char = name == "char";
  return info;
}

struct Declaration {
  std::string name;       ///< without qualifiers and stars: "struct open_how"
  unsigned pointers = 0;  ///< stars
};

Declaration read_declaration(std::string_view text) {
  Declaration declaration;
  std::string words;
  for (const char c : text) {
    if (c == '*') ++declaration.pointers;
    words += c == '*' ? ' ' : c;
  }
  for (const std::string_view word : split_words(words)) {
    if (word == "const" || word == "volatile" || word == "__user" || word == "restrict") continue;
    declaration.name += (declaration.name.empty() ? "" : " ") + std::string(word);
  }
  return declaration;
}

}  // namespace

CType c_type_of(std::string_view text, const TypeView* types, unsigned word_bytes) {
  const Declaration declaration = read_declaration(text);
  const auto id = types == nullptr ? std::nullopt : types->find(declaration.name);
  if (declaration.pointers == 0) {
    if (id) return CType::of(*types, *id);
    CType type;
    if (auto info = scalar(declaration.name, word_bytes)) {
      type.info = std::move(*info);
    } else {
      type.info.c_name = declaration.name;
    }
    return type;
  }
  CType pointer;
  pointer.info.kind = TypeKind::pointer;
  pointer.info.c_name = format("{} {}", declaration.name, std::string(declaration.pointers, '*'));
  pointer.info.bytes = word_bytes;
  // A pointer to a pointer has no id of its own to look behind.
  if (id && declaration.pointers == 1) {
    pointer.view = types;
    pointer.info.target = *id;
  }
  return pointer;
}

Result<Signature> syscall_signature(const FetchContext& context) {
  const std::string& call = context.place.syscall;
  const auto parameters = context.kernel.syscall_parameters(call);
  if (!parameters) {
    return Error(ErrorCode::unsupported,
                 format("the parameters of system call '{}' are not known: this kernel has no "
                        "tracepoint of it",
                        call))
        .with_hint("write a1, a2, ... for its arguments by position, as in 'a2:ustring'");
  }
  // Without BTF the names and plain types are still there.
  const auto types = context.kernel.types("");
  const TypeView* view = types.ok() ? *types : nullptr;
  Signature signature;
  signature.function = call;
  signature.user = true;
  for (const SyscallParameter& parameter : *parameters) {
    const Declaration declaration = read_declaration(parameter.c_type);
    Parameter known{.name = parameter.name,
                    .type = c_type_of(parameter.c_type, view, context.kernel.abi().word_bytes),
                    .word = static_cast<unsigned>(signature.parameters.size()) + 1};
    known.text = declaration.pointers == 1 && declaration.name == "char";
    signature.parameters.push_back(std::move(known));
  }
  // Wrappers find each in a word of pt_regs, and give two words to one parameter nowhere.
  if (!context.place.wrapped) place_parameters(signature.parameters, false, context.kernel.abi());
  return signature;
}

}  // namespace kprobed::resolve
