// SPDX-License-Identifier: Apache-2.0
//
// The C types of a kernel and of its modules, from BTF. Of spaces, 0 is the kernel's and the nth
// module that was added is n.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "resolve/type_view.h"
#include "symbols/btf_file.h"

namespace kprobed::symbols {

class BtfTypes final : public resolve::TypeView {
 public:
  /// `path` is the kernel's BTF: /sys/kernel/btf/vmlinux. Errors as BtfFile has them.
  static Result<std::unique_ptr<BtfTypes>> open(const std::string& path);

  /// Adds a module's, once: /sys/kernel/btf/MODULE.
  Result<void> add_module(std::string_view module, const std::string& path);

  bool has_module(std::string_view module) const { return space_of(module) != nullptr; }
  /// The same from the bytes of .BTF in the module's file.
  Result<void> add_module_bytes(std::string_view module, const std::string& bytes);

  std::optional<resolve::FunctionType> function(std::string_view name,
                                                std::string_view module) const override;
  resolve::TypeInfo describe(resolve::TypeId type) const override;
  std::vector<resolve::TypeMember> members(resolve::TypeId type) const override;
  std::vector<decode::Enumerator> enumerators(resolve::TypeId type) const override;
  /// Of several definitions under one name the kernel's first. "unsigned long" and "long unsigned
  /// int" are the same.
  std::optional<resolve::TypeId> find(std::string_view c_name) const override;
  std::optional<Variable> variable(std::string_view name, std::string_view module) const override;

 private:
  struct Space {
    std::string module;
    std::unique_ptr<BtfFile> file;
  };
  /// A type behind modifiers and typedefs. `type` is nullptr for what does not exist.
  struct Found {
    std::uint32_t space = 0, id = 0;
    const BtfFile* file = nullptr;
    const btf_type* type = nullptr;
    bool byte_name = false;  ///< one of the typedefs says "number of one byte": u8, __s8
  };

  const Space* space_of(std::string_view module) const;
  resolve::TypeId global(std::uint32_t space, std::uint32_t id) const;
  Found look_through(resolve::TypeId type) const;
  /// The one complete definition of what is only declared here; itself if there is none.
  Found complete(const Found& declared) const;
  resolve::TypeInfo info_of(const Found& found) const;
  std::uint32_t size_of(resolve::TypeId type, unsigned depth) const;
  resolve::TypeMember member_of(const Found& owner, std::uint32_t index) const;
  bool is_signed_enum(const Found& found) const;

  std::vector<Space> spaces_;
};

}  // namespace kprobed::symbols
