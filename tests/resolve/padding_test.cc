// SPDX-License-Identifier: Apache-2.0
//
// Hidden texts that make the kernel zero the record (KERNEL-FACTS 32).
#include "resolve/arguments.h"
#include "typed_kernel.h"

namespace kprobed::resolve {
namespace {

/// Bytes of the hidden texts with their NULs, which is what kprobe_perf_func clears.
std::size_t cleared(const ResolvedProbe& probe) {
  std::size_t bytes = 0;
  for (const std::string& argument : probe.padding) {
    bytes +=
        static_cast<std::size_t>(std::ranges::count(argument.substr(argument.find('=')), 'z')) + 1;
  }
  return bytes;
}

std::size_t fields(const ResolvedProbe& probe) {
  std::size_t bytes = 4 * probe.padding.size();
  for (const ResolvedArg& arg : probe.args) {
    if (arg.source == ValueSource::fetcharg) bytes += arg.fixed_bytes;
  }
  return bytes;
}

TEST(Padding, CoversAllFieldsWithItsOwn) {
  const FakeKernel kernel = typed_kernel();
  struct Row {
    std::string_view text;
    std::size_t arguments, bytes;
  };
  for (const Row& row : {
           Row{"p assembly a1 a2:string $comm", 0, 0},  // nothing that could be stale
           Row{"p assembly x=+0(a1):u8", 1, 1 + 4},
           Row{"p assembly x=+0(a1)", 1, 8 + 4},
           Row{"p assembly a1 a2 a3:string x=+0(a1)", 1, 28 + 4},
           Row{"p assembly x=+0(a1):u8[50]", 1, 50 + 4},
           Row{"p assembly x=+0(a1):u8[51]", 2, 51 + 8},
           Row{"p assembly a1:string{512}", 11, 512 + 44},
           Row{"p get_file file->f_flags", 1, 4 + 4},
           // Only kprobe_perf_func clears the record.
           Row{"r assembly x=+0(rv)", 0, 0},
           Row{"f assembly x=+0(a1)", 0, 0},
       }) {
    auto probe = resolve_text(row.text, kernel);
    ASSERT_TRUE(probe.ok()) << render(probe.error());
    EXPECT_EQ(probe->padding.size(), row.arguments) << row.text;
    EXPECT_EQ(cleared(*probe), row.bytes) << row.text;
    if (!probe->padding.empty()) {
      EXPECT_GE(cleared(*probe), fields(*probe)) << row.text;
    }
    for (const std::string& argument : probe->padding) {
      EXPECT_LE(argument.size() - argument.find('=') - 1, 63u) << argument;
    }
  }
}

TEST(Padding, IsPartOfTheLineAndOfTheRecord) {
  const FakeKernel kernel = typed_kernel();
  auto probe = resolve_text("p assembly _z1=+0(a1):u16", kernel);
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  EXPECT_EQ(compose_line(*probe, "g", "e").text,
            "p:g/e assembly+0 _z1=+0(%di):u16 _z1_=\\\"zzzzz\":string");
  EXPECT_EQ(probe->fixed_bytes, 16u + 2 + 4);
  EXPECT_EQ(probe->worst_bytes, 16u + 2 + 4 + 6);
  EXPECT_EQ(probe->args[0].unreadable, decode::Unreadable::zero);

  forget_padding(*probe);
  EXPECT_TRUE(probe->padding.empty());
  EXPECT_EQ(probe->fixed_bytes, 16u + 2);
  EXPECT_EQ(probe->worst_bytes, 16u + 2);
  EXPECT_EQ(probe->args[0].unreadable, decode::Unreadable::stale);
  forget_padding(*probe);
  EXPECT_EQ(probe->fixed_bytes, 16u + 2);
}

TEST(Padding, LeavesZeroesOfOthersAlone) {
  FakeKernel kernel = typed_kernel();
  kernel.binaries[{"/bin/bash", "main"}] = {
      .symbol = "main", .file_offset = 0x1000, .at_entry = true};
  auto probe = resolve_text("p /bin/bash:main x=+0(a1):u16", kernel);
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  forget_padding(*probe);
  EXPECT_EQ(probe->args[0].unreadable, decode::Unreadable::zero);
}

TEST(Padding, IsLeftOutWhereThereIsNoRoom) {
  const FakeKernel kernel = typed_kernel();
  std::string arguments = "p assembly x=+0(a1):u8";
  for (int i = 1; i < 128; ++i) arguments += " n" + std::to_string(i) + "=%di:u8";
  auto probe = resolve_text(arguments, kernel);
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  EXPECT_TRUE(probe->padding.empty());
  EXPECT_EQ(probe->args[0].unreadable, decode::Unreadable::stale);

  // A line that would get longer than the kernel reads.
  std::string line = "p assembly";
  for (int i = 0; i < 70; ++i) {
    line += " n" + std::to_string(i) + "=+1000000(+1000000(+1000000(+10000(%di)))):x64";
  }
  probe = resolve_text(line, kernel);
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  EXPECT_TRUE(probe->padding.empty());
  EXPECT_EQ(probe->args[0].unreadable, decode::Unreadable::stale);
}

}  // namespace
}  // namespace kprobed::resolve
