// SPDX-License-Identifier: Apache-2.0
//
// The parameters of system calls, which the wrapper functions of newer kernels take out of a struct
// pt_regs. Their names and C types are those of the sys_enter tracepoints, as text.
#pragma once

#include <string_view>

#include "base/result.h"
#include "resolve/c_types.h"
#include "resolve/signature.h"

namespace kprobed::resolve {

/// "const char *", "umode_t": as BTF knows it, else from a list of C's own names. `types` may be
/// null. A type that nobody knows has TypeKind::unknown.
CType c_type_of(std::string_view text, const TypeView* types, unsigned word_bytes);

/// unsupported: the kernel does not tell this call's parameters.
Result<Signature> syscall_signature(const FetchContext& context);

}  // namespace kprobed::resolve
