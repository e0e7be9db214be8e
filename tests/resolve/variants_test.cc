// SPDX-License-Identifier: Apache-2.0
#include "resolve/variants.h"

#include "fake_kernel.h"
#include "resolve_test_support.h"

namespace kprobed::resolve {
namespace {

FakeKernel compiled() {
  return FakeKernel(
      "ffffffff81000000 T _stext\n"
      "ffffffff81000100 t tcp_ack.isra.0\n"
      "ffffffff81000200 t tcp_send.constprop.0\n"
      "ffffffff81000300 t tcp_send.constprop.1\n"
      "ffffffff81000400 t vfs_rmdir.part.0\n"
      "ffffffff81000500 t vfs_rmdir.cold\n"
      "ffffffff81000600 t lto_one.llvm.4711\n"
      "ffffffff81000700 T whole\n"
      "ffffffff81000780 t whole.part.0.isra.0\n"
      "ffffffff81000800 t whole.cold\n"
      "ffffffff81000900 t __x64_sys_frob\n"
      "ffffffff81000940 t frob.isra.0\n"
      "ffffffff81000980 t only.cold\n"
      "ffffffff81000990 t only.isra.3\n"
      "ffffffff81000a00 t whole.not_a_variant\n"
      "ffffffff81001000 T _etext\n"
      "ffffffffc0000000 t mod_fn.isra.0 [m]\n");
}

constexpr ResolveOptions kFollow{.follow_drift = true};

TEST(Variants, AreFoundByTheirMarks) {
  const FakeKernel kernel = compiled();
  struct Row {
    std::string_view name, variants;
  };
  for (const Row& row : {
           Row{"tcp_ack", "tcp_ack.isra.0"},
           Row{"tcp_send", "tcp_send.constprop.0 tcp_send.constprop.1"},
           Row{"whole", "whole.part.0.isra.0 whole.cold"},
           Row{"lto_one", "lto_one.llvm.4711"},
           Row{"mod_fn", "mod_fn.isra.0"},
           Row{"who", ""},
           Row{"_stext", ""},
       }) {
    std::string names;
    for (const Symbol& variant : variants_of(row.name, "", kernel)) {
      names += (names.empty() ? "" : " ") + variant.name;
    }
    EXPECT_EQ(names, row.variants) << row.name;
  }
  // Captured: the real ones look the same.
  const FakeKernel debian(read_data("6.1/kallsyms"));
  ASSERT_EQ(variants_of("vfs_statfs", "", debian).size(), 1u);
  EXPECT_EQ(variants_of("vfs_statfs", "", debian)[0].name, "vfs_statfs.part.0.isra.0");
}

TEST(Variants, OfAnAbsentFunctionAreNamed) {
  const FakeKernel kernel = compiled();
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"p ^tcp_ack a1", symbol_not_found, "tcp_ack",
                   "no symbol 'tcp_ack' in this kernel, but the compiler has made of it "
                   "'tcp_ack.isra.0'",
                   "write the full name; or tcp_ack%all"},
           Refusal{"r ^tcp_send", symbol_not_found, "tcp_send",
                   "'tcp_send.constprop.0' and 'tcp_send.constprop.1'"},
           Refusal{"p m:^mod_fn", symbol_not_found, "mod_fn", "'mod_fn.isra.0'"},
       }) {
    expect_refusal(row, kernel);
  }
  EXPECT_EQ(points_of("p whole", kernel), "whole+0");
}

TEST(Variants, OfManyOnlySomeAreNamed) {
  FakeKernel kernel = compiled();
  for (char i = '0'; i <= '6'; ++i) {
    kernel.symbols.push_back(
        {std::string("many.part.") + i, "", 0xffffffff81000b00u + (i & 15), 't'});
  }
  expect_refusal({"p ^many", ErrorCode::symbol_not_found, "many",
                  "'many.part.0', 'many.part.1', 'many.part.2', 'many.part.3', 'many.part.4' and 2 "
                  "more"},
                 kernel);
}

TEST(Variants, TheOnlyOneIsTakenOnRequest) {
  const FakeKernel kernel = compiled();
  struct Row {
    std::string_view text, points, remarks;
  };
  for (const Row& row : {
           Row{"p tcp_ack a1", "tcp_ack.isra.0+0", "variant"},
           Row{"r tcp_ack rv", "tcp_ack.isra.0+0", "variant"},
           Row{"p lto_one", "lto_one.llvm.4711+0", "variant"},
           Row{"p only", "only.isra.3+0", "variant"},
           Row{"p mod_fn", "m:mod_fn.isra.0+0", "variant"}, Row{"p whole", "whole+0", ""},
           Row{"p frob", "__x64_sys_frob+0", "syscall"},  // the call is what is meant
       }) {
    EXPECT_EQ(points_of(row.text, kernel, kFollow), row.points) << row.text;
    EXPECT_EQ(remarks_of(row.text, kernel, kFollow), row.remarks) << row.text;
  }
  using enum ErrorCode;
  for (const Refusal& row : {
           // Which of the two, or a piece of the function: not ours to choose.
           Refusal{"p ^tcp_send", symbol_not_found, "tcp_send", "'tcp_send.constprop.0' and"},
           Refusal{"p ^vfs_rmdir", symbol_not_found, "vfs_rmdir", "'vfs_rmdir.part.0'"},
       }) {
    expect_refusal(row, kernel, kFollow);
  }
}

TEST(Variants, WhoseArgumentsMovedSaySo) {
  auto moved = resolve_text("p tcp_ack a1", compiled(), kFollow);
  ASSERT_TRUE(moved.ok()) << render(moved.error());
  EXPECT_NE(moved->remarks.at(0).message.find("may have moved"), std::string::npos);
  EXPECT_EQ(probespec::print(moved->spec), "p tcp_ack.isra.0 a1");
  auto renamed = resolve_text("p lto_one a1", compiled(), kFollow);
  ASSERT_TRUE(renamed.ok()) << render(renamed.error());
  EXPECT_EQ(renamed->remarks.at(0).message,
            "'lto_one.llvm.4711' is probed in place of 'lto_one', which the compiler has renamed");
}

TEST(Variants, ThatAreJumpedToDoNotReturn) {
  const FakeKernel kernel = compiled();
  expect_refusal(
      {"r ^whole.cold", ErrorCode::wrong_place, "whole.cold", "does not return", "write 'r whole'"},
      kernel);
  EXPECT_EQ(points_of("p whole.cold", kernel), "whole.cold+0");
  for (const std::string_view name : {"a.cold", "a.cold.3", "a.isra.0.cold"}) {
    EXPECT_TRUE(is_cold(name)) << name;
  }
  for (const std::string_view name : {"a", "cold", "a.colder", "a.part.0"}) {
    EXPECT_FALSE(is_cold(name)) << name;
  }
}

}  // namespace
}  // namespace kprobed::resolve
