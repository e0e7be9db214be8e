// SPDX-License-Identifier: Apache-2.0
#include "mistakes.h"

namespace kprobed::probespec {
namespace {

TEST(PointErrors, Kernel) {
  const Mistake rows[] = {
      {"p ^p vfs_read", ErrorCode::syntax, "p", "given twice"},
      {"p ^r vfs_read", ErrorCode::syntax, "r", "given twice"},
      {"p vfs_read^,a1", ErrorCode::syntax, ",", "separated by blanks"},
      {"p vfs_read^; r vfs_read", ErrorCode::syntax, ";", "specs by line ends"},
      {"p vfs_read^(a1)", ErrorCode::syntax, "(", "/proc/kallsyms"},
      {"p ^%di", ErrorCode::syntax, "%di", "unknown suffix"},
      {"p vfs_read^%foo", ErrorCode::syntax, "%foo", "'%return' (the function's return)"},
      {"p vfs_read^%", ErrorCode::syntax, "%", "'%all' (every function"},
      {"p vfs_read^%return+8", ErrorCode::syntax, "%return+8", "unknown suffix"},
      {"p vfs_read^%all%return", ErrorCode::syntax, "%all%return", "write 'r vfs_read%all'"},
      {"r vfs_read^%return%all", ErrorCode::syntax, "%return%all", "write 'r vfs_read%all'"},
      {"p vfs_read^+8%all", ErrorCode::wrong_place, "+8", "write vfs_read%all"},
      {"p ^%return", ErrorCode::syntax, "", "the symbol is missing"},
      {"p ^+8", ErrorCode::syntax, "+8", "the symbol is missing"},
      {"p vfs_read+^", ErrorCode::bad_number, "", "a number is missing"},
      {"p vfs_read+^x", ErrorCode::bad_number, "x", "not a number"},
      {"p vfs_read+^1f", ErrorCode::bad_number, "1f", "0x1f"},
      {"p vfs_read+^08", ErrorCode::bad_number, "08", "octal"},
      {"p vfs_read+^0x", ErrorCode::bad_number, "0x", "not a number"},
      {"p vfs_read+^8+8", ErrorCode::bad_number, "8+8", "not a number"},
      {"p vfs_read+^-8", ErrorCode::bad_number, "-8", "not a number"},
      {"p vfs_read+^4294967296", ErrorCode::bad_number, "4294967296", "0xffffffff"},
      {"p vfs_read-^0x100000000", ErrorCode::bad_number, "0x100000000", "out of range"},
      {"p vfs_read+^99999999999999999999", ErrorCode::bad_number, "99999999999999999999",
       "out of range"},
      {"r vfs_read^+8 rv", ErrorCode::wrong_place, "+8", "'r vfs_read', or 'p vfs_read+8'"},
      {"p vfs_read^+8%return", ErrorCode::wrong_place, "+8", "or 'p vfs_read+8'"},
      {"r ext4:sym^-0x8", ErrorCode::wrong_place, "-0x8", "'r ext4:sym', or 'p ext4:sym-8'"},
      // addresses
      {"p ^0x1g", ErrorCode::bad_number, "0x1g", "not a number"},
      {"p ^810c6a3a", ErrorCode::bad_number, "810c6a3a", "0x810c6a3a"},
      {"p ^0x10000000000000000", ErrorCode::bad_number, "0x10000000000000000", "out of range"},
      {"p 0x1000^+8", ErrorCode::syntax, "+8", "write the sum, 0x1008"},
      {"r 0x1000^-8", ErrorCode::syntax, "-8", "write the sum, 0xff8"},
      {"p 0x1000+^z", ErrorCode::bad_number, "z", "not a number"},
      {"p 0x1000^%return", ErrorCode::wrong_place, "%return", "write 'r 0x1000'"},
      {"p 0x1000^%all", ErrorCode::wrong_place, "%all", "the address alone"},
      // modules
      {"p ^:vfs_read", ErrorCode::syntax, "", "module's name is missing"},
      {"p ext4:^", ErrorCode::syntax, "", "the symbol is missing"},
      {"p ext4:^0x1000", ErrorCode::syntax, "0x1000", "begins with a digit"},
      {"p vfs_read:^12", ErrorCode::syntax, "12", "begins with a digit"},
      {"p ext4:sym^:x", ErrorCode::syntax, ":", "cannot stand in a symbol"},
      {"p ^snd-hda-intel:azx_probe", ErrorCode::bad_name, "snd-hda-intel", "write snd_hda_intel"},
      {"p ^ext4.ko:sym", ErrorCode::bad_name, "ext4.ko", "/proc/modules"},
      {"p ^libc.so.6:malloc", ErrorCode::bad_name, "libc.so.6", "absolute path"},
  };
  expect_each(rows);
}

TEST(PointErrors, Patterns) {
  const Mistake rows[] = {
      {"p ^ex*:sym", ErrorCode::bad_name, "ex*", "cannot stand for modules"},
      {"p vfs_*^+8", ErrorCode::wrong_place, "+8", "write vfs_*"},
      {"p vfs_[rw]^-8", ErrorCode::wrong_place, "-8", "no offset"},
      {"p vfs_^[rw", ErrorCode::syntax, "[rw", "a '[' is not closed"},
      {"p vfs_^[", ErrorCode::syntax, "[", "a '[' is not closed"},
      {"p vfs_^[]", ErrorCode::syntax, "[]", "a '[' is not closed"},
      {"p vfs_^[!]", ErrorCode::syntax, "[!]", "a '[' is not closed"},
      {"p vfs_[r^,w]", ErrorCode::syntax, ",", "cannot stand in a symbol"},
      {"p vfs_*^,a1", ErrorCode::syntax, ",", "separated by blanks"},
      {"p vfs_*^%all", ErrorCode::syntax, "%all", "write vfs_*"},
      {"p vfs_read^(*)", ErrorCode::syntax, "(", "cannot stand in a symbol"},
      {"f ^tcp_*", ErrorCode::wrong_place, "tcp_*", "each of which is one event"},
      {"f vfs_read^%all", ErrorCode::wrong_place, "%all", "one spec for each"},
      {"p /bin/bash:^read*", ErrorCode::wrong_place, "read*", "one spec for each function"},
      {"t sched/^sched_*", ErrorCode::wrong_place, "sched_*", "one spec for each event"},
      {"t ^*/sched_switch", ErrorCode::wrong_place, "*", "one spec for each event"},
      {"t ^sched_*", ErrorCode::wrong_place, "sched_*", "one spec for each event"},
  };
  expect_each(rows);
}

TEST(PointErrors, Fprobes) {
  const Mistake rows[] = {
      {"f vfs_read^+8", ErrorCode::wrong_place, "+8", "write 'p vfs_read+8'"},
      {"f vfs_read^-8%return", ErrorCode::wrong_place, "-8", "takes no offset"},
      {"f ^0x1000", ErrorCode::wrong_place, "0x1000", "not an address"},
      {"f ^/bin/bash:main", ErrorCode::wrong_place, "/bin/bash:main", "write 'p' or 'r'"},
      {"f vfs_read^%foo", ErrorCode::syntax, "%foo", "unknown suffix"},
  };
  expect_each(rows);
}

TEST(PointErrors, Programs) {
  const Mistake rows[] = {
      {"p ^~/a.out:main", ErrorCode::syntax, "~/a.out", "a home folder only in a shell"},
      {"p ^~:main", ErrorCode::syntax, "~", "absolute path"},
      {"p ^./a.out:main", ErrorCode::syntax, "./a.out", "absolute path"},
      {"p ^bin/bash", ErrorCode::syntax, "bin/bash", "absolute path"},
      {"p ^sched/sched_switch", ErrorCode::syntax, "sched/sched_switch", "'t GROUP/EVENT'"},
      {"p ^:/bin/bash", ErrorCode::syntax, "", "absolute path"},
      {"p /bin/bash^", ErrorCode::syntax, "", "/bin/bash:SYMBOL"},
      {"p /bin/bash:^", ErrorCode::syntax, "", "missing after ':'"},
      {"p /a:^b/c", ErrorCode::syntax, "b/c", "the place in the file is missing"},
      {"p /bin/bash:^%return", ErrorCode::syntax, "", "the symbol is missing"},
      {"p /bin/bash:main^-8", ErrorCode::wrong_place, "-8", "lies behind its symbol"},
      {"p /bin/bash:main+^08", ErrorCode::bad_number, "08", "octal"},
      {"r /bin/bash:main^+8", ErrorCode::wrong_place, "+8", "write main"},
      {"p /bin/bash:main^+8%return", ErrorCode::wrong_place, "+8", "a function's entry"},
      {"p /bin/bash:main^%all", ErrorCode::wrong_place, "%all", "only '%return'"},
      {"p /bin/bash:main^%x", ErrorCode::wrong_place, "%x", "only '%return'"},
      {"p /bin/bash:^0x1g", ErrorCode::bad_number, "0x1g", "not a number"},
      {"p /bin/bash:^0x10+8", ErrorCode::bad_number, "0x10+8", "not a number"},
      {"p /bin/bash:m^@x", ErrorCode::syntax, "@", "cannot stand in a symbol"},
      // the kernel: REFCNT_OPEN_BRACE, BAD_REFCNT_SUFFIX, BAD_REFCNT
      {"p /bin/bash:0x10(0x20^", ErrorCode::syntax, "", "a ')' is missing"},
      {"p /bin/bash:0x10(0x20)^%return", ErrorCode::syntax, "%return", "before the '('"},
      {"p /bin/bash:0x10(^)", ErrorCode::bad_number, "", "a number is missing"},
      {"p /bin/bash:0x10(^x)", ErrorCode::bad_number, "x", "not a number"},
      {"p /bin/bash:main^(0x20)", ErrorCode::wrong_place, "(0x20)", "PATH:0xOFFSET(0xREFCTR)"},
      {"^r10 /bin/bash:main", ErrorCode::wrong_place, "r10", "write 'r' alone"},
  };
  expect_each(rows);
}

TEST(PointErrors, Events) {
  const Mistake rows[] = {
      {"t sched/^", ErrorCode::syntax, "", "the name of an event is missing"},
      {"t ^/sched_switch", ErrorCode::syntax, "", "the name of an event group is missing"},
      {"t ^:sched_switch", ErrorCode::syntax, "", "the name of an event group is missing"},
      {"t sched/^a/b", ErrorCode::bad_name, "a/b", "cannot be named"},
      {"t sched/^a-b", ErrorCode::bad_name, "a-b", "GROUP/EVENT"},
      {"t ^a.b/c", ErrorCode::bad_name, "a.b", "cannot be named"},
      {"t ^a.b", ErrorCode::bad_name, "a.b", "a tracepoint cannot be named"},
      {"t ^9p", ErrorCode::bad_name, "9p", "sched/sched_switch"},
      {"t ^sched_switch+8", ErrorCode::bad_name, "sched_switch+8", "cannot be named"},
      {"t sched/sched_switch^%return", ErrorCode::wrong_place, "%return", "does not return"},
      {"t sched_switch^%all", ErrorCode::wrong_place, "%all", "the name alone"},
  };
  expect_each(rows);
}

}  // namespace
}  // namespace kprobed::probespec
