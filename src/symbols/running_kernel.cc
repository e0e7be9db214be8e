// SPDX-License-Identifier: Apache-2.0
#include "symbols/running_kernel.h"

#include <malloc.h>
#include <sys/utsname.h>

#include <algorithm>

#include "base/file.h"
#include "base/format.h"
#include "symbols/binary_places.h"
#include "symbols/event_files.h"
#include "symbols/kernel_code.h"

namespace kprobed::symbols {

namespace {

/// The longest functions of a kernel have some tens of KiB.
constexpr std::uint64_t kMostCodeBytes = std::uint64_t{256} << 10;

/// Module names are identifiers; anything else must not become a path.
bool is_module_name(std::string_view name) {
  return !name.empty() && name != "vmlinux" &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyz"
             "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == std::string_view::npos;
}

}  // namespace

Result<std::unique_ptr<RunningKernel>> RunningKernel::open(resolve::KernelFeatures features,
                                                           std::string tracing_root,
                                                           std::shared_ptr<ModuleFiles> modules) {
  while (!tracing_root.empty() && tracing_root.back() == '/') tracing_root.pop_back();
  KernelPaths paths;
  paths.tracing = std::move(tracing_root);
  return open(features, std::move(paths), std::move(modules));
}

Result<std::unique_ptr<RunningKernel>> RunningKernel::open(resolve::KernelFeatures features,
                                                           KernelPaths paths,
                                                           std::shared_ptr<ModuleFiles> modules) {
  const arch::ArchAbi* abi = arch::host();
  if (abi == nullptr) {
    utsname names{};
    ::uname(&names);
    return arch::unknown_machine(names.machine);
  }
  return std::unique_ptr<RunningKernel>(
      new RunningKernel(abi, features, std::move(paths), std::move(modules)));
}

RunningKernel::RunningKernel(const arch::ArchAbi* abi, resolve::KernelFeatures features,
                             KernelPaths paths, std::shared_ptr<ModuleFiles> modules)
    : abi_(abi), features_(features), paths_(std::move(paths)), modules_(std::move(modules)) {
  if (!modules_) {
    modules_ = std::make_shared<ModuleFiles>(paths_.modules, ModuleFiles::Reading::at_once);
  }
}

const Kallsyms& RunningKernel::kallsyms() const {
  if (!kallsyms_) {
    // A kernel without /proc/kallsyms can still be probed; it alone then knows what exists.
    Result<Kallsyms> read = Kallsyms::read(paths_.kallsyms);
    kallsyms_ = read.ok() ? std::move(read).value() : Kallsyms::parse("");
  }
  return *kallsyms_;
}

std::vector<resolve::Symbol> RunningKernel::find(std::string_view name,
                                                 std::string_view module) const {
  return kallsyms().find(name, module);
}

std::optional<resolve::Symbol> RunningKernel::text_symbol_at(std::uint64_t address) const {
  return kallsyms().text_symbol_at(address);
}

bool RunningKernel::module_loaded(std::string_view module) const {
  // The same moment as the symbols: a module that came later is "not loaded", which costs a probe
  // its checks, and not "loaded, but without that symbol", which would refuse it.
  return kallsyms().has_module(module);
}

Result<resolve::ModuleSearch> RunningKernel::modules_with(std::string_view function) const {
  KPROBED_TRY(resolve::ModuleSearch found, modules_->modules_with(function));
  // What a loaded module has is in kallsyms, or was an init function and is gone.
  std::erase_if(found.modules, [this](const std::string& name) { return module_loaded(name); });
  return found;
}

Result<resolve::ModuleFunction> RunningKernel::function_in_file(std::string_view module,
                                                                std::string_view function) const {
  return modules_->function_in(module, function);
}

bool RunningKernel::addresses_visible() const { return kallsyms().addresses_visible(); }

bool RunningKernel::in_text(std::uint64_t address) const { return kallsyms().in_text(address); }

std::vector<std::string> RunningKernel::similar(std::string_view name, std::size_t limit) const {
  return kallsyms().similar(name, limit);
}

std::uint64_t RunningKernel::end_of(const resolve::Symbol& function) const {
  return function.address == 0 ? 0 : kallsyms().end_of(function.address);
}

std::optional<bool> RunningKernel::traceable(std::string_view function) const {
  if (!traceable_) {
    std::string text;
    if (!paths_.tracing.empty()) {
      Result<std::string> list = read_file(paths_.tracing + "/available_filter_functions");
      if (list.ok()) text = std::move(list).value();
    }
    traceable_.emplace(std::move(text));
  }
  if (traceable_->empty()) return std::nullopt;
  // within_notrace_func, kernel/trace/trace_kprobe.c: "name.isra.0" passes for "name".
  return traceable_->contains(function) ||
         traceable_->contains(function.substr(0, function.find('.')));
}

std::vector<resolve::Symbol> RunningKernel::matching(std::string_view pattern,
                                                     std::string_view module) const {
  return kallsyms().matching(std::string(pattern), module);
}

std::optional<bool> RunningKernel::blacklisted(std::uint64_t address) const {
  if (!blacklist_) {
    const Result<std::string> text = read_file(paths_.kprobes + "/blacklist");
    blacklist_ = text.ok() ? Blacklist::parse(*text) : std::nullopt;
  }
  if (!*blacklist_) return std::nullopt;
  return (*blacklist_)->contains(address);
}

Result<const resolve::TypeView*> RunningKernel::types(std::string_view module) const {
  if (!types_) {
    Result<std::unique_ptr<BtfTypes>> types = BtfTypes::open(paths_.btf + "/vmlinux");
    if (!types.ok() && types.error().code == ErrorCode::not_found) {
      return Error(ErrorCode::unsupported, "this kernel has no BTF: it does not tell its C types")
          .with_hint("CONFIG_DEBUG_INFO_BTF has it");
    }
    if (!types.ok()) return std::move(types).error();
    types_ = std::move(types).value();
  }
  if (!module.empty()) {
    if (!is_module_name(module)) {
      return Error(ErrorCode::not_found, format("there is no module '{}'", module));
    }
    KPROBED_TRY_VOID(add_types_of(module));
  }
  return types_.get();
}

Result<void> RunningKernel::add_types_of(std::string_view module) const {
  Result<void> added = types_->add_module(module, format("{}/{}", paths_.btf, module));
  if (added.ok() || added.error().code != ErrorCode::not_found) return added;
  Error error(ErrorCode::unsupported,
              format("this kernel does not tell the C types of module '{}'", module));
  if (module_loaded(module)) {
    return std::move(error).with_hint(
        "it has BTF for itself only: Linux 5.11 with CONFIG_DEBUG_INFO_BTF_MODULES has it for "
        "modules");
  }
  // What is added here goes with this snapshot of the kernel when the module is loaded.
  const Result<std::string> bytes = modules_->types_of(module);
  if (bytes.ok()) return types_->add_module_bytes(module, *bytes);
  return std::move(error).with_hint("it is not loaded, and " + bytes.error().message);
}

void RunningKernel::release_types() const {
  kallsyms_.reset();
  types_.reset();
  binary_.reset();
  traceable_.reset();
  blacklist_.reset();
  // What is freed in small pieces would stay with the allocator.
  ::malloc_trim(0);
}

Result<resolve::Disassembly> RunningKernel::disassemble(const resolve::Symbol& function) const {
  const std::uint64_t end = end_of(function);
  if (end <= function.address) {
    return Error(ErrorCode::unsupported,
                 function.address == 0 ? "without addresses the kernel's code cannot be read"
                                       : format("'{}' is not in the kernel's text", function.name));
  }
  const std::uint64_t bytes = std::min(end - function.address, kMostCodeBytes);
  KPROBED_TRY(const std::vector<std::byte> code,
              read_kernel_code(paths_.kcore, function.address, static_cast<std::size_t>(bytes)));
  KPROBED_TRY(resolve::Disassembly found,
              decode_function(*abi_, code, function.address, code_facts()));
  if (code.size() < end - function.address) {
    if (!found.incomplete.empty()) found.incomplete += "; ";
    found.incomplete += format("only the first {} bytes could be read", code.size());
  }
  return found;
}

CodeFacts RunningKernel::code_facts() const {
  CodeFacts facts;
  facts.blacklisted = [this](std::uint64_t address) { return blacklisted(address) == true; };
  facts.in_text = [this](std::uint64_t address) { return in_text(address); };
  const Result<std::string> probes = read_file(paths_.kprobes + "/list");
  if (probes.ok()) facts.probes = parse_probe_list(*probes);
  return facts;
}

Result<resolve::BinaryPlace> RunningKernel::binary_place(const std::string& path,
                                                         std::string_view symbol,
                                                         std::uint64_t offset) const {
  if (!binary_ || binary_->path() != path || !binary_->is_current()) {
    binary_.reset();
    KPROBED_TRY(ElfFile file, ElfFile::open(path, paths_.debug));
    binary_ = std::move(file);
  }
  return find_binary_place(*binary_, *abi_, symbol, offset);
}

Result<std::string> RunningKernel::event_format(std::string_view group,
                                                std::string_view event) const {
  return read_event_format(paths_.tracing, group, event);
}

std::vector<std::string> RunningKernel::similar_events(std::string_view group,
                                                       std::string_view event,
                                                       std::size_t limit) const {
  if (paths_.tracing.empty()) return {};
  const Result<std::string> available = read_file(paths_.tracing + "/available_events");
  if (!available.ok()) return {};
  return similar_events_in(*available, group, event, limit);
}

std::optional<std::vector<resolve::SyscallParameter>> RunningKernel::syscall_parameters(
    std::string_view name) const {
  const Result<std::string> text =
      read_event_format(paths_.tracing, "syscalls", format("sys_enter_{}", name));
  if (!text.ok()) return std::nullopt;
  return syscall_parameters_in(*text);
}

}  // namespace kprobed::symbols
