// SPDX-License-Identifier: Apache-2.0
//
// What is called where a probe stands: its parameters by name, with the machine words that they
// are passed in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "resolve/c_types.h"
#include "resolve/fetch_base.h"

namespace kprobed::resolve {

struct Parameter {
  std::string name;  ///< may be ""
  CType type;
  unsigned word = 0;   ///< the machine word where it begins, counted from 1; 0: none (why_unplaced)
  unsigned words = 1;  ///< that it takes
  bool by_reference = false;  ///< the word holds the address of a copy
  bool text = false;          ///< a pointer to letters, in whatever memory
};

struct Signature {
  std::string function;
  std::vector<Parameter> parameters;
  std::optional<CType> returns;
  /// Of a system call: pointers go to memory of user space.
  bool user = false;

  /// nullptr if there is none of that name.
  const Parameter* find(std::string_view name) const;
  /// That begins in that word; nullptr if none does.
  const Parameter* at_word(unsigned word) const;
};

/// Sets where each of the parameters is passed.
void place_parameters(std::vector<Parameter>& parameters, bool variadic, const arch::ArchAbi& abi);

/// "do_sys_openat2(dfd: int, filename: char *, how: struct open_how *)"
std::string text(const Signature& signature);

/// Why no word holds the parameter: it is a floating-point number, or an empty structure.
Error why_unplaced(const Parameter& parameter);

/// Of the function, tracepoint or system call that the context is about. unsupported: why its
/// parameters are not known, with the form that works without.
Result<Signature> signature_of(const FetchContext& context);

/// Found when first asked for, since that may load the kernel's types.
class SignatureCache {
 public:
  explicit SignatureCache(const FetchContext& context) : context_(context) {}
  const Result<Signature>& get() const;

 private:
  const FetchContext& context_;
  mutable std::optional<Result<Signature>> signature_;
};

}  // namespace kprobed::resolve
