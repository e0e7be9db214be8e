// SPDX-License-Identifier: Apache-2.0
#include "symbols/kernel_code.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "temporary_files.h"

namespace kprobed::symbols {
namespace {

constexpr std::uint64_t kText = 0xffffffff81000000;

/// Like fs/proc/kcore.c makes it: a PT_NOTE, then a PT_LOAD for each range.
template <typename Header, typename Segment>
std::string kcore(unsigned char elf_class, std::uint64_t text) {
  Header header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = elf_class;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Segment);
  header.e_phnum = 3;
  Segment segments[3] = {};
  segments[0].p_type = PT_NOTE;
  segments[1].p_type = segments[2].p_type = PT_LOAD;
  segments[1].p_vaddr = static_cast<decltype(segments[1].p_vaddr)>(text);
  segments[1].p_offset = 0x1000;
  segments[1].p_memsz = 0x40;
  segments[2].p_vaddr = static_cast<decltype(segments[2].p_vaddr)>(text + 0x1000);
  segments[2].p_offset = 0x2000;
  segments[2].p_memsz = 0x1000;  // of which the file, made short, has 8
  std::string file(0x2008, '\0');
  std::memcpy(file.data(), &header, sizeof header);
  std::memcpy(file.data() + sizeof header, segments, sizeof segments);
  for (std::size_t i = 0; i < 0x40; ++i) file[0x1000 + i] = static_cast<char>(i);
  for (std::size_t i = 0; i < 8; ++i) file[0x2000 + i] = static_cast<char>(0xa0 + i);
  return file;
}

std::string kcore64() { return kcore<Elf64_Ehdr, Elf64_Phdr>(ELFCLASS64, kText); }

TEST(KernelCode, IsReadByAddress) {
  const TemporaryFolder folder;
  const std::string path = folder.write("kcore", kcore64());
  struct Row {
    std::uint64_t address;
    std::size_t bytes, read;
    unsigned first;
  };
  for (const Row& row : {
           Row{kText, 16, 16, 0}, Row{kText + 0x10, 8, 8, 0x10},
           Row{kText + 0x38, 100, 8, 0x38},  // up to the end of the range
           Row{kText + 0x1000, 4, 4, 0xa0},
           Row{kText + 0x1004, 100, 4, 0xa4},  // up to the end of the file
       }) {
    const auto code = read_kernel_code(path, row.address, row.bytes);
    ASSERT_TRUE(code.ok()) << describe(code.error());
    ASSERT_EQ(code->size(), row.read) << hex(row.address);
    EXPECT_EQ(std::to_integer<unsigned>(code->front()), row.first) << hex(row.address);
  }
  const std::string narrow =
      folder.write("kcore32", kcore<Elf32_Ehdr, Elf32_Phdr>(ELFCLASS32, 0xc0100000));
  const auto code = read_kernel_code(narrow, 0xc0100003, 2);
  ASSERT_TRUE(code.ok()) << describe(code.error());
  EXPECT_EQ(*code, (std::vector{std::byte{3}, std::byte{4}}));
}

TEST(KernelCode, ThatCannotBeReadIsAnError) {
  const TemporaryFolder folder;
  std::string many = kcore64(), odd = kcore64();
  many[offsetof(Elf64_Ehdr, e_phnum) + 1] = '\x7f';
  odd[offsetof(Elf64_Ehdr, e_phentsize)] = 1;
  struct Row {
    std::string path;
    std::uint64_t address;
    ErrorCode code;
  };
  const std::string whole = folder.write("kcore", kcore64());
  for (const Row& row : {
           Row{folder.path() + "/missing", kText, ErrorCode::unsupported},
           Row{whole, kText - 1, ErrorCode::unsupported},
           Row{whole, kText + 0x40, ErrorCode::unsupported},
           Row{whole, ~std::uint64_t{0}, ErrorCode::unsupported},
           Row{whole, 0, ErrorCode::unsupported},
           Row{folder.write("empty", ""), kText, ErrorCode::malformed},
           Row{folder.write("text", std::string(100, 'x')), kText, ErrorCode::malformed},
           Row{folder.write("many", many), kText, ErrorCode::malformed},
           Row{folder.write("odd", odd), kText, ErrorCode::malformed},
           Row{folder.write("short", kcore64().substr(0, 70)), kText, ErrorCode::unsupported},
       }) {
    const auto code = read_kernel_code(row.path, row.address, 16);
    ASSERT_FALSE(code.ok()) << row.path << hex(row.address);
    EXPECT_EQ(word(code.error().code), word(row.code)) << row.path << describe(code.error());
  }
}

}  // namespace
}  // namespace kprobed::symbols
