// SPDX-License-Identifier: Apache-2.0
#include "fake_kernel.h"
#include "resolve_test_support.h"

namespace kprobed::resolve {
namespace {

// Debian's 6.1: three functions are named __cpuid, `dummy` is loaded.
FakeKernel debian_6_1() { return FakeKernel(read_data("6.1/kallsyms")); }

TEST(Place, IsWrittenAsTheKernelTakesIt) {
  const FakeKernel kernel = debian_6_1();
  struct Row {
    std::string_view text, line;
  };
  for (const Row& row : {
           Row{"p do_sys_openat2", "p:g/e do_sys_openat2+0"},
           Row{"r do_sys_openat2", "r:g/e do_sys_openat2+0"},
           Row{"p vfs_read+0x10", "p:g/e vfs_read+16"},
           // Every kernel since 2.6.33 refuses SYM-offs.
           Row{"p vfs_read-0x10", "p:g/e kernel_read+144"},
           Row{"p vfs_read-0xa0", "p:g/e kernel_read+0"},
           Row{"p 0xffffffff8134cc50", "p:g/e vfs_read+0"},
           Row{"p 0xffffffff8134cc54", "p:g/e vfs_read+4"},
           Row{"r 0xffffffff8134cc50", "r:g/e vfs_read+0"},
           // A symbol that several have is reached from an earlier one that is unique.
           Row{"p 0xffffffff81040024", "p:g/e _stext+262180"},
           Row{"p create_io_thread-0x44570", "p:g/e _stext+326576"},
           Row{"p 0xffffffff819c70e4", "p:g/e do_get_dqblk+6195268"},
           // Without MOD: the kernel would not arm it again after a reload.
           Row{"p dummy_xmit", "p:g/e dummy:dummy_xmit+0"},
           Row{"p dummy:dummy_xmit+4", "p:g/e dummy:dummy_xmit+4"},
           Row{"p dummy_xmit-0x10", "p:g/e dummy:dummy_get_stats64+16"},
           Row{"p 0xffffffffc02010a4", "p:g/e dummy:dummy_xmit+4"},
           Row{"p veth:veth_xmit", "p:g/e veth:veth_xmit+0"},
           Row{"p veth:veth_xmit+8", "p:g/e veth:veth_xmit+8"},
       }) {
    EXPECT_EQ(line_of(row.text, kernel), row.line) << row.text;
  }
}

TEST(Place, IsShownAsTheFunctionThatHoldsIt) {
  const FakeKernel kernel = debian_6_1();
  struct Row {
    std::string_view text, module, symbol;
    std::uint64_t offset, address;
    bool at_entry;
  };
  for (const Row& row : {
           Row{"p vfs_read", "", "vfs_read", 0, 0xffffffff8134cc50, true},
           Row{"p vfs_read+4", "", "vfs_read", 4, 0xffffffff8134cc54, false},
           Row{"p vfs_read-0xa0", "", "kernel_read", 0, 0xffffffff8134cbb0, true},
           Row{"p kernel_read+160", "", "vfs_read", 0, 0xffffffff8134cc50, true},
           Row{"p kernel_read+164", "", "vfs_read", 4, 0xffffffff8134cc54, false},
           Row{"p 0xffffffff819c70e4", "", "__cpuid", 1, 0xffffffff819c70e4, false},
           Row{"p dummy_xmit", "dummy", "dummy_xmit", 0, 0xffffffffc02010a0, true},
           Row{"p veth:veth_xmit", "veth", "veth_xmit", 0, 0, true},
       }) {
    auto probe = resolve_text(row.text, kernel);
    ASSERT_TRUE(probe.ok()) << render(probe.error());
    EXPECT_EQ(probe->module, row.module) << row.text;
    EXPECT_EQ(probe->symbol, row.symbol) << row.text;
    EXPECT_EQ(probe->offset, row.offset) << row.text;
    EXPECT_EQ(probe->address, row.address) << row.text;
    EXPECT_EQ(probe->at_entry, row.at_entry) << row.text;
  }
}

TEST(Place, IsRefusedWithTheReason) {
  FakeKernel kernel = debian_6_1();
  kernel.symbols.push_back({"jiffies", "", 0xffffffff82a05980, 'D'});
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"p ^do_sys_opnat2", symbol_not_found, "do_sys_opnat2",
                   "no symbol 'do_sys_opnat2'", "did you mean 'do_sys_openat2'?"},
           Refusal{"p ^zzzzzzzz+8", symbol_not_found, "zzzzzzzz", "no symbol", "inlined"},
           Refusal{"p ^do_fork a1", symbol_not_found, "do_fork", "no symbol 'do_fork'",
                   "write 'kernel_clone', whose arguments differ"},
           Refusal{"p dummy:^vfs_read", symbol_not_found, "vfs_read", "in module 'dummy'",
                   "leave out 'dummy:'"},
           Refusal{
               "p ^__cpuid", symbol_not_unique, "__cpuid",
               "3 symbols are named '__cpuid': the kernel at 0xffffffff81040020,",
               "write the one you mean as _stext+262176, _stext+326576 or do_get_dqblk+6195267; or "
               "__cpuid%all for all of them"},
           Refusal{"p ^jiffies", bad_address, "jiffies", "is data, not code", "@jiffies"},
           Refusal{"p ^0x1234", bad_address, "0x1234", "0x1234 is not in kernel text",
                   "0xffffffff81000000 to 0xffffffff81e01ef1"},
           Refusal{"p ^vfs_caches_init", bad_address, "vfs_caches_init",
                   "lies in init text, which the kernel frees after boot"},
           Refusal{"p ^0xffffffff8304e000", bad_address, "0xffffffff8304e000", "init text"},
           Refusal{"p vfs_read^+0x10000000", bad_address, "+0x10000000", "is not in kernel text"},
           Refusal{"p _text^-8", bad_address, "-8", "_text-8 is not in kernel text"},
           Refusal{"p veth:veth_xmit^-8", bad_address, "-8", "before module 'veth' is loaded",
                   "MOD:SYMBOL+offset"},
           Refusal{"r ^0xffffffff8134cc54", wrong_place, "0xffffffff8134cc54",
                   "at a function's entry, and this is vfs_read+4", "write 'r vfs_read'"},
       }) {
    expect_refusal(row, kernel);
  }
}

