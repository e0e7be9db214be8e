// SPDX-License-Identifier: Apache-2.0
//
// A module's file, plain or compressed, whether or not the module is loaded: the functions it would
// bring, and its C types. Everything in it is input.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "symbols/elf_reader.h"

namespace kprobed::symbols {

class ModuleImage {
 public:
  /// Errors: not_found, no_permission, malformed, too_long (more than kMostBytes when
  /// decompressed), unsupported (compressed in a way that this build does not know).
  static Result<ModuleImage> open(const std::string& path);
  /// The largest modules of distributions have some 20 MB.
  static constexpr std::size_t kMostBytes = std::size_t{128} << 20;

  /// Everything that /proc/kallsyms would show as text, init and exit functions too; a name may
  /// come several times.
  void each_function(const std::function<void(std::string_view name)>& found) const;

  /// For which kernel it was built: the first word of its vermagic, "6.1.0-48-amd64"; "" if it does
  /// not say.
  std::string kernel_release() const;

  /// The bytes of .BTF, whose types go on where the kernel's end. unsupported where there are none,
  /// or they are for a base of their own (.BTF.base, Linux 6.11).
  Result<std::string> types() const;

 private:
  explicit ModuleImage(ElfReader reader) : reader_(std::move(reader)) {}
  ElfReader reader_;
};

}  // namespace kprobed::symbols
