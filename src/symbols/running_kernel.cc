// SPDX-License-Identifier: Apache-2.0
#include "symbols/running_kernel.h"

#include <sys/utsname.h>

#include "base/file.h"
#include "base/format.h"

namespace kprobed::symbols {

namespace {

/// Has `list` a line "name" or "name [module]"?
bool lists(std::string_view list, std::string_view name) {
  for (std::size_t at = 0; (at = list.find(name, at)) != std::string_view::npos; ++at) {
    const std::size_t end = at + name.size();
    const bool begins_line = at == 0 || list[at - 1] == '\n';
    const bool ends_word = end == list.size() || list[end] == '\n' || list[end] == ' ';
    if (begins_line && ends_word) return true;
  }
  return false;
}

}  // namespace

Result<std::unique_ptr<RunningKernel>> RunningKernel::open(resolve::KernelFeatures features,
                                                           std::string traceable_path) {
  const arch::ArchAbi* abi = arch::host();
  if (abi == nullptr) {
    utsname names{};
    ::uname(&names);
    return Error(ErrorCode::unsupported,
                 format("this machine's architecture, {}, is not known here", names.machine));
  }
  // A kernel without /proc/kallsyms can still be probed; it alone then knows what exists.
  Result<Kallsyms> kallsyms = Kallsyms::read();
  return std::unique_ptr<RunningKernel>(new RunningKernel(
      abi, features, kallsyms.ok() ? std::move(kallsyms).value() : Kallsyms::parse(""),
      std::move(traceable_path)));
}

RunningKernel::RunningKernel(const arch::ArchAbi* abi, resolve::KernelFeatures features,
                             Kallsyms kallsyms, std::string traceable_path)
    : abi_(abi),
      features_(features),
      kallsyms_(std::move(kallsyms)),
      traceable_path_(std::move(traceable_path)) {}

std::vector<resolve::Symbol> RunningKernel::find(std::string_view name,
                                                 std::string_view module) const {
  return kallsyms_.find(name, module);
}

std::optional<resolve::Symbol> RunningKernel::text_symbol_at(std::uint64_t address) const {
  return kallsyms_.text_symbol_at(address);
}

bool RunningKernel::module_loaded(std::string_view module) const {
  // The same moment as the symbols: a module that came later is "not loaded", which costs a probe
  // its checks, and not "loaded, but without that symbol", which would refuse it.
  return kallsyms_.has_module(module);
}

bool RunningKernel::addresses_visible() const { return kallsyms_.addresses_visible(); }

bool RunningKernel::in_text(std::uint64_t address) const { return kallsyms_.in_text(address); }

std::vector<std::string> RunningKernel::similar(std::string_view name, std::size_t limit) const {
  return kallsyms_.similar(name, limit);
}

std::optional<bool> RunningKernel::traceable(std::string_view function) const {
  if (traceable_path_.empty()) return std::nullopt;
  if (!traceable_text_) {
    Result<std::string> text = read_file(traceable_path_);
    traceable_text_ = text.ok() ? std::move(text).value() : std::string();
  }
  if (traceable_text_->empty()) return std::nullopt;
  // within_notrace_func, kernel/trace/trace_kprobe.c: "name.isra.0" passes for "name".
  return lists(*traceable_text_, function) ||
         lists(*traceable_text_, function.substr(0, function.find('.')));
}

}  // namespace kprobed::symbols