TEST(Place, InSeveralModulesIsNamedByModule) {
  const FakeKernel kernel(
      "ffffffff81000000 T _stext\n"
      "ffffffff81000100 t init_once\n"
      "ffffffff81001000 T _etext\n"
      "ffffffffc0000000 t init_once [ext4]\n"
      "ffffffffc0010000 t init_once [xfs]\n"
      "ffffffffc0010100 t init_once [xfs]\n");
  expect_refusal({"p ^init_once", ErrorCode::symbol_not_unique, "init_once",
                  "4 symbols are named 'init_once': the kernel at 0xffffffff81000100, "
                  "ext4 at 0xffffffffc0000000, xfs at 0xffffffffc0010000 and "
                  "xfs at 0xffffffffc0010100",
                  "_stext+256, ext4:init_once"},
                 kernel);
  expect_refusal({"p xfs:^init_once", ErrorCode::symbol_not_unique, "init_once", "2 symbols"},
                 kernel);
  // A return probe takes no distance, so that the hint must not show one.
  expect_refusal({"r ^init_once", ErrorCode::symbol_not_unique, "init_once", "4 symbols",
                  "write the one you mean as 0xffffffff81000100, ext4:init_once, "
                  "0xffffffffc0010000 or 0xffffffffc0010100"},
                 kernel);
  EXPECT_EQ(line_of("p ext4:init_once", kernel), "p:g/e ext4:init_once+0");
}

TEST(Place, CountsDataOfTheSameNameAsTheKernelDoes) {
  const FakeKernel kernel(
      "ffffffff81000000 T _stext\n"
      "ffffffff81000100 t watermark\n"
      "ffffffff81001000 T _etext\n"
      "ffffffff82000000 d watermark\n");
  expect_refusal({"p ^watermark", ErrorCode::symbol_not_unique, "watermark",
                  "0xffffffff82000000 (data)", "_stext+256"},
                 kernel);
}

TEST(Place, WithoutVisibleAddressesNamesStillWork) {
  FakeKernel kernel = debian_6_1();
  kernel.hide_addresses();
  EXPECT_EQ(line_of("p vfs_read+4", kernel), "p:g/e vfs_read+4");
  EXPECT_EQ(line_of("p dummy_xmit", kernel), "p:g/e dummy:dummy_xmit+0");
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"p vfs_read^-8", no_permission, "-8", "vfs_read-8", "run as root"},
           Refusal{"p ^0xffffffff8134cc50", no_permission, "0xffffffff8134cc50",
                   "0xffffffff8134cc50"},
           Refusal{"p ^nosuch", symbol_not_found, "nosuch", "no symbol"},
           Refusal{"p ^__cpuid", symbol_not_unique, "__cpuid", "3 symbols", "kptr_restrict"},
           Refusal{"r ^0x10", no_permission, "0x10", ""},
       }) {
    expect_refusal(row, kernel);
  }
}

