// SPDX-License-Identifier: Apache-2.0
//
// The KernelView of the machine we run on.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "resolve/kernel_view.h"
#include "symbols/kallsyms.h"

namespace kprobed::symbols {

class RunningKernel final : public resolve::KernelView {
 public:
  /// `features` as read from tracefs' README (unknown if that cannot be read); `traceable_path` is
  /// available_filter_functions, read on the first question only, or "" if there is none.
  /// unsupported if this machine's architecture is not known here.
  static Result<std::unique_ptr<RunningKernel>> open(resolve::KernelFeatures features,
                                                     std::string traceable_path);

  const arch::ArchAbi& abi() const override { return *abi_; }
  const resolve::KernelFeatures& features() const override { return features_; }
  std::vector<resolve::Symbol> find(std::string_view name, std::string_view module) const override;
  std::optional<resolve::Symbol> text_symbol_at(std::uint64_t address) const override;
  bool module_loaded(std::string_view module) const override;
  bool addresses_visible() const override;
  bool in_text(std::uint64_t address) const override;
  std::vector<std::string> similar(std::string_view name, std::size_t limit) const override;
  std::optional<bool> traceable(std::string_view function) const override;

  const Kallsyms& kallsyms() const { return kallsyms_; }

 private:
  RunningKernel(const arch::ArchAbi* abi, resolve::KernelFeatures features, Kallsyms kallsyms,
                std::string traceable_path);
  const arch::ArchAbi* abi_;
  resolve::KernelFeatures features_;
  Kallsyms kallsyms_;
  std::string traceable_path_;
  mutable std::optional<std::string> traceable_text_;
};

}  // namespace kprobed::symbols
