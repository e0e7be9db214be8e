// SPDX-License-Identifier: Apache-2.0
#include "resolve/argument_layout.h"

#include <algorithm>
#include <optional>
#include <variant>
#include <vector>

#include "arch/arch_abi.h"
#include "resolve/signature.h"

namespace kprobed::resolve {

namespace {

using probespec::BaseType;
using probespec::FetchArg;

/// `a2:s64`: a written type that an argument has by itself, not what it points to.
std::optional<unsigned> bytes_written(const FetchArg& arg, unsigned n) {
  const auto* argument = std::get_if<probespec::Argument>(&arg.expr.base);
  const bool plain = argument != nullptr && argument->n == n && arg.expr.derefs.empty() &&
                     arg.expr.fields.empty() && arg.type && !arg.type->bits && arg.type->count == 0;
  if (!plain) return std::nullopt;
  const BaseType base = arg.type->base;
  return base == BaseType::u64 || base == BaseType::s64 || base == BaseType::x64 ? 8u : 4u;
}

}  // namespace

ArgumentWords words_of_argument(unsigned n, const FetchContext& context,
                                const SignatureCache& signatures) {
  const bool program = context.place.source == EventSource::uprobe;
  const unsigned word_bytes = type_rules(context).word_bytes;
  if (word_bytes >= 8) return {.word = n};
  if (!program && signatures.get().ok()) {
    const auto& parameters = signatures.get()->parameters;
    if (n <= parameters.size() && parameters[n - 1].word != 0) {
      return {.word = parameters[n - 1].word, .words = parameters[n - 1].words};
    }
  }
  ArgumentWords found;
  std::vector<arch::ArgumentSize> sizes;
  for (unsigned i = 1; i <= n; ++i) {
    std::optional<unsigned> bytes;
    for (const FetchArg& arg : context.spec.args) {
      if (const auto written = bytes_written(arg, i)) bytes = std::max(bytes.value_or(0), *written);
    }
    found.assumed = found.assumed || (i < n && !bytes);
    sizes.push_back({.bytes = bytes.value_or(word_bytes)});
  }
  const arch::ArgumentPlace place =
      arch::argument_places(context.kernel.abi(), sizes, program).back();
  found.word = place.word;
  found.words = place.words;
  return found;
}

}  // namespace kprobed::resolve
