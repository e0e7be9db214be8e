// SPDX-License-Identifier: Apache-2.0
#include "symbols/x86_code.h"

#include <capstone/capstone.h>

#include <memory>
#include <utility>

#include "base/format.h"

namespace kprobed::symbols {

namespace {

struct FreeInstruction {
  void operator()(cs_insn* instruction) const { ::cs_free(instruction, 1); }
};
using Instruction = std::unique_ptr<cs_insn, FreeInstruction>;

Instruction decode_one(csh handle, Bytes code, std::uint64_t address) {
  cs_insn* found = nullptr;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(code.data());
  if (::cs_disasm(handle, bytes, code.size(), address, 1, &found) != 1) return nullptr;
  return Instruction(found);
}

}  // namespace

static_assert(sizeof(csh) == sizeof(std::size_t));

Result<X86Decoder> X86Decoder::open(unsigned word_bytes) {
  csh handle = 0;
  const cs_err failed = ::cs_open(CS_ARCH_X86, word_bytes == 8 ? CS_MODE_64 : CS_MODE_32, &handle);
  if (failed != CS_ERR_OK) {
    return Error(ErrorCode::unsupported,
                 format("no decoder for x86 instructions: {}", ::cs_strerror(failed)));
  }
  return X86Decoder(handle);
}

X86Decoder::X86Decoder(X86Decoder&& other) noexcept : handle_(std::exchange(other.handle_, 0)) {}

X86Decoder::~X86Decoder() {
  csh handle = handle_;
  if (handle != 0) ::cs_close(&handle);
}

std::optional<X86Instruction> X86Decoder::decode(Bytes code, std::uint64_t address) const {
  const Instruction found = decode_one(handle_, code, address);
  if (!found) return std::nullopt;
  X86Instruction instruction;
  instruction.bytes = found->size;
  instruction.text = found->mnemonic;
  if (found->op_str[0] != '\0') instruction.text += format(" {}", found->op_str);
  instruction.is_trap = found->id == X86_INS_UD2;
  instruction.ends_flow = found->id == X86_INS_RET || found->id == X86_INS_JMP ||
                          found->id == X86_INS_LJMP || instruction.is_trap;
  return instruction;
}

std::uint32_t X86Decoder::length(Bytes code) const {
  const Instruction found = decode_one(handle_, code, 0);
  return found ? found->size : 0;
}

}  // namespace kprobed::symbols