TEST(Place, WithoutAnySymbolsIsTheKernelsToJudge) {
  const FakeKernel kernel("");
  EXPECT_EQ(line_of("p whatever+4", kernel), "p:g/e whatever+4");
  EXPECT_EQ(line_of("p whatever x=@somewhere", kernel), "p:g/e whatever+0 x=@somewhere:x64");
  expect_refusal({"p whatever^-4", ErrorCode::no_permission, "-4", "whatever-4"}, kernel);
}

TEST(Place, RemarksOnWhatMaySurprise) {
  FakeKernel kernel = debian_6_1();
  kernel.untraceable.insert("notify_die");
  kernel.untraceable.insert("veth_xmit");
  kernel.symbols.push_back({"notify_die", "", 0xffffffff81094600, 'T'});
  struct Row {
    std::string_view text, codes;
  };
  for (const Row& row : {
           Row{"p vfs_read", ""},
           Row{"p notify_die", "notrace"},
           Row{"p kernel_read+160", "past_end"},
           Row{"p kernel_read+156", ""},
           Row{"p veth:veth_xmit", "module_not_loaded"},  // nothing is known of its ftrace sites
           Row{"p vfs_read-0xa0", ""},
           Row{"p vfs_read+4 a1 a2", "not_at_entry"},
           Row{"p 0xffffffff8134cc50 a1", ""},
       }) {
    EXPECT_EQ(remarks_of(row.text, kernel), row.codes) << row.text;
  }
}

TEST(Place, IsLookedForInModulesThatAreNotLoaded) {
  FakeKernel kernel = debian_6_1();
  kernel.no_module_files.clear();
  kernel.module_files = {{"vdev", {"vdev_xmit", "vdev_setup", "both", "twice", "twice"}},
                         {"vifb", {"vifb_xmit", "both"}}};
  struct Row {
    std::string_view text, points, codes;
  };
  for (const Row& row : {
           Row{"p vdev_xmit", "vdev:vdev_xmit+0", "module_not_loaded"},
           Row{"p vdev_xmit+4", "vdev:vdev_xmit+4", "module_not_loaded"},
           Row{"r vdev_xmit rv", "vdev:vdev_xmit+0", "module_not_loaded"},
           Row{"p vdev:both", "vdev:both+0", "module_not_loaded"},
           Row{"p vifb:both", "vifb:both+0", "module_not_loaded"},
           Row{"p nosuch:f", "nosuch:f+0", "module_not_loaded"},  // built and loaded by hand
       }) {
    EXPECT_EQ(points_of(row.text, kernel), row.points) << row.text;
    EXPECT_EQ(remarks_of(row.text, kernel), row.codes) << row.text;
  }
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"p ^both", symbol_not_unique, "both",
                   "2 modules that are not loaded have: vdev and vifb", "as vdev:both"},
           Refusal{"p ^twice", symbol_not_unique, "twice", "2 functions of module 'vdev'"},
           Refusal{"p vdev:^vdev_xmut", symbol_not_found, "vdev_xmut",
                   "no function 'vdev_xmut' in the file of module 'vdev'",
                   "did you mean 'vdev_xmit'?"},
           Refusal{"p vdev:^nothing_like_it", symbol_not_found, "nothing_like_it",
                   "no function 'nothing_like_it'", "--pending waits for a build"},
           Refusal{"p ^nothing_like_it", symbol_not_found, "nothing_like_it", "in this kernel",
                   "no module that is not loaded has it, either; kprobectl add --pending"},
       }) {
    expect_refusal(row, kernel);
  }
  // Files that cannot be read may be the ones that have it.
  kernel.unread_files = 3;
  expect_refusal({"p ^nothing_like_it", symbol_not_found, "nothing_like_it", "in this kernel",
                  "3 files of modules could not be read: 'a.ko': damaged"},
                 kernel);
}

