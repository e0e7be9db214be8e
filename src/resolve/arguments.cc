// SPDX-License-Identifier: Apache-2.0
#include "resolve/arguments.h"

#include <algorithm>

#include "base/format.h"
#include "probespec/parse.h"

namespace kprobed::resolve {

namespace {

using probespec::BaseType;
using probespec::Deref;
using probespec::FetchArg;

bool is_text(BaseType type) { return type == BaseType::string || type == BaseType::ustring; }

Span type_span(const FetchArg& arg) {
  return arg.type && arg.type->span.known() ? arg.type->span : arg.span;
}

/// Already memory, or text by itself.
bool is_memory(const probespec::FetchBase& base) {
  return std::holds_alternative<probespec::Memory>(base) ||
         std::holds_alternative<probespec::SymbolMemory>(base) ||
         std::holds_alternative<probespec::Comm>(base);
}

/// The dereferences that are applied, innermost first. The kernel reads text from memory, never
/// from a bare value (trace_probe.c, BAD_STRING): a 2009 word (the parser lets no other through) is
/// followed, as people mean it.
std::vector<Deref> dereferences(const FetchArg& arg, BaseType type) {
  if (!arg.expr.derefs.empty() || !is_text(type) || is_memory(arg.expr.base)) {
    return arg.expr.derefs;
  }
  return {Deref{}};
}

/// ustring and +u are as old as each other (5.3).
Result<void> check_user_memory(const FetchArg& arg, BaseType type, const KernelFeatures& features) {
  if (!features.known || features.ustring) return {};
  const auto user = std::ranges::find_if(arg.expr.derefs, &Deref::user);
  const bool has_user = user != arg.expr.derefs.end();
  if (type != BaseType::ustring && !has_user) return {};
  return Error(ErrorCode::unsupported, format("this kernel has no '{}' (Linux 5.3 has)",
                                              has_user ? "+u" : probespec::word(BaseType::ustring)))
      .at(has_user && user->span.known() ? user->span : type_span(arg));
}

std::string fetch_text(const BaseFetch& base, const std::vector<Deref>& derefs) {
  std::string text = base.fetch;
  for (const Deref& deref : derefs) {
    // "+8(", "-8(", "+u8(": the sign comes before the 'u'.
    const std::string offset = format("{:+}", deref.offset);
    text = format("{}{}{}({})", offset[0], deref.user ? "u" : "", offset.substr(1), text);
  }
  return text;
}

std::string plus_offset(std::string_view text, std::int64_t offset) {
  return offset == 0 ? std::string(text) : format("{}{:+}", text, offset);
}

/// "argument 1, in register di"; "text at argument 2, in user memory"; "memory at [argument 1+8]".
std::string meaning(const BaseFetch& base, const std::vector<Deref>& derefs, BaseType type) {
  if (derefs.empty()) {
    return is_text(type) && base.fetch[0] == '@' ? format("text in {}", base.what)
                                                 : base.what + base.where;
  }
  std::string location = base.what;
  for (std::size_t i = 0; i + 1 < derefs.size(); ++i) {
    location = format("[{}]", plus_offset(location, derefs[i].offset));
  }
  const bool user = derefs.back().user || type == BaseType::ustring;
  return format("{} at {}{}", is_text(type) ? "text" : "memory",
                plus_offset(location, derefs.back().offset), user ? ", in user memory" : "");
}

/// Without a type the kernel takes the machine word in hex; said explicitly, since kernels with BTF
/// would otherwise choose one of their own (KERNEL-FACTS 0.5).
BaseType type_of(const FetchArg& arg, const arch::ArchAbi& abi) {
  if (arg.type) return arg.type->base;
  if (std::holds_alternative<probespec::Comm>(arg.expr.base)) return BaseType::string;
  return abi.word_bytes == 4 ? BaseType::x32 : BaseType::x64;
}

/// MAX_ARGSTR_LEN counts what stands after NAME=, type included; 2009 words and symbols can grow.
Result<void> check_length(const FetchArg& arg, const ResolvedArg& resolved) {
  const std::size_t bytes = resolved.fetch.size() + 1 + probespec::word(resolved.type).size();
  if (bytes <= probespec::kMaxArgExprBytes) return {};
  return Error(ErrorCode::too_long,
               format("for the kernel this is '{}:{}', {} bytes; it takes {}", resolved.fetch,
                      probespec::word(resolved.type), bytes, probespec::kMaxArgExprBytes))
      .at(arg.span);
}

}  // namespace

Result<ResolvedArg> resolve_argument(const FetchArg& arg, std::size_t index,
                                     const FetchContext& context, std::vector<Remark>& remarks) {
  const BaseType type = type_of(arg, context.kernel.abi());
  KPROBED_TRY_VOID(check_user_memory(arg, type, context.kernel.features()));
  KPROBED_TRY(const BaseFetch base, translate_base(arg.expr, context, remarks));
  const std::vector<Deref> derefs = dereferences(arg, type);

  ResolvedArg resolved;
  resolved.name = probespec::argument_name(arg, index);
  resolved.kernel_name = resolved.name;
  resolved.type = type;
  resolved.meaning = meaning(base, derefs, type);
  resolved.span = arg.span;
  if (std::holds_alternative<probespec::ReturnAddress>(arg.expr.base)) {
    // Every record of a return probe has it (struct kretprobe_trace_entry_head).
    resolved.source = ValueSource::return_address;
    resolved.kernel_name = "__probe_ret_ip";
    return resolved;
  }
  resolved.fetch = fetch_text(base, derefs);
  KPROBED_TRY_VOID(check_length(arg, resolved));
  return resolved;
}

}  // namespace kprobed::resolve
