// SPDX-License-Identifier: Apache-2.0
#include "resolve/kernel_line.h"

#include "fake_kernel.h"
#include "resolve_test_support.h"

namespace kprobed::resolve {
namespace {

std::string_view token(const Span& span) {
  return line_text(span).substr(span.begin, span.end - span.begin);
}

TEST(KernelLine, BlamesTheUsersTokenForEachColumn) {
  const FakeKernel kernel(
      "ffffffff81000000 T _stext\n"
      "ffffffff81000100 T vfs_read\n"
      "ffffffff81001000 T _etext\n"
      "ffffffffc0000000 t dummy_xmit [dummy]\n"
      "ffffffffc0000100 t dummy_stats [dummy]\n");
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
       }) {
    SCOPED_TRACE(row.text);
    auto probe = resolve_text(row.text, kernel);
    ASSERT_TRUE(probe.ok()) << render(probe.error());
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

}  // namespace
}  // namespace kprobed::resolve
