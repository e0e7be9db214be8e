// SPDX-License-Identifier: Apache-2.0
//
// A KernelView over a piece of kallsyms text, captured or written as a literal. What `symbols` does
// for the running kernel is done here in the plainest way.
#pragma once

#include <fnmatch.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "resolve/kernel_view.h"

namespace kprobed::resolve {

inline std::string read_data(const std::string& name) {
  std::ifstream file(std::string(KPROBED_TEST_DATA) + "/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

class FakeKernel final : public KernelView {
 public:
  /// Lines as in /proc/kallsyms. Everything a current kernel has, but $argN on return probes.
  explicit FakeKernel(std::string_view kallsyms) {
    for (const std::string_view line : split_lines(kallsyms)) {
      const auto words = split_words(line);
      if (words.size() < 3) continue;
      Symbol symbol{std::string(words[2]), "", std::stoull(std::string(words[0]), nullptr, 16),
                    words[1][0]};
      if (words.size() > 3) symbol.module = words[3].substr(1, words[3].size() - 2);
      if (!symbol.module.empty()) modules.insert(symbol.module);
      symbols.push_back(symbol);
    }
  }

  // What a test may change.
  std::vector<Symbol> symbols;
  std::set<std::string, std::less<>> modules, untraceable;
  KernelFeatures kernel_features{.known = true,
                                 .argument_words = true,
                                 .return_arguments = false,
                                 .ustring = true,
                                 .btf_arguments = true,
                                 .group_only_names = true,
                                 .uprobes = true,
                                 .fprobes = true,
                                 .tracepoint_probes = true,
                                 .char_type = true,
                                 .symstr_type = true};
  const arch::ArchAbi* machine = arch::find("x86_64");
  const TypeView* type_view = nullptr;  ///< nullptr: this kernel has no BTF
  std::set<std::uint64_t> blacklist;
  bool blacklist_readable = true;
  std::map<std::pair<std::string, std::string>, std::string> events;  ///< (group, event): format
  std::map<std::string, std::vector<SyscallParameter>, std::less<>> syscalls;
  std::map<std::string, Disassembly, std::less<>> disassemblies;  ///< by the function's name
  /// (path, "SYMBOL"), offset 0; with another offset the place moves along. (path, ""): any offset
  /// into the file.
  std::map<std::pair<std::string, std::string>, BinaryPlace> binaries;
  /// Modules that are not loaded, and the functions in their files.
  std::map<std::string, std::vector<std::string>, std::less<>> module_files;
  /// Why it is not known which there are; "" if it is.
  std::string no_module_files = "there is no list of modules";
  std::size_t unread_files = 0;
  mutable std::size_t file_searches = 0;   ///< how often modules_with() was asked
  mutable std::size_t type_questions = 0;  ///< how often types() was asked

  /// As under kptr_restrict.
  FakeKernel& hide_addresses() {
    for (Symbol& symbol : symbols) symbol.address = 0;
    return *this;
  }

  const arch::ArchAbi& abi() const override { return *machine; }
  const KernelFeatures& features() const override { return kernel_features; }

  std::vector<Symbol> find(std::string_view name, std::string_view module) const override {
    std::vector<Symbol> found;
    std::ranges::copy_if(symbols, std::back_inserter(found), [&](const Symbol& symbol) {
      return symbol.name == name && (module.empty() || symbol.module == module);
    });
    return found;
  }

  std::optional<Symbol> text_symbol_at(std::uint64_t address) const override {
    if (!in_text(address)) return std::nullopt;
    const Symbol* best = nullptr;
    for (const Symbol& symbol : symbols) {
      if (!symbol.is_text() || symbol.address > address) continue;
      const bool nearer = best == nullptr || symbol.address > best->address;
      const bool better_name = best != nullptr && symbol.address == best->address &&
                               find(best->name, "").size() > 1 && find(symbol.name, "").size() == 1;
      if (nearer || better_name) best = &symbol;
    }
    return best == nullptr ? std::nullopt : std::optional(*best);
  }

  std::uint64_t end_of(const Symbol& function) const override {
    if (function.address == 0 || !in_text(function.address)) return 0;
    const bool in_kernel = function.module.empty();
    std::uint64_t end = in_kernel ? address_of("_etext") : (function.address | 0xfff) + 1;
    for (const Symbol& symbol : symbols) {
      if (symbol.is_text() && symbol.address > function.address)
        end = std::min(end, symbol.address);
    }
    return end;
  }

  bool module_loaded(std::string_view module) const override { return modules.contains(module); }

  Result<ModuleSearch> modules_with(std::string_view function) const override {
    ++file_searches;
    if (!no_module_files.empty()) return Error(ErrorCode::unsupported, no_module_files);
    ModuleSearch found{.modules = {}, .unread = unread_files, .why = "'a.ko': damaged"};
    for (const auto& [name, functions] : module_files) {
      if (std::ranges::count(functions, function) != 0) found.modules.push_back(name);
    }
    return found;
  }

  Result<ModuleFunction> function_in_file(std::string_view module,
                                          std::string_view function) const override {
    if (!no_module_files.empty()) return Error(ErrorCode::unsupported, no_module_files);
    const auto file = module_files.find(module);
    if (file == module_files.end()) {
      return Error(ErrorCode::not_found, "there is no module '" + std::string(module) + "'");
    }
    ModuleFunction found;
    for (const std::string& name : file->second) {
      if (name == function) ++found.count;
      if (name != function && edit_distance(name, function, 2) <= 2) found.similar.push_back(name);
    }
    return found;
  }

  bool addresses_visible() const override {
    return std::ranges::any_of(symbols, [](const Symbol& symbol) { return symbol.address != 0; });
  }

  bool in_text(std::uint64_t address) const override {
    if (address >= address_of("_stext") && address < address_of("_etext")) return true;
    return std::ranges::any_of(symbols, [address](const Symbol& symbol) {
      return !symbol.module.empty() && symbol.is_text() && address >= symbol.address &&
             address < (symbol.address | 0xfff) + 1;
    });
  }

  std::vector<std::string> similar(std::string_view name, std::size_t limit) const override {
    std::vector<std::string> names;
    for (const Symbol& symbol : symbols) {
      if (symbol.is_text() && edit_distance(name, symbol.name, 2) <= 2 && names.size() < limit) {
        names.push_back(symbol.name);
      }
    }
    return names;
  }

  std::optional<bool> traceable(std::string_view function) const override {
    return !untraceable.contains(function);
  }

  std::vector<Symbol> matching(std::string_view pattern, std::string_view module) const override {
    std::vector<Symbol> found;
    for (const Symbol& symbol : symbols) {
      if (!symbol.is_text() || (!module.empty() && symbol.module != module)) continue;
      if (fnmatch(std::string(pattern).c_str(), symbol.name.c_str(), 0) != 0) continue;
      found.push_back(symbol);
    }
    std::ranges::stable_sort(found, {}, &Symbol::address);
    const auto same_place = [](const Symbol& a, const Symbol& b) {
      return a.address != 0 && a.address == b.address;
    };
    found.erase(std::unique(found.begin(), found.end(), same_place), found.end());
    return found;
  }

  std::optional<bool> blacklisted(std::uint64_t address) const override {
    if (!blacklist_readable) return std::nullopt;
    return blacklist.contains(address);
  }

  Result<const TypeView*> types(std::string_view) const override {
    ++type_questions;
    if (type_view != nullptr) return type_view;
    return Error(ErrorCode::unsupported, "this kernel has no BTF");
  }

  void release_types() const override {}

  Result<Disassembly> disassemble(const Symbol& function) const override {
    const auto found = disassemblies.find(function.name);
    if (found != disassemblies.end()) return found->second;
    return Error(ErrorCode::unsupported, "the kernel's code cannot be read");
  }

  Result<BinaryPlace> binary_place(const std::string& path, std::string_view symbol,
                                   std::uint64_t offset) const override {
    const auto found = binaries.find({path, std::string(symbol)});
    if (found != binaries.end()) {
      BinaryPlace place = found->second;
      place.offset += offset;
      place.file_offset += offset;
      place.at_entry = place.at_entry && offset == 0;
      return place;
    }
    const bool known = std::ranges::any_of(
        binaries, [&path](const auto& binary) { return binary.first.first == path; });
    if (!known) return Error(ErrorCode::not_found, "no file '" + path + "'");
    return Error(ErrorCode::symbol_not_found,
                 "no symbol '" + std::string(symbol) + "' in '" + path + "'");
  }

  Result<std::string> event_format(std::string_view group, std::string_view event) const override {
    const auto found = events.find({std::string(group), std::string(event)});
    if (found != events.end()) return found->second;
    return Error(ErrorCode::not_found,
                 "no event '" + std::string(group) + "/" + std::string(event) + "'");
  }

  std::vector<std::string> similar_events(std::string_view group, std::string_view event,
                                          std::size_t limit) const override {
    const std::string wanted = std::string(group) + "/" + std::string(event);
    std::vector<std::string> names;
    for (const auto& [name, format] : events) {
      const std::string known = name.first + "/" + name.second;
      if (edit_distance(wanted, known, 3) <= 3 && names.size() < limit) names.push_back(known);
    }
    return names;
  }

  std::optional<std::vector<SyscallParameter>> syscall_parameters(
      std::string_view name) const override {
    const auto found = syscalls.find(name);
    if (found == syscalls.end()) return std::nullopt;
    return found->second;
  }

 private:
  std::uint64_t address_of(std::string_view name) const {
    const auto found = find(name, "");
    return found.empty() ? 0 : found.front().address;
  }
};

}  // namespace kprobed::resolve
