// SPDX-License-Identifier: Apache-2.0
//
// One BTF file (the kernel's, or a module's that goes on where the kernel's ends), as libbpf reads
// it, with an index of its names. Type ids in it are input: every walk over them is bounded.
#pragma once

#include <bpf/btf.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kprobed::symbols {

class BtfFile {
 public:
  /// Raw BTF, or an ELF file with a .BTF section. `base` is the kernel's, for a module's: it must
  /// outlive this. Errors: not_found, no_permission, malformed.
  static Result<std::unique_ptr<BtfFile>> open(const std::string& path, const BtfFile* base);

  /// The bytes of a module's .BTF.
  static Result<std::unique_ptr<BtfFile>> parse(std::string_view bytes, const BtfFile& base);

  /// nullptr if there is no such type; void, 0, has a kind of its own: BTF_KIND_UNKN.
  const btf_type* type(std::uint32_t id) const { return ::btf__type_by_id(types_.get(), id); }
  /// "" for none, and for an offset outside of the file.
  std::string_view text(std::uint32_t offset) const;
  std::string_view name(const btf_type& type) const { return text(type.name_off); }

  std::uint32_t first_own_id() const { return first_; }
  std::uint8_t pointer_bytes() const;
  /// Does it say of an enumeration whether it is signed (pahole 1.24)?
  bool says_enum_signs() const { return says_enum_signs_; }
  bool is_per_cpu(std::uint32_t variable_id) const;

  /// Of the types of this file (not of its base) with that name, those that `wanted` takes; in the
  /// order of the file.
  std::vector<std::uint32_t> find(std::string_view name,
                                  const std::function<bool(const btf_type&)>& wanted) const;

 private:
  struct Free {
    void operator()(btf* types) const { ::btf__free(types); }
  };
  explicit BtfFile(std::unique_ptr<btf, Free> types, const BtfFile* base);
  void index_names();

  std::unique_ptr<btf, Free> types_;
  std::uint32_t first_ = 1, end_ = 1;  ///< own ids
  bool says_enum_signs_ = false;
  std::vector<std::uint32_t> by_name_;  ///< open addressing over ids; 0 is a free slot
  std::vector<std::uint32_t> per_cpu_;  ///< ids of variables, sorted
};

}  // namespace kprobed::symbols
