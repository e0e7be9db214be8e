// SPDX-License-Identifier: Apache-2.0
#include "resolve/dentry_names.h"

#include <array>
#include <string_view>

#include "base/format.h"
#include "resolve/field_path.h"

namespace kprobed::resolve {

using probespec::BaseType;

bool is_dentry_type(const probespec::FetchArg& arg) {
  return arg.type && !arg.type->bits &&
         (arg.type->base == BaseType::dentry_name || arg.type->base == BaseType::file_name);
}

Result<void> read_dentry_name(const probespec::FetchArg& arg, const KernelView& kernel,
                              Location& at) {
  constexpr std::array<std::string_view, 2> kName = {"d_name", "name"};
  constexpr std::array<std::string_view, 2> kDentry = {"f_path", "dentry"};
  const Span& span = arg.type->span.known() ? arg.type->span : arg.span;
  const auto types = kernel.types("");
  if (!types.ok()) {
    return Error(ErrorCode::unsupported,
                 format("'{}' needs to know where a struct dentry has its name: {}",
                        probespec::word(arg.type->base), describe(types.error())))
        .at(span);
  }
  const auto name = member_offset(**types, "struct dentry", kName);
  const auto dentry = member_offset(**types, "struct file", kDentry);
  if (!name || !dentry) {
    return Error(ErrorCode::unsupported,
                 format("'{}' needs to know where a struct dentry has its name, and BTF of this "
                        "kernel does not say it",
                        probespec::word(arg.type->base)))
        .at(span);
  }
  if (arg.type->base == BaseType::file_name) at.read({.offset = *dentry, .span = {}});
  at.read({.offset = *name, .span = {}});
  at.read({});
  return {};
}

}  // namespace kprobed::resolve
