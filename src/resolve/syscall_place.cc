// SPDX-License-Identifier: Apache-2.0
#include "resolve/syscall_place.h"

#include <algorithm>
#include <string_view>

#include "base/format.h"

namespace kprobed::resolve {

namespace {

bool has_text(std::string_view symbol, const KernelView& kernel) {
  return std::ranges::any_of(kernel.find(symbol, ""), &Symbol::is_text);
}

/// "openat" of what a system call's function has been called in kernels old and new.
std::string_view bare_name(std::string_view name) {
  for (const std::string_view prefix : {"__se_sys_", "sys_", "SyS_"}) {
    if (name.starts_with(prefix)) return name.substr(prefix.size());
  }
  return name;
}

/// Where calls of 32-bit programs arrive on a 64-bit kernel; "" if they cannot, or come the same
/// way.
std::string compat_function(const SyscallPlace& syscall, const KernelView& kernel) {
  const std::string_view own = kernel.abi().syscall_prefix;
  for (const std::string& symbol : {
           format("__ia32_compat_sys_{}", syscall.name),
           format("{}compat_sys_{}", own, syscall.name),
           format("__ia32_sys_{}", syscall.name),
       }) {
    if (symbol != syscall.symbol && has_text(symbol, kernel)) return symbol;
  }
  return {};
}

}  // namespace

std::optional<SyscallPlace> find_syscall(const probespec::ProbePoint& point,
                                         const KernelView& kernel) {
  if (!point.module.empty() || !point.path.empty() || point.symbol.empty() || point.several()) {
    return std::nullopt;
  }
  const std::string_view name = bare_name(point.symbol);
  if (name.empty() || has_text(point.symbol, kernel)) return std::nullopt;
  const std::string_view prefix = kernel.abi().syscall_prefix;
  std::string symbol = format("{}sys_{}", prefix, name);
  if (symbol == point.symbol || !has_text(symbol, kernel)) return std::nullopt;
  return SyscallPlace{std::string(name), std::move(symbol), !prefix.empty()};
}

Remark syscall_remark(const SyscallPlace& syscall, const Span& span, const KernelView& kernel) {
  Remark remark{"syscall",
                format("the system call '{}' is probed at '{}'{}", syscall.name, syscall.symbol,
                       syscall.wrapped ? ", its arguments taken from the caller's registers" : ""),
                "", span};
  const std::string compat = compat_function(syscall, kernel);
  if (!compat.empty()) remark.hint = format("calls of 32-bit programs go to '{}'", compat);
  return remark;
}

}  // namespace kprobed::resolve
