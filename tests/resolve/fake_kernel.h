// SPDX-License-Identifier: Apache-2.0
//
// A KernelView over a piece of kallsyms text, captured or written as a literal. What `symbols` does
// for the running kernel is done here in the plainest way.
#pragma once

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
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
                                 .group_only_names = true};

  /// As under kptr_restrict.
  FakeKernel& hide_addresses() {
    for (Symbol& symbol : symbols) symbol.address = 0;
    return *this;
  }

  const arch::ArchAbi& abi() const override { return *arch::find("x86_64"); }
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

  bool module_loaded(std::string_view module) const override { return modules.contains(module); }

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

 private:
  std::uint64_t address_of(std::string_view name) const {
    const auto found = find(name, "");
    return found.empty() ? 0 : found.front().address;
  }
};

}  // namespace kprobed::resolve
