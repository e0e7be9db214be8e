// SPDX-License-Identifier: Apache-2.0
//
// Addresses of code to the symbols that hold them: the part of kallsyms that a stream needs as long
// as a probe is armed, a quarter of the whole. A snapshot, which nobody changes: any thread may
// ask.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kprobed::symbols {

class TextNames {
 public:
  /// Of a module or, first, of the kernel itself.
  struct Home {
    std::string name;            ///< "" for the kernel
    bool generated = false;      ///< no module but what the kernel made: "bpf"
    std::uint64_t text_end = 0;  ///< past its last page of text
  };
  /// The kernel's own text, and what of it was freed after boot.
  struct Limits {
    std::uint64_t text_begin = 0;                ///< _stext
    std::uint64_t init_begin = 0, init_end = 0;  ///< _sinittext, _einittext
  };

  TextNames(std::vector<Home> homes, Limits limits) : homes_(std::move(homes)), limits_(limits) {}

  void reserve(std::size_t symbols);
  /// In ascending order of addresses, each once. `home`: which of the homes.
  void add(std::uint64_t address, std::string_view name, std::uint16_t home);
  void shrink();

  bool empty() const { return addresses_.empty(); }

  /// The position of the symbol that holds `address`, in the order of add(); nullopt outside known
  /// text.
  std::optional<std::size_t> holder_of(std::uint64_t address) const;
  /// Where that one ends: at the next one, or with its kernel or module (of a module that is known
  /// by the page only).
  std::uint64_t end_at(std::size_t position) const;
  const Home& home_at(std::size_t position) const { return homes_[home_at_[position]]; }

  /// Without a copy, for naming callers per event: "" and 0 outside known text. O(log n), no
  /// allocation. Also code that the kernel made while running has a name here.
  struct Place {
    std::string_view symbol;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;   ///< of the symbol, up to end_at()
    std::string_view module;  ///< "" for the kernel itself; "bpf" for what BPF has made
  };
  Place place_of(std::uint64_t address) const;

 private:
  std::vector<Home> homes_;
  Limits limits_;
  std::vector<std::uint64_t> addresses_;
  std::vector<std::uint32_t> name_at_;  ///< offset in names_
  std::vector<std::uint16_t> home_at_;
  std::string names_;  ///< NUL-terminated
};

}  // namespace kprobed::symbols
