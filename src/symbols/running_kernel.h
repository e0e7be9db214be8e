// SPDX-License-Identifier: Apache-2.0
//
// The KernelView of the machine we run on. For one thread: what is read on the first question is
// kept behind const functions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "resolve/kernel_view.h"
#include "symbols/btf_types.h"
#include "symbols/elf_file.h"
#include "symbols/instructions.h"
#include "symbols/kallsyms.h"
#include "symbols/kernel_lists.h"
#include "symbols/module_files.h"

namespace kprobed::symbols {

/// Where a kernel shows itself; tests name folders of their own.
struct KernelPaths {
  std::string tracing;  ///< tracefs' folder; "" if there is none
  std::string kallsyms = "/proc/kallsyms";
  std::string kcore = "/proc/kcore";
  std::string btf = "/sys/kernel/btf";
  std::string kprobes = "/sys/kernel/debug/kprobes";  ///< debugfs: blacklist, list
  std::string modules = ModuleFiles::running_folder();
  std::string debug = "/usr/lib/debug";  ///< separate debug files of programs
};

class RunningKernel final : public resolve::KernelView {
 public:
  /// `features` as read from tracefs' README (unknown if that cannot be read). Files are read on
  /// the first question about them. unsupported if this machine's architecture is not known here.
  /// `modules` may outlive this and be used by the next; nullptr: files are read here, at once.
  static Result<std::unique_ptr<RunningKernel>> open(
      resolve::KernelFeatures features, std::string tracing_root,
      std::shared_ptr<ModuleFiles> modules = nullptr);
  static Result<std::unique_ptr<RunningKernel>> open(
      resolve::KernelFeatures features, KernelPaths paths,
      std::shared_ptr<ModuleFiles> modules = nullptr);

  const arch::ArchAbi& abi() const override { return *abi_; }
  const resolve::KernelFeatures& features() const override { return features_; }
  std::vector<resolve::Symbol> find(std::string_view name, std::string_view module) const override;
  std::optional<resolve::Symbol> text_symbol_at(std::uint64_t address) const override;
  std::uint64_t end_of(const resolve::Symbol& function) const override;
  bool module_loaded(std::string_view module) const override;
  Result<resolve::ModuleSearch> modules_with(std::string_view function) const override;
  Result<resolve::ModuleFunction> function_in_file(std::string_view module,
                                                   std::string_view function) const override;
  bool addresses_visible() const override;
  bool in_text(std::uint64_t address) const override;
  std::vector<std::string> similar(std::string_view name, std::size_t limit) const override;
  std::optional<bool> traceable(std::string_view function) const override;
  std::vector<resolve::Symbol> matching(std::string_view pattern,
                                        std::string_view module) const override;
  std::optional<bool> blacklisted(std::uint64_t address) const override;
  Result<const resolve::TypeView*> types(std::string_view module) const override;
  /// Also of everything else that is read again when it is asked for.
  void release_types() const override;
  Result<resolve::Disassembly> disassemble(const resolve::Symbol& function) const override;
  Result<resolve::BinaryPlace> binary_place(const std::string& path, std::string_view symbol,
                                            std::uint64_t offset) const override;
  Result<std::string> event_format(std::string_view group, std::string_view event) const override;
  std::vector<std::string> similar_events(std::string_view group, std::string_view event,
                                          std::size_t limit) const override;
  std::optional<std::vector<resolve::SyscallParameter>> syscall_parameters(
      std::string_view name) const override;

  /// Is there something that release_types() would let go?
  bool holds_files() const { return kallsyms_ || types_ || binary_ || traceable_ || blacklist_; }
  /// As it was when something was first asked about it, or after release_types().
  const Kallsyms& kallsyms() const;

 private:
  RunningKernel(const arch::ArchAbi* abi, resolve::KernelFeatures features, KernelPaths paths,
                std::shared_ptr<ModuleFiles> modules);
  Result<void> add_types_of(std::string_view module) const;
  CodeFacts code_facts() const;

  const arch::ArchAbi* abi_;
  resolve::KernelFeatures features_;
  KernelPaths paths_;
  std::shared_ptr<ModuleFiles> modules_;
  mutable std::optional<Kallsyms> kallsyms_;
  mutable std::optional<TraceableList> traceable_;
  mutable std::optional<std::optional<Blacklist>> blacklist_;
  mutable std::unique_ptr<BtfTypes> types_;
  mutable std::optional<ElfFile> binary_;  ///< the last: many probes are on one library
};

}  // namespace kprobed::symbols
