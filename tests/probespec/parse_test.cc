// SPDX-License-Identifier: Apache-2.0
#include "probespec/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "spec_text.h"

namespace kprobed::probespec {
namespace {

using testing::ElementsAre;

struct Canonical {
  std::string text;
  std::string printed;
};

// What is taken, and how it is read: the canonical text shows every value.
TEST(Parse, TakesTheWholeLanguage) {
  const std::string symbol_511 = repeat("s", 511);
  const Canonical rows[] = {
      // the letter of 19 March 2009
      {"p do_sys_open a1 a2 a3 a4", "p do_sys_open a1 a2 a3 a4"},
      {"r do_sys_open rv rp", "r do_sys_open rv rp"},
      // points
      {"p vfs_read", "p vfs_read"},
      {"p vfs_read+8", "p vfs_read+8"},
      {"p vfs_read+0x10", "p vfs_read+16"},
      {"p vfs_read+010", "p vfs_read+8"},
      {"p vfs_read-0x10", "p vfs_read-16"},
      {"p vfs_read+0", "p vfs_read"},
      {"p vfs_read-0", "p vfs_read"},
      {"p vfs_read+4294967295", "p vfs_read+4294967295"},
      {"p vfs_read-0xffffffff", "p vfs_read-4294967295"},
      {"r vfs_read+0", "r vfs_read"},
      {"r vfs_read+0x0", "r vfs_read"},
      {"p tcp_v4_rcv.isra.0", "p tcp_v4_rcv.isra.0"},
      {"p foo.constprop.0.cold+4", "p foo.constprop.0.cold+4"},
      {"p .Lstart", "p .Lstart"},
      {"p $d", "p $d"},
      {"p __x64_sys_openat", "p __x64_sys_openat"},
      {"p " + symbol_511, "p " + symbol_511},
      {"p ext4:ext4_file_open+4", "p ext4:ext4_file_open+4"},
      {"r snd_hda_intel:azx_probe", "r snd_hda_intel:azx_probe"},
      {"p 8021q:vlan_dev_open", "p 8021q:vlan_dev_open"},
      {"p 0xffffffff810c6a3a", "p 0xffffffff810c6a3a"},
      {"p 0XC06E8EBB", "p 0xc06e8ebb"},
      {"p 4096", "p 0x1000"},
      {"p 0", "p 0x0"},
      {"p 0xffffffffffffffff", "p 0xffffffffffffffff"},
      {"r 0xffffffff810c6a3a", "r 0xffffffff810c6a3a"},
      {"p vfs_read%return", "r vfs_read"},
      {"r vfs_read%return", "r vfs_read"},
      {"p ext4:sym+0%return", "r ext4:sym"},
      {"p vfs_read%all", "p vfs_read%all"},
      {"r ext4:vfs_read%all", "r ext4:vfs_read%all"},
      {"p vfs_read+0%all", "p vfs_read%all"},
      // patterns
      {"p tcp_v4_*", "p tcp_v4_*"},
      {"r ext4:*", "r ext4:*"},
      {"p tcp_?4_[rs]*[!a-c0]", "p tcp_?4_[rs]*[!a-c0]"},
      {"p tcp_*%return", "r tcp_*"},
      {"p *.isra.*", "p *.isra.*"},
      // fprobes
      {"f vfs_read a1 file", "f vfs_read a1 file"},
      {"f ext4:sym+0%return rv", "f ext4:sym%return rv"},
      // programs
      {"p /bin/bash:readline", "p /bin/bash:readline"},
      {"p /bin/bash:readline+0x10", "p /bin/bash:readline+16"},
      {"r /bin/bash:readline rv:string rp", "r /bin/bash:readline rv:string rp"},
      {"p /bin/bash:readline%return", "r /bin/bash:readline"},
      {"p /a:b/c+d:e:_ZN3fooEv", "p /a:b/c+d:e:_ZN3fooEv"},
      {"p /bin/bash:4096", "p /bin/bash:0x1000"},
      {"p /bin/bash:0x1000(0x20)", "p /bin/bash:0x1000(0x20)"},
      {"p /bin/bash:0x1000(0)", "p /bin/bash:0x1000(0x0)"},
      {"p /bin/bash:0x1000%return(32)", "r /bin/bash:0x1000(0x20)"},
      {"p /b:f @+64 @+0x10:string @0x10", "p /b:f @+0x40 @+0x10:string @0x10"},
      // events and tracepoints
      {"t sched/sched_switch", "t sched/sched_switch"},
      {"t sched:sched_switch prev_pid", "t sched/sched_switch prev_pid"},
      {"t 9p/9p_client_req tag:x16", "t 9p/9p_client_req tag:x16"},
      {"t a-b/c_d $args", "t a-b/c_d $args"},
      {"t g/e n=x x:u8 y:char z:bool p:ptr l:long s:symbol t:string $comm $a1",
       "t g/e n=x x:u8 y:char z:bool p:ptr l:long s:symbol t:string $comm $a1"},
      {"t sched_switch prev->pid $arg1 %di $args", "t sched_switch prev->pid $arg1 %di $args"},
      // words of 2009
      {"p f a1", "p f a1"},
      {"p f a128", "p f a128"},
      {"p f a01", "p f a1"},
      {"p f r0 r16", "p f r0 r16"},
      {"p f s0 s4294967295", "p f s0 s4294967295"},
      {"p f m0xC0FFEE", "p f m0xc0ffee"},
      {"p f m4096", "p f m0x1000"},
      {"p f m0", "p f m0x0"},
      {"r f rp:x64", "r f rp:x64"},
      {"r f rp:u64", "r f rp:u64"},
      {"r f a1", "r f a1"},
      // words of kprobe_events
      {"p f %di %r15 %ORIG_r0 %x0", "p f %di %r15 %ORIG_r0 %x0"},
      {"p f $arg1 $arg10", "p f $arg1 $arg10"},
      {"r f $retval $arg1", "r f $retval $arg1"},
      {"p f $stack $stack0 $stack12", "p f $stack $stack0 $stack12"},
      {"p f $comm", "p f $comm"},
      {"p f $COMM", "p f $comm"},
      {"p f $comm:string", "p f $comm:string"},
      {"p f @0xffffffff81a00000 @0", "p f @0xffffffff81a00000 @0x0"},
      {"p f @jiffies @jiffies+0x8 @jiffies-8", "p f @jiffies @jiffies+8 @jiffies-8"},
      {"p f @jiffies+0", "p f @jiffies"},
      // dereferences
      {"p f +8(%di)", "p f +8(%di)"},
      {"p f -0x8(%di)", "p f -8(%di)"},
      {"p f +u8(%di) -u8(%si)", "p f +u8(%di) -u8(%si)"},
      {"p f +0(+8(-16($arg1)))", "p f +0(+8(-16($arg1)))"},
      {"p f +u0(+0x8(a1)):ustring", "p f +u0(+8(a1)):ustring"},
      {"p f +0x7fffffff(a1) -0x80000000(a2)", "p f +2147483647(a1) -2147483648(a2)"},
      {"p f -0(a1) -u0(a2)", "p f +0(a1) +u0(a2)"},
      {"p f +8(@jiffies+8)", "p f +8(@jiffies+8)"},
      {"p f +0($stack):string", "p f +0($stack):string"},
      {"r f +0(rv):string +8($retval)", "r f +0(rv):string +8($retval)"},
      {"p f +8(s1) +8(r1) +8(m0x10)", "p f +8(s1) +8(r1) +8(m0x10)"},
      // types
      {"p f a1:u8 a2:u16 a3:u32 a4:u64", "p f a1:u8 a2:u16 a3:u32 a4:u64"},
      {"p f a1:s8 a2:s16 a3:s32 a4:s64", "p f a1:s8 a2:s16 a3:s32 a4:s64"},
      {"p f a1:x8 a2:x16 a3:x32 a4:x64", "p f a1:x8 a2:x16 a3:x32 a4:x64"},
      {"p f a1:string a2:ustring s1:string r1:ustring",
       "p f a1:string a2:ustring s1:string r1:ustring"},
      {"r f rv:string", "r f rv:string"},
      {"p f @0x1000:string m0x1000:string @linux_banner:string",
       "p f @0x1000:string m0x1000:string @linux_banner:string"},
      // names of parameters; words of 2009 win, '$' forces the name
      {"p f filename fd fp", "p f filename fd fp"},
      {"p f a r s m rv_x r1x a1b mm", "p f a r s m rv_x r1x a1b mm"},
      {"p f $dfd $a1 $rv_ $r0 $m2p $arg $argv $retvl",
       "p f $dfd $a1 $rv_ $r0 $m2p $arg $argv $retvl"},
      {"p f $args", "p f $args"},
      {"p f $arg*", "p f $args"},
      {"r f $args rv", "r f $args rv"},
      // fields
      {"p f how->flags", "p f how->flags"},
      {"p f file->f_path.dentry->d_name.name", "p f file->f_path.dentry->d_name.name"},
      {"p f arr[0x2][03].x", "p f arr[2][3].x"},
      {"p f a3->x $arg3->y $how->z", "p f a3->x $arg3->y $how->z"},
      {"r f rv->i_ino $retval->i_size", "r f rv->i_ino $retval->i_size"},
      {"p f +8(how) +0(file->f_inode):u32", "p f +8(how) +0(file->f_inode):u32"},
      {"p f x" + repeat("->x", 15), "p f x" + repeat("->x", 15)},
      // constants
      {"p f \\5 \\0x10 \\010 \\-5 \\+5 \\-0", "p f \\5 \\16 \\8 \\-5 \\5 \\0"},
      {"p f \\18446744073709551615 \\-9223372036854775808",
       "p f \\18446744073709551615 \\-9223372036854775808"},
      {"p f \\\"text\" \\\"a(b)\":string \\\"\"", "p f \\\"text\" \\\"a(b)\":string \\\"\""},
      {"p f x=\\\"a=\"b\"", "p f x=\\\"a=\"b\""},
      {"p f +0(\\16):u8 \\16:string", "p f +0(\\16):u8 \\16:string"},
      // every type, see print_test.cc; what may be behind one
      {"p f a1:int a2:bool a3:ptr a4:char a5:symbol a6:symstr",
       "p f a1:int a2:bool a3:ptr a4:char a5:symbol a6:symstr"},
      {"p f a1:%pd %di:%pD file:%pD", "p f a1:%pd %di:%pD file:%pD"},
      {"p f +0(a1):u8[1] +0(a2):string[0x40]", "p f +0(a1):u8[1] +0(a2):string[64]"},
      {"p f @jiffies:u8[4] m0x10:x8[2] +u0(a1):ustring[2]",
       "p f @jiffies:u8[4] m0x10:x8[2] +u0(a1):ustring[2]"},
      {"p f x:u8[4] y->z:int[2] $w:string[2]", "p f x:u8[4] y->z:int[2] $w:string[2]"},
      {"p f a1:b4@0/32 %di:b0x8@010/0x10 x:b64@0/64", "p f a1:b4@0/32 %di:b8@8/16 x:b64@0/64"},
      {"p f +0(%di):b4@0/32[4]", "p f +0(%di):b4@0/32[4]"},
      {"p f a1:string{1} a2:ustring{512} x:string{0x10}",
       "p f a1:string{1} a2:ustring{512} x:string{16}"},
      {"p f +0($stack):symstr @0x10:symstr %ip:symstr",
       "p f +0($stack):symstr @0x10:symstr %ip:symstr"},
      {"r f rp:symbol x=rp:ptr y=rp:ulong", "r f rp:symbol x=rp:ptr y=rp:ulong"},
      // names
      {"p f fd=a1 name=a2:ustring _3=%di:u32", "p f fd=a1 name=a2:ustring _3=%di:u32"},
      {"p f a1=a2 a2=a1", "p f a1=a2 a2=a1"},
      {"p f " + std::string(32, 'n') + "=a1", "p f " + std::string(32, 'n') + "=a1"},
      // blanks and comments
      {"  p\tf \t a1\t", "p f a1"},
      {"p f a1 # first argument", "p f a1"},
      {"p f a1# a2", "p f a1"},
      {"p f # caf\xc3\xa9 \x01", "p f"},
      {"p f a1\r", "p f a1"},
  };
  for (const Canonical& row : rows) {
    EXPECT_EQ(print(parse_one(row.text)), row.printed) << row.text;
  }
}

TEST(Parse, KeepsThe2009SpellingApart) {
  const ProbeSpec spec = parse_one("r f a3 $arg3 s2 $stack2 rv $retval m0x10 @0x10");
  const FetchBase expected[] = {Argument{3, true},    Argument{3, false}, StackEntry{2, true},
                                StackEntry{2, false}, ReturnValue{true},  ReturnValue{false},
                                Memory{16, true},     Memory{16, false}};
  ASSERT_EQ(spec.args.size(), std::size(expected));
  for (std::size_t i = 0; i < spec.args.size(); ++i) {
    EXPECT_EQ(spec.args[i].expr.base, expected[i]) << i;
  }
}

TEST(Parse, DereferencesStandInnermostFirst) {
  const FetchArg arg = parse_one("p f +u8(-16(%di)):u32").args.at(0);
  ASSERT_EQ(arg.expr.derefs.size(), 2U);
  EXPECT_EQ(arg.expr.derefs[0].offset, -16);
  EXPECT_FALSE(arg.expr.derefs[0].user);
  EXPECT_EQ(arg.expr.derefs[1].offset, 8);
  EXPECT_TRUE(arg.expr.derefs[1].user);
  EXPECT_EQ(arg.expr.base, FetchBase(Register{"di"}));
}

// A string type on a 2009 word means what it points to; the spec keeps what was written.
TEST(Parse, AddsNoDereferenceForText) {
  EXPECT_TRUE(parse_one("p f a2:ustring").args.at(0).expr.derefs.empty());
}

TEST(Parse, PointValues) {
  const ProbePoint symbol = parse_one("p mod:sym-4").point;
  EXPECT_EQ(symbol.module, "mod");
  EXPECT_EQ(symbol.symbol, "sym");
  EXPECT_EQ(symbol.offset, -4);
  EXPECT_EQ(symbol.address, std::nullopt);
  const ProbePoint address = parse_one("p 010").point;
  EXPECT_EQ(address.symbol, "");
  EXPECT_EQ(address.address, 8U);
}

TEST(Parse, SpansCoverWhatWasWritten) {
  const ProbeSpec spec = parse_one("  p mod:sym+8 n=+u8(-16(%di)):u32 a1  # end");
  EXPECT_EQ(covered(spec.span), "p mod:sym+8 n=+u8(-16(%di)):u32 a1");
  EXPECT_EQ(covered(spec.point.span), "mod:sym+8");
  EXPECT_EQ(covered(spec.point.symbol_span), "sym");
  EXPECT_EQ(covered(spec.point.offset_span), "+8");
  const FetchArg& named = spec.args.at(0);
  EXPECT_EQ(covered(named.span), "n=+u8(-16(%di)):u32");
  EXPECT_EQ(covered(named.name_span), "n");
  EXPECT_EQ(covered(named.expr.span), "+u8(-16(%di))");
  EXPECT_EQ(covered(named.expr.base_span), "%di");
  EXPECT_EQ(covered(named.expr.derefs.at(0).span), "-16");
  EXPECT_EQ(covered(named.expr.derefs.at(1).span), "+u8");
  EXPECT_EQ(covered(named.type->span), "u32");
  const FetchArg& bare = spec.args.at(1);
  EXPECT_EQ(covered(bare.span), "a1");
  EXPECT_FALSE(bare.name_span.known());
  EXPECT_FALSE(parse_one("p f").point.offset_span.known());
  EXPECT_EQ(covered(parse_one("p 0x10").point.symbol_span), "0x10");
}

TEST(Parse, SpansOfTheOtherPoints) {
  const ProbePoint uprobe = parse_one("p /a:b/c:main+8").point;
  EXPECT_EQ(uprobe.path, "/a:b/c");
  EXPECT_EQ(uprobe.symbol, "main");
  EXPECT_EQ(uprobe.offset, 8);
  EXPECT_EQ(covered(uprobe.span), "/a:b/c:main+8");
  EXPECT_EQ(covered(uprobe.symbol_span), "main");
  EXPECT_EQ(covered(uprobe.offset_span), "+8");
  const ProbePoint offset = parse_one("p /b:0x10(0x20)").point;
  EXPECT_EQ(offset.address, 0x10U);
  EXPECT_EQ(offset.reference_counter, 0x20U);
  EXPECT_EQ(covered(offset.symbol_span), "0x10");
  const ProbePoint event = parse_one("t sched/sched_switch").point;
  EXPECT_EQ(event.group, "sched");
  EXPECT_EQ(event.symbol, "sched_switch");
  EXPECT_EQ(covered(event.symbol_span), "sched_switch");
  const ProbePoint pattern = parse_one("p ext4:*_open").point;
  EXPECT_TRUE(pattern.pattern && pattern.several() && !pattern.all);
  EXPECT_EQ(pattern.module, "ext4");
  EXPECT_EQ(covered(pattern.symbol_span), "*_open");
  const ProbePoint all = parse_one("p ext4:sym%all").point;
  EXPECT_TRUE(all.all && all.several() && !all.pattern);
  EXPECT_EQ(covered(all.span), "ext4:sym%all");
  EXPECT_EQ(covered(all.symbol_span), "sym");
  EXPECT_FALSE(parse_one("p sym").point.several());
}

TEST(Parse, SpansOfFields) {
  const FetchExpr expr = parse_one("p f +8(how->x.y[2]):u8").args.at(0).expr;
  EXPECT_EQ(covered(expr.span), "+8(how->x.y[2])");
  EXPECT_EQ(covered(expr.base_span), "how");
  ASSERT_EQ(expr.fields.size(), 3U);
  EXPECT_EQ(covered(expr.fields[0].span), "->x");
  EXPECT_EQ(covered(expr.fields[1].span), ".y");
  EXPECT_EQ(covered(expr.fields[2].span), "[2]");
  EXPECT_EQ(expr.fields[2].index, 2U);
  EXPECT_EQ(covered(parse_one("p f a1:string{4}").args.at(0).type->span), "string{4}");
}

TEST(Parse, ABadLineCostsOnlyItself) {
  const Parsed parsed = parse_text(
      "# all of it\n"
      "p vfs_read a1\n"
      "\n"
      "p vfs_read a0\r\n"
      "   \t \r\n"
      "r vfs_read rv\r\n"
      "q vfs_read\n"
      "p vfs_write");
  std::vector<std::uint32_t> good, bad;
  for (const ProbeSpec& spec : parsed.specs) good.push_back(spec.span.line);
  for (const Error& error : parsed.errors) bad.push_back(error.span.line);
  EXPECT_THAT(good, ElementsAre(2, 6, 8));
  EXPECT_THAT(bad, ElementsAre(4, 7));
}

TEST(Parse, NothingWrittenIsNothingWrong) {
  for (const char* text : {"", "\n", "\n\n", "#", "# p vfs_read $nonsense", " \t\r\n#\n"}) {
    const Parsed parsed = parse_text(text);
    EXPECT_TRUE(parsed.specs.empty()) << text;
    EXPECT_TRUE(parsed.errors.empty()) << text;
  }
}

// kernel limits (KERNEL-FACTS 3.3), met exactly; parse_errors_test.cc has one more of each.
TEST(Parse, TakesWhatTheKernelTakes) {
  std::string line = "p f";
  for (std::size_t i = 1; i <= kMaxArgs; ++i) line += " a" + std::to_string(i);
  EXPECT_EQ(parse_one(line).args.size(), 128U);

  line = "p f #";
  line.append(kMaxLineBytes - line.size(), '.');
  parse_one(line);
  parse_one(line + "\n");

  // 63 bytes after NAME=, the name not counted.
  parse_one("p f n=+" + std::string(54, '0') + "1(%a):u8");
  // Not what the kernel is given: 256.
  parse_one("p f n=+" + std::string(247, '0') + "1(a1):u8");
  parse_one("p f " + std::string(256, 'n'));
  // Tried on 6.18: 14 around a register, 13 around @ADDR.
  parse_one("p f " + repeat("+0(", 14) + "%di" + repeat(")", 14));
  parse_one("p f " + repeat("+0(", 13) + "@0x10" + repeat(")", 13));
  parse_one("p f " + repeat("+0(", 12) + "@sym" + repeat(")", 12));
}

}  // namespace
}  // namespace kprobed::probespec
