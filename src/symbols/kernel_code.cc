// SPDX-License-Identifier: Apache-2.0
#include "symbols/kernel_code.h"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/byte_cursor.h"
#include "base/file.h"
#include "base/format.h"
#include "base/text.h"

namespace kprobed::symbols {

namespace {

/// fs/proc/kcore.c has one header for each range of memory: some tens.
constexpr std::size_t kMostSegments = 4096;

struct Segment {
  std::uint64_t address = 0, offset = 0, bytes = 0;
};

Result<std::vector<std::byte>> read_at(int fd, std::uint64_t offset, std::size_t bytes) {
  std::vector<std::byte> content(bytes);
  std::size_t used = 0;
  while (used < bytes) {
    const ssize_t got =
        ::pread(fd, content.data() + used, bytes - used, static_cast<off_t>(offset + used));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno, "read the kernel's code");
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  content.resize(used);
  return content;
}

Error malformed() { return {ErrorCode::malformed, "/proc/kcore is not the ELF file it should be"}; }

/// Elf64_Ehdr, Elf64_Phdr and their 32-bit twins, field by field as elf(5) has them.
Result<std::vector<Segment>> read_segments(int fd) {
  KPROBED_TRY(const std::vector<std::byte> head, read_at(fd, 0, sizeof(Elf64_Ehdr)));
  if (head.size() < sizeof(Elf32_Ehdr) || head[0] != std::byte{0x7f}) return malformed();
  const bool wide = head[EI_CLASS] == std::byte{ELFCLASS64};
  ByteCursor header(head);  // the running kernel's own byte order
  std::uint64_t table = 0;
  std::uint16_t entry_bytes = 0, count = 0;
  std::uint32_t table32 = 0;
  bool whole = header.skip(wide ? offsetof(Elf64_Ehdr, e_phoff) : offsetof(Elf32_Ehdr, e_phoff));
  whole = whole && (wide ? header.read(table) : header.read(table32));
  // e_shoff, e_flags, e_ehsize
  whole = whole && header.skip((wide ? 8 : 4) + 4 + 2) && header.read(entry_bytes) &&
          header.read(count);
  if (!wide) table = table32;
  const std::size_t expected = wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
  if (!whole || entry_bytes != expected || count > kMostSegments) return malformed();

  KPROBED_TRY(const std::vector<std::byte> entries, read_at(fd, table, expected * count));
  std::vector<Segment> segments;
  ByteCursor cursor(entries);
  for (Bytes entry; cursor.take(expected, entry);) {
    const auto field = [&](std::size_t at64, std::size_t at32) {
      return wide ? load<std::uint64_t>(entry.data() + at64, kHostOrder)
                  : std::uint64_t{load<std::uint32_t>(entry.data() + at32, kHostOrder)};
    };
    if (load<std::uint32_t>(entry.data(), kHostOrder) != PT_LOAD) continue;
    segments.push_back({field(offsetof(Elf64_Phdr, p_vaddr), offsetof(Elf32_Phdr, p_vaddr)),
                        field(offsetof(Elf64_Phdr, p_offset), offsetof(Elf32_Phdr, p_offset)),
                        field(offsetof(Elf64_Phdr, p_memsz), offsetof(Elf32_Phdr, p_memsz))});
  }
  return segments;
}

}  // namespace

Result<std::vector<std::byte>> read_kernel_code(const std::string& kcore_path,
                                                std::uint64_t address, std::size_t bytes) {
  Result<UniqueFd> fd = open_file(kcore_path, O_RDONLY);
  if (!fd.ok()) {
    const int err = fd.error().sys_errno;
    if (err == ENOENT) {
      return Error(ErrorCode::unsupported,
                   "this kernel does not show its code: it has no /proc/kcore");
    }
    // open_kcore, fs/proc/kcore.c: CAP_SYS_RAWIO, and no lockdown.
    return Error(ErrorCode::no_permission, "the kernel's code may not be read")
        .with_errno(err)
        .with_hint("/proc/kcore is for root, and not for a kernel in lockdown");
  }
  KPROBED_TRY(const std::vector<Segment> segments, read_segments(fd->get()));
  for (const Segment& segment : segments) {
    if (address < segment.address || address - segment.address >= segment.bytes) continue;
    const std::uint64_t at = address - segment.address;
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, segment.bytes - at));
    return read_at(fd->get(), segment.offset + at, size);
  }
  return Error(ErrorCode::unsupported, format("/proc/kcore does not show {}", hex(address)));
}

}  // namespace kprobed::symbols
