// SPDX-License-Identifier: Apache-2.0
//
// An argument of the function that is probed: which register or word of the stack holds it, in the
// kernel, in a program, and of a system call whose wrapper is given the caller's registers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "resolve/fetch_base.h"

namespace kprobed::resolve {

/// How an argument is asked for: `a2`, `$arg2`, `filename`.
enum class Asked : std::uint8_t { word_2009, dollar_word, name };

class ArgumentFetcher {
 public:
  /// All of it must outlive the fetcher. `span` is the user's word, for remarks.
  ArgumentFetcher(const FetchContext& context, const SignatureCache& signatures, const Span& span,
                  std::vector<Remark>& remarks)
      : context_(context),
        abi_(context.kernel.abi()),
        place_(context.place),
        signatures_(signatures),
        span_(span),
        remarks_(remarks) {}

  /// Argument `n` from 1. Errors: wrong_place, unsupported, bad_number.
  Result<BaseFetch> fetch(unsigned n, Asked asked) {
    return place_.wrapped ? of_call(n, asked) : at(n, asked);
  }

 private:
  Result<BaseFetch> at(unsigned n, Asked asked);
  Result<BaseFetch> in_register(unsigned n);
  Result<BaseFetch> dollar_word(unsigned n);
  Result<BaseFetch> of_kernel(unsigned n, std::string where);
  Result<BaseFetch> of_return(unsigned n);
  Result<BaseFetch> of_program(unsigned n, Asked asked);
  Result<BaseFetch> of_call(unsigned n, Asked asked);
  std::string word_of_call(unsigned word) const;
  void as_memory_of_stack(BaseFetch& base, unsigned nth) const;
  Error only_at_entry(unsigned n, std::string_view what) const;
  bool on_return() const { return context_.spec.kind == probespec::ProbeKind::on_return; }
  void note_assumed(unsigned n);
  void note_not_at_entry(unsigned n, std::string_view fetch);
  void note_once(std::string_view code, std::string message, std::string hint);

  const FetchContext& context_;
  const arch::ArchAbi& abi_;
  const Place& place_;
  const SignatureCache& signatures_;
  const Span& span_;
  std::vector<Remark>& remarks_;
};

}  // namespace kprobed::resolve
