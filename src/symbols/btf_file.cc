// SPDX-License-Identifier: Apache-2.0
#include "symbols/btf_file.h"

#include <bpf/libbpf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <span>

#include "base/file.h"
#include "base/format.h"

namespace kprobed::symbols {

namespace {

std::size_t hash(std::string_view name) {
  // FNV-1a, 64 bits.
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char c : name) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return static_cast<std::size_t>(value ^ (value >> 32));
}

/// Is the file there, and ours to read? libbpf's errno does not tell that from what is in it.
Result<void> check_readable(const std::string& path) {
  const Result<UniqueFd> fd = open_file(path, O_RDONLY | O_NONBLOCK);
  if (fd.ok()) return {};
  if (fd.error().sys_errno != ENOENT) return fd.error();
  return Error(ErrorCode::not_found, format("there is no '{}'", path));
}

}  // namespace

Result<std::unique_ptr<BtfFile>> BtfFile::open(const std::string& path, const BtfFile* base) {
  KPROBED_TRY_VOID(check_readable(path));
  ::libbpf_set_print(nullptr);  // it would write to stderr
  std::unique_ptr<btf, Free> types(base == nullptr
                                       ? ::btf__parse(path.c_str(), nullptr)
                                       : ::btf__parse_split(path.c_str(), base->types_.get()));
  if (!types && errno == ENOMEM) return system_error(errno, format("read '{}'", path));
  if (!types) {
    // Also kinds of types that are newer than the library.
    return Error(ErrorCode::malformed, format("'{}' holds no BTF that can be understood", path))
        .with_hint("a newer libbpf may understand it");
  }
  return std::unique_ptr<BtfFile>(new BtfFile(std::move(types), base));
}

Result<std::unique_ptr<BtfFile>> BtfFile::parse(std::string_view bytes, const BtfFile& base) {
  // btf__new_split(), which takes bytes, is in libbpf's header and, in Debian 12, not in the
  // library.
  const UniqueFd fd(::memfd_create("btf", MFD_CLOEXEC));
  if (!fd.valid()) return system_error(errno, "make a file in memory");
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t wrote = ::write(fd.get(), bytes.data() + done, bytes.size() - done);
    if (wrote < 0) return system_error(errno, "write a file in memory");
    done += static_cast<std::size_t>(wrote);
  }
  return open(format("/proc/self/fd/{}", fd.get()), &base);
}

BtfFile::BtfFile(std::unique_ptr<btf, Free> types, const BtfFile* base) : types_(std::move(types)) {
  end_ = ::btf__type_cnt(types_.get());
  if (base != nullptr) {
    first_ = base->end_;
    says_enum_signs_ = base->says_enum_signs_;
  }
  index_names();
}

void BtfFile::index_names() {
  by_name_.assign(std::bit_ceil(std::size_t{end_ - first_} * 3 / 2 + 1), 0);
  for (std::uint32_t id = first_; id < end_; ++id) {
    const btf_type& own = *type(id);
    const unsigned kind = btf_kind(&own);
    if (kind == BTF_KIND_ENUM && btf_kflag(&own)) says_enum_signs_ = true;
    if (kind == BTF_KIND_DATASEC && name(own).substr(0, 13) == ".data..percpu") {
      for (const btf_var_secinfo& variable :
           std::span(btf_var_secinfos(&own), std::size_t{btf_vlen(&own)})) {
        per_cpu_.push_back(variable.type);
      }
    }
    // Not looked for by name: DATASEC, DECL_TAG, TYPE_TAG (whose name is the tag).
    if (own.name_off == 0 || kind == BTF_KIND_DATASEC || kind == BTF_KIND_DECL_TAG ||
        kind == BTF_KIND_TYPE_TAG) {
      continue;
    }
    std::size_t slot = hash(name(own)) & (by_name_.size() - 1);
    while (by_name_[slot] != 0) slot = (slot + 1) & (by_name_.size() - 1);
    by_name_[slot] = id;
  }
  std::ranges::sort(per_cpu_);
}

std::string_view BtfFile::text(std::uint32_t offset) const {
  const char* found = ::btf__str_by_offset(types_.get(), offset);
  return found == nullptr ? std::string_view() : std::string_view(found);
}

std::uint8_t BtfFile::pointer_bytes() const {
  return ::btf__pointer_size(types_.get()) == 4 ? 4 : 8;
}

bool BtfFile::is_per_cpu(std::uint32_t variable_id) const {
  return std::ranges::binary_search(per_cpu_, variable_id);
}

std::vector<std::uint32_t> BtfFile::find(std::string_view wanted_name,
                                         const std::function<bool(const btf_type&)>& wanted) const {
  std::vector<std::uint32_t> found;
  std::size_t slot = hash(wanted_name) & (by_name_.size() - 1);
  for (; by_name_[slot] != 0; slot = (slot + 1) & (by_name_.size() - 1)) {
    const btf_type& candidate = *type(by_name_[slot]);
    if (name(candidate) == wanted_name && wanted(candidate)) found.push_back(by_name_[slot]);
  }
  return found;
}

}  // namespace kprobed::symbols
