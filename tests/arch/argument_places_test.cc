// SPDX-License-Identifier: Apache-2.0
//
// Where calls pass what is wider than a word, by the ABI documents. Rows marked "seen" have been
// held against calls on a real kernel by tests/vm/scripts/arch.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "arch/arch_abi.h"
#include "base/format.h"

namespace kprobed::arch {
namespace {

/// "8" a number of 8 bytes; "12/4" a structure of 12 bytes, aligned to 4.
std::vector<ArgumentSize> sizes_of(std::string_view text) {
  std::vector<ArgumentSize> sizes;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word(text.substr(at, end - at));
    const std::size_t slash = word.find('/');
    ArgumentSize size{.bytes = static_cast<std::uint32_t>(std::stoul(word))};
    if (slash != word.npos)
      size.align = static_cast<std::uint32_t>(std::stoul(word.substr(slash + 1)));
    sizes.push_back(size);
    at = end + 1;
  }
  return sizes;
}

/// "%r0 %r2-%r3 *%r4 -": first to last word; '*' an address of it, '-' nothing.
std::string places_of(const ArchAbi& abi, std::string_view sizes, bool program) {
  const auto fetch = [&](unsigned n) {
    return program ? program_argument_fetch(abi, n) : argument_fetch(abi, n);
  };
  std::string text;
  for (const ArgumentPlace& place : argument_places(abi, sizes_of(sizes), program)) {
    if (!text.empty()) text += ' ';
    if (place.words == 0) {
      text += '-';
      continue;
    }
    if (place.by_reference) text += '*';
    text += fetch(place.word);
    if (place.words > 1) text += "-" + fetch(place.word + place.words - 1);
  }
  return text;
}

struct Row {
  std::string_view arch, sizes, places;
};

TEST(ArgumentPlaces, FollowEachAbi) {
  for (const Row& row : {
           // System V psABI x86-64: two registers or memory; the registers stay for others.
           Row{"x86_64", "8 4 1 2", "%di %si %dx %cx"},
           Row{"x86_64", "8 16/8 8", "%di %si-%dx %cx"},  // sockptr_t; seen
           Row{"x86_64", "12/4 8", "%di-%si %dx"},
           Row{"x86_64", "24/8 8 8", "$stack1-$stack3 %di %si"},
           Row{"x86_64", "8 8 8 8 8 16/8 8 8", "%di %si %dx %cx %r8 $stack1-$stack2 %r9 $stack3"},
           Row{"x86_64", "8 8 8 8 8 8 8 16", "%di %si %dx %cx %r8 %r9 $stack1 $stack3-$stack4"},
           Row{"x86_64", "0 8", "- %di"},
           // regparm(3): low word first, no alignment; what does not fit takes the rest with it.
           Row{"i386", "4 8 4", "%ax %dx-%cx $stack1"},  // do_sys_ftruncate; seen
           Row{"i386", "4 4 8 8",
               "%ax %dx $stack1-$stack2 $stack3-$stack4"},  // vfs_fallocate; seen
           Row{"i386", "4 4 8 4", "%ax %dx $stack1-$stack2 $stack3"},
           Row{"i386", "4 4 4 8/4 4", "%ax %dx %cx $stack1-$stack2 $stack3"},
           Row{"i386", "8 8", "%ax-%dx $stack1-$stack2"},
           // AAPCS64: 16-byte alignment, no splitting, large structures by address.
           Row{"arm64", "8 16 8", "%x0 %x2-%x3 %x4"},
           Row{"arm64", "8 16/8 8", "%x0 %x1-%x2 %x3"},
           Row{"arm64", "24/8 8", "*%x0 %x1"},
           Row{"arm64", "8 8 8 8 8 8 8 16/8 8",
               "%x0 %x1 %x2 %x3 %x4 %x5 %x6 $stack0-$stack1 $stack2"},
           Row{"arm64", "8 8 8 8 8 8 8 8 8 16",
               "%x0 %x1 %x2 %x3 %x4 %x5 %x6 %x7 $stack0 $stack2-$stack3"},
           // AAPCS32: 8-byte alignment; a structure may be split, once.
           Row{"armhf", "4 8 4", "%r0 %r2-%r3 $stack0"},                // do_sys_ftruncate; seen
           Row{"armhf", "4 4 8 8", "%r0 %r1 %r2-%r3 $stack0-$stack1"},  // vfs_fallocate; seen
           Row{"armhf", "4 4 4 8 4", "%r0 %r1 %r2 $stack0-$stack1 $stack2"},
           Row{"armhf", "4 4 4 8/4 4", "%r0 %r1 %r2 %r3-$stack0 $stack1"},
           Row{"armhf", "4 4 4 4 4 8", "%r0 %r1 %r2 %r3 $stack0 $stack2-$stack3"},
           Row{"armhf", "4 4 4 12/4 8", "%r0 %r1 %r2 %r3-$stack1 $stack2-$stack3"},
           // ELFv2, ELFv1, n64: a row of slots.
           Row{"ppc64el", "8 16/8 8", "%r3 %r4-%r5 %r6"},
           Row{"ppc64el", "8 16 8", "%r3 %r5-%r6 %r7"},
           Row{"ppc64el", "8 8 8 8 8 8 8 16/8 8",
               "%r3 %r4 %r5 %r6 %r7 %r8 %r9 %r10-$stack12 $stack13"},
           Row{"ppc64el", "40/8 8", "%r3-%r7 %r8"},
           Row{"ppc64", "8 16/8 8", "%r3 %r4-%r5 %r6"},
           Row{"mips64el", "8 16/8 8", "%r4 %r5-%r6 %r7"},
           Row{"mips64el", "8 16 8", "%r4 %r6-%r7 %r8"},
           Row{"mips64el", "8 8 8 8 8 8 8 16/8 8",
               "%r4 %r5 %r6 %r7 %r8 %r9 %r10 %r11-$stack0 $stack1"},
           // s390x ELF ABI: 1, 2, 4, 8 bytes; all else by address.
           Row{"s390x", "8 8/8 16/8 8 12/4 8 8", "%r2 %r3 *%r4 %r5 *%r6 $stack20 $stack21"},
           Row{"s390x", "3/1 8", "*%r2 %r3"},
           // RISC-V and LoongArch: split where registers end, large by address.
           Row{"riscv64", "8 16 8", "%a0 %a1-%a2 %a3"},
           Row{"riscv64", "8 8 8 8 8 8 8 16 8", "%a0 %a1 %a2 %a3 %a4 %a5 %a6 %a7-$stack0 $stack1"},
           Row{"riscv64", "24/8 8", "*%a0 %a1"},
           Row{"riscv64", "8 8 8 8 8 8 8 8 8 16",
               "%a0 %a1 %a2 %a3 %a4 %a5 %a6 %a7 $stack0 $stack2-$stack3"},
           Row{"loongarch64", "8 16 24/8", "%r4 %r5-%r6 *%r7"},
       }) {
    const ArchAbi* abi = find(row.arch);
    ASSERT_NE(abi, nullptr) << row.arch;
    EXPECT_EQ(places_of(*abi, row.sizes, false), row.places) << row.arch << ": " << row.sizes;
  }
}

TEST(ArgumentPlaces, OfProgramsMayDiffer) {
  for (const Row& row : {
           Row{"i386", "4 8 4", "$stack1 $stack2-$stack3 $stack4"},  // seen
           Row{"armhf", "4 8 4", "%r0 %r2-%r3 $stack0"},             // seen
           Row{"x86_64", "4 8 4", "%di %si %dx"},
       }) {
    EXPECT_EQ(places_of(*find(row.arch), row.sizes, true), row.places) << row.arch;
  }
}

}  // namespace
}  // namespace kprobed::arch
