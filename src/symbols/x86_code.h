// SPDX-License-Identifier: Apache-2.0
//
// One x86-64 instruction at a time, by Capstone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/byte_cursor.h"
#include "base/result.h"

namespace kprobed::symbols {

struct X86Instruction {
  std::uint32_t bytes = 0;
  std::string text;        ///< "mov rax, rdi"
  bool ends_flow = false;  ///< what follows is not reached from here: ret, jmp, ud2
  bool is_trap = false;    ///< ud2
};

class X86Decoder {
 public:
  /// `unsupported` if this Capstone was built without x86.
  /// `word_bytes`: of the code, 8 or 4.
  static Result<X86Decoder> open(unsigned word_bytes);
  X86Decoder(X86Decoder&& other) noexcept;
  X86Decoder& operator=(X86Decoder&&) = delete;
  ~X86Decoder();

  /// The instruction that `code` begins with, which lies at `address`. nullopt if it is none that
  /// is known, or not all there.
  std::optional<X86Instruction> decode(Bytes code, std::uint64_t address) const;
  /// Only how long it is; 0 for none. Cheaper.
  std::uint32_t length(Bytes code) const;

 private:
  explicit X86Decoder(std::size_t handle) : handle_(handle) {}
  std::size_t handle_;  ///< csh; 0 is none
};

}  // namespace kprobed::symbols
