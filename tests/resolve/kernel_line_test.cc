// SPDX-License-Identifier: Apache-2.0
#include "resolve/kernel_line.h"

#include "fake_kernel.h"
#include "resolve_test_support.h"

namespace kprobed::resolve {
namespace {

std::string_view token(const Span& span) {
  return line_text(span).substr(span.begin, span.end - span.begin);
}

/// The kernel of these tests.
FakeKernel small_kernel() {
  FakeKernel kernel(
      "ffffffff81000000 T _stext\n"
      "ffffffff81000100 T vfs_read\n"
      "ffffffff81000200 T vfs_write\n"
      "ffffffff81001000 T _etext\n"
      "ffffffffc0000000 t dummy_xmit [dummy]\n"
      "ffffffffc0000100 t dummy_stats [dummy]\n");
  BinaryPlace main{"main", 0, 0x1200, true, 8, 17, 8};
  kernel.binaries[{"/opt/c++/prog", "main"}] = main;
  return kernel;
}

TEST(KernelLine, BlamesTheUsersTokenForEachColumn) {
  const FakeKernel kernel = small_kernel();
  // Each '^' of the line is a column; the rows name what is blamed for them in turn.
  struct Row {
    std::string_view text, line;
    std::vector<std::string_view> blamed;
  };
  const std::string_view whole = "the whole spec";
  for (const Row& row : {
           Row{"p vfs_read a1 x=+8(a2):u32",
               "^p:g/e ^vfs_read^+0 ^a1=^%di:^x64^ ^x=^+8(%si):^u32^",
               {whole, "vfs_read", "vfs_read", "a1", "a1", "a1", whole, "x", "+8(a2)", "u32",
                whole}},
           Row{"r vfs_read rp rv:s64",
               "r:g/e vfs_read+0 ^rv=^$retval:^s64",
               {"rv:s64", "rv", "s64"}},
           Row{"p vfs_read+0x10", "p:g/e ^vfs_read^+16", {"vfs_read", "+0x10"}},
           Row{"p vfs_read-0x10", "p:g/e ^_stext^+240", {"vfs_read", "-0x10"}},
           Row{"p 0xffffffff81000104",
               "p:g/e ^vfs_read^+4",
               {"0xffffffff81000104", "0xffffffff81000104"}},
           Row{"p dummy:dummy_xmit", "p:g/e ^dummy:^dummy_xmit+0", {"dummy_xmit", "dummy_xmit"}},
           Row{"r16:mine vfs_read", "^r^16:g/e ^vfs_read+0", {whole, "r16:mine", "vfs_read"}},
           Row{"f vfs_read%return rv", "f:g/e ^vfs_read^%return rv=$retval:x64", {"vfs_read", "f"}},
           Row{"p /opt/c++/prog:main+4 a1",
               "p:g/e ^/opt/c++/prog:^0x1204 ^a1=%di:x64",
               {"/opt/c++/prog", "main+4", "a1"}},
           Row{"r /opt/c++/prog:main", "r:g/e ^/opt/c++/prog:^0x1200", {"/opt/c++/prog", "main"}},
       }) {
    SCOPED_TRACE(row.text);
    auto probe = resolve_text(row.text, kernel);
    ASSERT_TRUE(probe.ok()) << render(probe.error());
    forget_padding(*probe);
    const KernelLine line = compose_line(*probe, "g", "e");
    std::string text;
    std::vector<std::size_t> columns;
    for (const char c : row.line) {
      if (c == '^') {
        columns.push_back(text.size());
      } else {
        text += c;
      }
    }
    EXPECT_EQ(line.text, text);
    ASSERT_EQ(columns.size(), row.blamed.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string_view expected = row.blamed[i] == whole ? row.text : row.blamed[i];
      EXPECT_EQ(token(line.blame(columns[i])), expected) << "column " << columns[i];
    }
    EXPECT_EQ(token(line.blame(9999)), row.text);
  }
}

TEST(KernelLine, IsOneForEachMember) {
  const FakeKernel kernel = small_kernel();
  auto probe = resolve_text("r8 vfs_* rv:s64", kernel);
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  const std::vector<KernelLine> lines = compose_lines(*probe, "g", "e");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].text, "r8:g/e vfs_read+0 rv=$retval:s64");
  EXPECT_EQ(lines[1].text, "r8:g/e vfs_write+0 rv=$retval:s64");
  EXPECT_EQ(token(lines[1].blame(lines[1].text.find("vfs_"))), "vfs_*");
  EXPECT_EQ(compose_line(*probe, "g", "e").text, lines[0].text);
}

TEST(KernelLine, EndsWithTheFetchargsNobodySees) {
  auto probe = resolve_text("p vfs_read a1", small_kernel());
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  probe->padding = {R"(_1=\"zz":string)", R"(_2=\"z":string)"};
  const KernelLine line = compose_line(*probe, "g", "e");
  EXPECT_EQ(line.text, R"(p:g/e vfs_read+0 a1=%di:x64 _1=\"zz":string _2=\"z":string)");
  EXPECT_EQ(token(line.blame(line.text.find("_2"))), "p vfs_read a1");
}

TEST(KernelLine, IsNotNeededForAnEventThatIsThere) {
  ResolvedProbe probe;
  probe.source = EventSource::existing;
  EXPECT_TRUE(compose_lines(probe, "g", "e").empty());
  EXPECT_EQ(compose_line(probe, "g", "e").text, "");
}

}  // namespace
}  // namespace kprobed::resolve