TEST(Place, IsNotLookedForInFilesWhereItIsKnownWhatBecameOfIt) {
  FakeKernel kernel = debian_6_1();
  kernel.no_module_files.clear();
  for (const char* text : {"p vfs_read", "p do_sys_open", "p veth:veth_xmit"}) {
    (void)points_of(text, kernel);  // do_sys_open is gone, and 6.1 has another name for it
  }
  EXPECT_EQ(kernel.file_searches, 0u);
}

TEST(Place, ThatAModulesFileLacksIsTakenWhenItIsWaitedFor) {
  FakeKernel kernel = debian_6_1();
  kernel.no_module_files.clear();
  kernel.module_files = {{"vdev", {"vdev_xmit"}}};
  for (const char* text : {"p nosuch:f", "p vdev:not_yet"}) {
    for (const ResolveOptions& options :
         {ResolveOptions{.await_symbols = true}, ResolveOptions{.trust_modules = true}}) {
      const auto probe = resolve_text(text, kernel, options);
      ASSERT_TRUE(probe.ok()) << describe(probe.error());
      EXPECT_EQ(probe->kernel_point, std::string(text).substr(2) + "+0");
      EXPECT_EQ(probe->remarks.front().code, "module_not_loaded");
    }
  }
}

TEST(Place, OnTheKernelsBlacklistIsRefused) {
  FakeKernel kernel = debian_6_1();
  kernel.blacklist.insert(0xffffffff81094600);
  kernel.symbols.push_back({"notify_die", "", 0xffffffff81094600, 'T'});
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"p ^notify_die", bad_address, "notify_die",
                   "'notify_die' is on the kernel's blacklist: it must not be probed"},
           Refusal{"r ^notify_die rv", bad_address, "notify_die", "blacklist"},
           Refusal{"p ^0xffffffff81094600", bad_address, "0xffffffff81094600", "'notify_die'"},
       }) {
    expect_refusal(row, kernel);
  }
  kernel.blacklist_readable = false;
  EXPECT_EQ(points_of("p notify_die", kernel), "notify_die+0");
}

// vfs_read begins with an endbr of 4 bytes, a call of 5, and a jump of 2.
FakeKernel decoded() {
  FakeKernel kernel = debian_6_1();
  kernel.disassemblies["vfs_read"].instructions = {
      {0, 4, "endbr64", ""},
      {4, 5, "call", ""},
      {9, 2, "jmp", "the kernel replaces this jump while it runs"},
  };
  return kernel;
}

TEST(Place, InsideAnInstructionIsRefused) {
  const FakeKernel kernel = decoded();
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"p vfs_read^+5", bad_address, "+5",
                   "vfs_read+5 is inside an instruction; the nearest ones begin at vfs_read+4 and "
                   "vfs_read+9",
                   "kprobectl disasm vfs_read"},
           Refusal{"p vfs_read^+10", bad_address, "+10", "begin at vfs_read+9", "disasm"},
           Refusal{"p ^0xffffffff8134cc51", bad_address, "0xffffffff8134cc51",
                   "vfs_read+1 is inside an instruction"},
           Refusal{"p kernel_read^+165", bad_address, "+165", "vfs_read+5"},
       }) {
    expect_refusal(row, kernel);
  }
}

TEST(Place, AtAnInstructionIsTakenAsFarAsCanBeTold) {
  struct Row {
    std::string_view text, incomplete, codes;
  };
  for (const Row& row : {
           Row{"p vfs_read", "", ""}, Row{"p vfs_read+4", "", ""},
           Row{"p vfs_read+9", "", "boundary"},  // an instruction, but not one for a probe
           Row{"p vfs_read+11", "", "boundary"},
           Row{"p vfs_read+5", "another probe stands at +0", "boundary"},
           Row{"p vfs_read+4", "another probe stands at +0", ""},
           Row{"p kernel_read+4", "", ""},  // not decoded
       }) {
    FakeKernel kernel = decoded();
    kernel.disassemblies["vfs_read"].incomplete = row.incomplete;
    EXPECT_EQ(remarks_of(row.text, kernel), row.codes) << row.text << " " << row.incomplete;
  }
  auto probe = resolve_text("p vfs_read+9", decoded());
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  EXPECT_EQ(probe->remarks.at(0).message,
            "the kernel may refuse a probe at vfs_read+9: the kernel replaces this jump while it "
            "runs");
}

}  // namespace
}  // namespace kprobed::resolve
