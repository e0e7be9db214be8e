// SPDX-License-Identifier: Apache-2.0
//
// The one list of architectures. A new one is a file, NAME.cc or its family's, that defines
// abi_NAME, and its name here; tests/arch runs over all of them.
#pragma once

#include "arch/arch_abi.h"

#define KPROBED_ARCHITECTURES(X) \
  X(x86_64)                      \
  X(i386) X(arm64) X(armhf) X(ppc64el) X(ppc64) X(s390x) X(riscv64) X(mips64el) X(loongarch64)

namespace kprobed::arch {

#define KPROBED_DECLARE_ABI(name) extern const ArchAbi abi_##name;
KPROBED_ARCHITECTURES(KPROBED_DECLARE_ABI)
#undef KPROBED_DECLARE_ABI

}  // namespace kprobed::arch
