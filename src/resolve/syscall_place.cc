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

/// Do this kernel's wrappers bear the calls' own names (arch/powerpc/include/asm/syscall_wrapper.h,
/// Linux 6.1)? Without wrappers such a name is an alias of the __se_sys_ function
/// (include/linux/syscalls.h): asked of a call that every kernel has.
bool wrappers_are_plain(const KernelView& kernel) {
  if (kernel.abi().syscall_registers.empty() || !kernel.abi().syscall_prefix.empty()) return false;
  const auto own = kernel.find("sys_read", ""), alias = kernel.find("__se_sys_read", "");
  if (own.empty()) return false;
  return alias.empty() ||
         (own.front().address != 0 && own.front().address != alias.front().address);
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
  const std::string plain = format("sys_{}", name);
  if (name.empty() || (point.symbol != plain && has_text(point.symbol, kernel))) {
    return std::nullopt;
  }
  const arch::ArchAbi& abi = kernel.abi();
  if (!abi.syscall_prefix.empty()) {
    std::string symbol = format("{}{}", abi.syscall_prefix, plain);
    if (point.symbol != plain || !has_text(plain, kernel)) {
      if (has_text(symbol, kernel)) {
        return SyscallPlace{std::string(name), std::move(symbol), true, false};
      }
    }
  }
  if (!has_text(plain, kernel)) return std::nullopt;
  const bool as_written = point.symbol == plain;
  const bool is_call =
      has_text(format("__se_{}", plain), kernel) || kernel.syscall_parameters(name).has_value();
  if (as_written && !is_call) return std::nullopt;
  return SyscallPlace{std::string(name), plain, wrappers_are_plain(kernel), as_written};
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
