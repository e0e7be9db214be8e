// SPDX-License-Identifier: Apache-2.0
#include "resolve/patterns.h"

#include "fake_kernel.h"
#include "resolve_test_support.h"

namespace kprobed::resolve {
namespace {

// Two functions are named probe_it, one of them with a variant.
FakeKernel several() {
  FakeKernel kernel(
      "ffffffff81000000 T _stext\n"
      "ffffffff81000100 T tcp_v4_rcv\n"
      "ffffffff81000180 T __pfx_tcp_v4_err\n"
      "ffffffff81000190 T tcp_v4_err\n"
      "ffffffff81000200 t tcp_v4_init.cold\n"
      "ffffffff81000280 T tcp_v6_rcv\n"
      "ffffffff81000300 t probe_it\n"
      "ffffffff81000380 t probe_it.isra.0\n"
      "ffffffff810003c0 t probe_it.cold\n"
      "ffffffff81000400 t __cfi_probe_it\n"
      "ffffffff81000410 t probe_it\n"
      "ffffffff81000480 T alone_a\n"
      "ffffffff81000480 T alone_b\n"
      "ffffffff81001000 T _etext\n"
      "ffffffff81002000 t tcp_v4_setup\n"
      "ffffffff82000000 d probe_it\n"
      "ffffffffc0000000 t dummy_xmit [dummy]\n"
      "ffffffffc0000040 t dummy_stats [dummy]\n"
      "ffffffffc0001000 t tcp_v4_extra [dummy]\n");
  return kernel;
}

TEST(Patterns, StandForFunctionsByAddress) {
  const FakeKernel kernel = several();
  struct Row {
    std::string_view text, points, remarks;
  };
  for (const Row& row : {
           Row{"p tcp_v4_*", "tcp_v4_rcv+0 tcp_v4_err+0 dummy:tcp_v4_extra+0",
               "members several_modules skipped"},
           Row{"r tcp_v4_[re]*", "tcp_v4_rcv+0 tcp_v4_err+0 dummy:tcp_v4_extra+0",
               "members several_modules"},
           Row{"p tcp_v?_rcv", "tcp_v4_rcv+0 tcp_v6_rcv+0", "members"},
           Row{"p dummy:*", "dummy:dummy_xmit+0 dummy:dummy_stats+0 dummy:tcp_v4_extra+0",
               "members"},
           // Names that several have are reached from an earlier one that is unique.
           Row{"p probe_i?", "tcp_v6_rcv+128 __cfi_probe_it+16", "members"},
           Row{"p probe_it%all", "tcp_v6_rcv+128 probe_it.isra.0+0 __cfi_probe_it+16", "members"},
           Row{"r probe_it%all", "tcp_v6_rcv+128 probe_it.isra.0+0 __cfi_probe_it+16", "members"},
           // One is not several.
           Row{"p tcp_v6*", "tcp_v6_rcv+0", ""},
           Row{"p tcp_v4_err%all", "tcp_v4_err+0", ""},
           Row{"p dummy:dummy_x*", "dummy:dummy_xmit+0", ""},
           Row{"p alone_*", "alone_a+0", ""},
       }) {
    EXPECT_EQ(points_of(row.text, kernel), row.points) << row.text;
    EXPECT_EQ(remarks_of(row.text, kernel), row.remarks) << row.text;
  }
}

TEST(Patterns, AreShownAsTheyWereWritten) {
  struct Row {
    std::string_view text, module, symbol;
    std::uint64_t address;
    std::size_t members;
  };
  for (const Row& row : {
           Row{"p tcp_v4_*", "", "tcp_v4_*", 0, 3},
           Row{"p dummy:dummy_*", "dummy", "dummy_*", 0, 2},
           Row{"p probe_it%all", "", "probe_it%all", 0, 3},
           Row{"p tcp_v6*", "", "tcp_v6_rcv", 0xffffffff81000280, 0},
           Row{"p dummy_x*", "dummy", "dummy_xmit", 0xffffffffc0000000, 0},
       }) {
    auto probe = resolve_text(row.text, several());
    ASSERT_TRUE(probe.ok()) << render(probe.error());
    EXPECT_EQ(probe->module, row.module) << row.text;
    EXPECT_EQ(probe->symbol, row.symbol) << row.text;
    EXPECT_EQ(probe->address, row.address) << row.text;
    EXPECT_EQ(probe->members.size(), row.members) << row.text;
    EXPECT_TRUE(probe->at_entry);
    EXPECT_EQ(probespec::print(probe->spec), row.text);
  }
}

TEST(Patterns, GiveEachMemberItsRange) {
  auto probe = resolve_text("p tcp_v4_*", several());
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  // A function ends where the next symbol begins, be it padding, and a module's last one where the
  // text that is known ends.
  EXPECT_EQ(probe->members,
            (std::vector<ProbeMember>{
                {"tcp_v4_rcv+0", "tcp_v4_rcv", "", 0xffffffff81000100, 0xffffffff81000180},
                {"tcp_v4_err+0", "tcp_v4_err", "", 0xffffffff81000190, 0xffffffff81000200},
                {"dummy:tcp_v4_extra+0", "tcp_v4_extra", "dummy", 0xffffffffc0001000,
                 0xffffffffc0002000}}));
  EXPECT_EQ(probe->remarks.at(0).message, "3 functions: tcp_v4_rcv, tcp_v4_err and tcp_v4_extra");
}

TEST(Patterns, LeaveOutWhatCannotBeProbed) {
  FakeKernel kernel = several();
  kernel.untraceable.insert("tcp_v4_rcv");
  kernel.blacklist.insert(0xffffffffc0001000);
  auto probe = resolve_text("p tcp_v4_*", kernel);
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  EXPECT_EQ(probe->symbol, "tcp_v4_err");
  ASSERT_EQ(probe->remarks.size(), 1u);
  EXPECT_EQ(probe->remarks[0].code, "skipped");
  EXPECT_EQ(probe->remarks[0].message,
            "4 that cannot be probed are left out: tcp_v4_rcv, tcp_v4_init.cold, tcp_v4_setup and "
            "1 more");
  kernel.untraceable.insert("tcp_v4_err");
  expect_refusal({"p ^tcp_v4_*", ErrorCode::bad_address, "tcp_v4_*",
                  "none of what 'tcp_v4_*' stands for can be probed: tcp_v4_rcv,", "blacklist"},
                 kernel);
}

TEST(Patterns, AreRefusedWithTheReason) {
  const FakeKernel kernel = several();
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"p ^udp_*", symbol_not_found, "udp_*", "no function's name matches 'udp_*'",
                   "the whole name"},
           Refusal{"p dummy:^udp_*", symbol_not_found, "udp_*", "in that module"},
           Refusal{"p veth:^veth_*", symbol_not_found, "veth_*", "module 'veth' is not loaded",
                   "one MOD:SYMBOL"},
           Refusal{"p ^tcp_v4_rvc%all", symbol_not_found, "tcp_v4_rvc", "no symbol 'tcp_v4_rvc'",
                   "'tcp_v4_rcv'"},
       }) {
    expect_refusal(row, kernel);
  }
  expect_refusal({"p ^tcp_*", too_many, "tcp_*",
                  "'tcp_*' stands for 4 functions; one probe takes 3", "narrow"},
                 kernel, {.max_members = 3});
  EXPECT_EQ(remarks_of("p tcp_*", kernel, {.max_members = 4}), "members several_modules skipped");
  FakeKernel hidden = several();
  hidden.hide_addresses();
  expect_refusal({"p ^tcp_*", no_permission, "tcp_*", "only be told apart by addresses", "root"},
                 hidden);
}

TEST(Patterns, OnARealKernelFindFunctionsOnly) {
  const FakeKernel kernel(read_data("6.12/kallsyms"));
  EXPECT_EQ(points_of("p *vfs_fadvise*", kernel), "vfs_fadvise+0");
  EXPECT_EQ(points_of("p vfs_*lock*", kernel),
            "vfs_inode_has_locks+0 vfs_cancel_lock+0 vfs_test_lock+0 vfs_lock_file+0");
  EXPECT_EQ(points_of("p vfs_kern_mount%all", kernel), "vfs_kern_mount.part.0+0 vfs_kern_mount+0");
}

}  // namespace
}  // namespace kprobed::resolve
