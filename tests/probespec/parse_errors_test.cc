// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>

#include "probespec/parse.h"
#include "spec_text.h"

namespace kprobed::probespec {
namespace {

using testing::HasSubstr;

struct Mistake {
  std::string text;  ///< '^' stands before the blamed token and is not part of it
  ErrorCode code;
  std::string blamed;  ///< the token; "" for a point where something is missing
  std::string says;    ///< part of the message or the hint
};

void expect_each(std::span<const Mistake> rows) {
  for (Mistake row : rows) {
    SCOPED_TRACE(row.text.substr(0, 80));
    const std::size_t caret = row.text.find('^');
    ASSERT_NE(caret, std::string::npos);
    row.text.erase(caret, 1);
    const Parsed parsed = parse_text(row.text);
    EXPECT_TRUE(parsed.specs.empty());
    ASSERT_EQ(parsed.errors.size(), 1U);
    const Error& error = parsed.errors[0];
    EXPECT_EQ(word(error.code), word(row.code)) << error.message;
    EXPECT_TRUE(error.span.known());
    EXPECT_EQ(error.span.line, 1U);
    EXPECT_EQ(error.span.begin, caret) << error.message;
    EXPECT_EQ(covered(error.span), row.blamed);
    EXPECT_THAT(error.message + " | " + error.hint, HasSubstr(row.says));
    EXPECT_FALSE(error.message.empty());
    EXPECT_FALSE(error.hint.empty());
    EXPECT_LT(error.message.size(), 200U);
    EXPECT_LT(error.hint.size(), 250U);
  }
}

TEST(ParseErrors, Kind) {
  const Mistake rows[] = {
      {"^x vfs_read", ErrorCode::syntax, "x", "'p' (at a function's entry) or 'r'"},
      {"^vfs_read a1", ErrorCode::syntax, "vfs_read", ": p vfs_read"},
      {"^P vfs_read", ErrorCode::syntax, "P", "write 'p'"},
      {"^kretprobe vfs_read", ErrorCode::syntax, "kretprobe", "write 'r'"},
      {"^'p vfs_read'", ErrorCode::syntax, "'p", "''p' is not a kind of probe"},
      {"^p+8 vfs_read", ErrorCode::syntax, "p+8", "not a kind of probe"},
      {"^: vfs_read", ErrorCode::syntax, ":", "not a kind of probe"},
      {"p^", ErrorCode::syntax, "", "where to probe is missing"},
      {"  r^   # nothing", ErrorCode::syntax, "", "r vfs_read"},
      // the forms of kprobe_events and dynamic_events that are not of this language
      {"p^:myprobe vfs_read", ErrorCode::syntax, ":myprobe", "event names cannot be chosen yet"},
      {"p^:grp/ev vfs_read", ErrorCode::syntax, ":grp/ev", "write 'p' alone"},
      {"r^:ev vfs_read", ErrorCode::syntax, ":ev", "write 'r' alone"},
      {"p^:", ErrorCode::syntax, ":", "event names"},
      {"r^10 vfs_read", ErrorCode::syntax, "10", "MAXACTIVE"},
      {"r^10:ev vfs_read", ErrorCode::syntax, "10", "MAXACTIVE"},
      {"p^10 vfs_read", ErrorCode::syntax, "10", "no meaning"},
      {"^-:ev", ErrorCode::syntax, "-:", "cannot remove"},
      {"^-:grp/ev vfs_read", ErrorCode::syntax, "-:", "names, which removing needs"},
      {"^-", ErrorCode::syntax, "-", "cannot remove"},
      {"^!p:ev vfs_read", ErrorCode::syntax, "!", "cannot remove"},
      {"^f vfs_read", ErrorCode::syntax, "f", "'f' is a function (fprobe) event"},
      {"^f:ev vfs_read", ErrorCode::syntax, "f", "write 'p'"},
      {"^f10 vfs_read", ErrorCode::syntax, "f", "write 'p'"},
      {"^t sched_switch", ErrorCode::syntax, "t", "'t' is a tracepoint probe"},
      {"^e:ev sched/sched_switch", ErrorCode::syntax, "e", "'e' is an event probe"},
      {"^s:ev u64 x", ErrorCode::syntax, "s", "'s' is a synthetic event"},
  };
  expect_each(rows);
}

TEST(ParseErrors, Point) {
  const Mistake rows[] = {
      {"p ^p vfs_read", ErrorCode::syntax, "p", "given twice"},
      {"p ^r vfs_read", ErrorCode::syntax, "r", "given twice"},
      {"p vfs_^*", ErrorCode::syntax, "*", "patterns"},
      {"p vfs_read^,a1", ErrorCode::syntax, ",", "separated by blanks"},
      {"p vfs_read^; r vfs_read", ErrorCode::syntax, ";", "specs by line ends"},
      {"p vfs_read^(a1)", ErrorCode::syntax, "(", "/proc/kallsyms"},
      {"p ^%di", ErrorCode::syntax, "%", "cannot stand in a symbol"},
      {"p vfs_read^%return", ErrorCode::syntax, "%return", "written 'r vfs_read'"},
      {"p vfs_read+0^%return", ErrorCode::syntax, "%return", "a return probe"},
      {"p ^/bin/bash:0x1000", ErrorCode::syntax, "/bin/bash:0x1000", "is a file"},
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
      {"r ext4:sym^-0x8", ErrorCode::wrong_place, "-0x8", "'r ext4:sym', or 'p ext4:sym-8'"},
      // addresses
      {"p ^0x1g", ErrorCode::bad_number, "0x1g", "not a number"},
      {"p ^810c6a3a", ErrorCode::bad_number, "810c6a3a", "0x810c6a3a"},
      {"p ^0x10000000000000000", ErrorCode::bad_number, "0x10000000000000000", "out of range"},
      {"p 0x1000^+8", ErrorCode::syntax, "+8", "write the sum, 0x1008"},
      {"r 0x1000^-8", ErrorCode::syntax, "-8", "write the sum, 0xff8"},
      {"p 0x1000+^z", ErrorCode::bad_number, "z", "not a number"},
      // modules
      {"p ^:vfs_read", ErrorCode::syntax, "", "module's name is missing"},
      {"p ext4:^", ErrorCode::syntax, "", "the symbol is missing"},
      {"p ext4:^0x1000", ErrorCode::syntax, "0x1000", "begins with a digit"},
      {"p vfs_read:^12", ErrorCode::syntax, "12", "begins with a digit"},
      {"p ext4:sym^:x", ErrorCode::syntax, ":", "cannot stand in a symbol"},
      {"p ^snd-hda-intel:azx_probe", ErrorCode::bad_name, "snd-hda-intel", "write snd_hda_intel"},
      {"p ^ext4.ko:sym", ErrorCode::bad_name, "ext4.ko", "/proc/modules"},
  };
  expect_each(rows);
}

TEST(ParseErrors, Words) {
  const Mistake rows[] = {
      {"p f ^filename", ErrorCode::syntax, "filename", "parameters are not known by name yet"},
      {"p f ^fd", ErrorCode::syntax, "fd", "unknown fetcharg 'fd'"},
      {"p f ^fp", ErrorCode::syntax, "fp", "parameters are not known by name yet"},
      {"r f ^$retvl", ErrorCode::syntax, "$retvl", "did you mean '$retval'?"},
      {"r f ^$RETVAL", ErrorCode::syntax, "$RETVAL", "did you mean '$retval'?"},
      {"r f ^retval", ErrorCode::syntax, "retval", "did you mean '$retval'?"},
      {"r f ^$ret", ErrorCode::syntax, "$ret", "did you mean '$retval'?"},
      {"r f ^$rv", ErrorCode::syntax, "$rv", "did you mean '$retval'?"},
      {"r f ^ra", ErrorCode::syntax, "ra", "did you mean 'rp'?"},
      {"p f ^sa", ErrorCode::syntax, "sa", "did you mean '$stack'?"},
      {"p f ^$a2", ErrorCode::syntax, "$a2", "did you mean 'a2'?"},
      {"p f ^A2", ErrorCode::syntax, "A2", "did you mean 'a2'?"},
      {"p f ^arg3", ErrorCode::syntax, "arg3", "did you mean '$arg3'?"},
      {"p f ^$stck12", ErrorCode::syntax, "$stck12", "did you mean '$stack12'?"},
      {"p f ^$COMM", ErrorCode::syntax, "$COMM", "did you mean '$comm'?"},
      {"p f ^$nonsense", ErrorCode::syntax, "$nonsense", "$retval"},
      {"p f ^a", ErrorCode::syntax, "a", "a number belongs behind it: a1"},
      {"p f ^$arg", ErrorCode::syntax, "$arg", "a number belongs behind it: $arg1"},
      {"p f ^$", ErrorCode::syntax, "$", "write one of"},
      {"p f ^$arg*", ErrorCode::syntax, "$arg*", "name each of them"},
      {"p f ^a0", ErrorCode::bad_number, "a0", "numbered from 1"},
      {"p f ^$arg0", ErrorCode::bad_number, "$arg0", "the first argument is $arg1"},
      {"p f ^a4294967296", ErrorCode::bad_number, "a4294967296", "out of range"},
      {"p f ^$arg1x", ErrorCode::bad_number, "$arg1x", "decimal"},
      {"p f ^$stack0x1", ErrorCode::bad_number, "$stack0x1", "decimal"},
      {"p f ^s99999999999", ErrorCode::bad_number, "s99999999999", "out of range"},
      {"p f ^r1x", ErrorCode::syntax, "r1x", "unknown fetcharg"},
      {"p f ^%", ErrorCode::syntax, "%", "register's name is missing"},
      {"p f ^%di+8", ErrorCode::syntax, "%di+8", "+8(%di)"},
      {"p f ^a1+8", ErrorCode::syntax, "a1+8", "+8(a1)"},
      {"p f ^a1,", ErrorCode::syntax, "a1,", "separated by blanks"},
      {"p f ^*a1", ErrorCode::syntax, "*a1", "+0(a1)"},
      {"p f ^a1->f_pos", ErrorCode::syntax, "a1->f_pos", "fields are not known by name yet"},
      {"p f ^\\5", ErrorCode::syntax, "\\5", "not a constant"},
      {"p f ^0x1000", ErrorCode::syntax, "0x1000", "m0xADDR"},
      {"p f ^m0x", ErrorCode::bad_number, "m0x", "not a number"},
      {"p f ^m1000g", ErrorCode::bad_number, "m1000g", "not a number"},
      {"p f ^m0x10000000000000000", ErrorCode::bad_number, "m0x10000000000000000", "out of range"},
      {"p f ^@", ErrorCode::syntax, "@", "@ADDR or @SYMBOL"},
      {"p f ^@+8", ErrorCode::syntax, "@+8", "+8(FETCH)"},
      {"p f ^@0xg", ErrorCode::bad_number, "@0xg", "not a number"},
      {"p f @jiffies+^", ErrorCode::bad_number, "", "a number is missing"},
      {"p f @jiffies+^0x100000000", ErrorCode::bad_number, "0x100000000", "out of range"},
      {"p f @^*", ErrorCode::syntax, "*", "cannot stand in a symbol"},
  };
  expect_each(rows);
}

TEST(ParseErrors, Dereferences) {
  const Mistake rows[] = {
      {"p f ^8(%di)", ErrorCode::syntax, "8", "write +8(...)"},
      {"p f ^u8(%di)", ErrorCode::syntax, "u8", "write +u8(...)"},
      {"p f ^0x8(%di)", ErrorCode::syntax, "0x8", "an offset needs its sign"},
      {"p f ^(%di)", ErrorCode::syntax, "(", "+0(...)"},
      {"p f a1^(%di)", ErrorCode::syntax, "(", "unexpected '(' after 'a1'"},
      {"p f ^+(%di)", ErrorCode::bad_number, "+", "write +0(...)"},
      {"p f ^-u(%di)", ErrorCode::bad_number, "-u", "write -u0(...)"},
      {"p f ^+8u(%di)", ErrorCode::bad_number, "+8u", "write +u8(...)"},
      {"p f +^x(%di)", ErrorCode::bad_number, "x", "not a number"},
      {"p f +^+8(%di)", ErrorCode::bad_number, "+8", "not a number"},
      {"p f +^0x80000000(%di)", ErrorCode::bad_number, "0x80000000", "0x7fffffff"},
      {"p f -^0x80000001(%di)", ErrorCode::bad_number, "0x80000001", "0x80000000"},
      {"p f ^+8 (%di)", ErrorCode::syntax, "+8", "without blanks"},
      {"p f ^+8%di", ErrorCode::syntax, "+8%di", "needs parentheses"},
      {"p f +0(^+8%di)", ErrorCode::syntax, "+8%di)", "needs parentheses"},
      {"p f +8(%di^", ErrorCode::syntax, "", "a ')' is missing"},
      {"p f +8(+16(%di)^", ErrorCode::syntax, "", "a ')' is missing"},
      {"p f +8(%di^:u32", ErrorCode::syntax, "", "a ')' is missing"},
      {"p f +8(%di^:u32)", ErrorCode::syntax, ":u32)", "behind the last one"},
      {"p f +8(%di)^)", ErrorCode::syntax, ")", "without its '('"},
      {"p f a1^)", ErrorCode::syntax, ")", "without its '('"},
      {"p f +8(%di)^x:u8", ErrorCode::syntax, "x", "unexpected 'x'"},
      {"p f +8(^)", ErrorCode::syntax, "", "what to fetch is missing"},
      {"p f +8(^", ErrorCode::syntax, "", "what to fetch is missing"},
      {"p f +8(^filename)", ErrorCode::syntax, "filename", "unknown fetcharg"},
      {"p f +0(^$comm)", ErrorCode::wrong_place, "$comm", "cannot be dereferenced"},
      {"p f +0(^$comm):string", ErrorCode::wrong_place, "$comm", "cannot be dereferenced"},
      {"r f +0(^rp)", ErrorCode::wrong_place, "rp", "cannot be dereferenced"},
      {"p f ^" + repeat("+0(", 15) + "a1" + repeat(")", 15), ErrorCode::too_many,
       repeat("+0(", 15) + "a1" + repeat(")", 15), "leave out 1"},
      {"p f ^" + repeat("+0(", 14) + "@0x10" + repeat(")", 14), ErrorCode::too_many,
       repeat("+0(", 14) + "@0x10" + repeat(")", 14), "leave out 1"},
      {"p f ^" + repeat("+0(", 13) + "@sym" + repeat(")", 13) + ":u8", ErrorCode::too_many,
       repeat("+0(", 13) + "@sym" + repeat(")", 13), "leave out 1"},
  };
  expect_each(rows);
}

TEST(ParseErrors, Types) {
  const Mistake rows[] = {
      {"p f a1^:", ErrorCode::syntax, ":", "the type is missing"},
      {"p f %di^:", ErrorCode::syntax, ":", "the type is missing"},
      {"p f a1:^int", ErrorCode::unknown_type, "int", "did you mean 's32'?"},
      {"p f a1:^char", ErrorCode::unknown_type, "char", "did you mean 's8'?"},
      {"p f a1:^long", ErrorCode::unknown_type, "long", "did you mean 's64'?"},
      {"p f a1:^unsigned", ErrorCode::unknown_type, "unsigned", "did you mean 'u32'?"},
      {"p f a1:^uint", ErrorCode::unknown_type, "uint", "did you mean 'u32'?"},
      {"p f a1:^bool", ErrorCode::unknown_type, "bool", "did you mean 'u8'?"},
      {"p f a1:^uint32_t", ErrorCode::unknown_type, "uint32_t", "did you mean 'u32'?"},
      {"p f a1:^__u32", ErrorCode::unknown_type, "__u32", "did you mean 'u32'?"},
      {"p f a1:^u65", ErrorCode::unknown_type, "u65", "did you mean 'u64'?"},
      {"p f a1:^U32", ErrorCode::unknown_type, "U32", "did you mean 'u32'?"},
      {"p f a1:^strnig", ErrorCode::unknown_type, "strnig", "did you mean 'string'?"},
      {"p f a1:^symbol", ErrorCode::unknown_type, "symbol", "did you mean 'x64'?"},
      {"p f a1:^symstr", ErrorCode::unknown_type, "symstr", "did you mean 'x64'?"},
      {"p f a1:^%pd", ErrorCode::unknown_type, "%pd", "the types are u8"},
      {"p f a1:^float", ErrorCode::unknown_type, "float", "string ustring"},
      {"p f a1:^u32:x", ErrorCode::unknown_type, "u32:x", "the types are u8"},
      {"p f a1:^u32)", ErrorCode::unknown_type, "u32)", "did you mean 'u32'?"},
      {"p f +0(a1):^u8[4]", ErrorCode::unknown_type, "u8[4]", "arrays cannot be fetched yet"},
      {"p f +0(a1):^string[4]", ErrorCode::unknown_type, "string[4]", "one by one"},
      {"p f a1:^b4@0/8", ErrorCode::unknown_type, "b4@0/8", "bit fields"},
      // text needs memory, except that a 2009 word means what it points to
      {"p f %di:^string", ErrorCode::wrong_place, "string", "+0(%di):string"},
      {"p f n=$arg1:^ustring", ErrorCode::wrong_place, "ustring", "+0($arg1):ustring"},
      {"r f $retval:^string", ErrorCode::wrong_place, "string", "+0($retval):string"},
      {"p f $stack0:^string", ErrorCode::wrong_place, "string", "+0($stack0):string"},
      {"p f $stack:^ustring", ErrorCode::wrong_place, "ustring", "+0($stack):ustring"},
      {"p f $comm:^ustring", ErrorCode::wrong_place, "ustring", "$comm:string"},
      {"p f $comm:^u8", ErrorCode::wrong_place, "u8", "$comm alone"},
      {"r f rp:^string", ErrorCode::wrong_place, "string", "rp alone"},
      {"r f rp:^x32", ErrorCode::wrong_place, "x32", "rp:x64"},
  };
  expect_each(rows);
}

TEST(ParseErrors, WordsOfReturnProbes) {
  const Mistake rows[] = {
      {"p f ^rv", ErrorCode::wrong_place, "rv", "'r' instead of 'p'"},
      {"p f ^rp", ErrorCode::wrong_place, "rp", "'r' instead of 'p'"},
      {"p vfs_read ^$retval", ErrorCode::wrong_place, "$retval", "'r' instead of 'p'"},
      {"p f a1 x=+8(^$retval):u32", ErrorCode::wrong_place, "$retval", "function returns"},
  };
  expect_each(rows);
}

TEST(ParseErrors, Names) {
  const std::string long_name(33, 'n');
  const Mistake rows[] = {
      {"p f ^=%di", ErrorCode::bad_name, "=", "the name is missing"},
      {"p f x=^", ErrorCode::syntax, "", "what to fetch is missing"},
      {"p f x=^:u8", ErrorCode::syntax, "", "what to fetch is missing"},
      {"p f ^1x=%di", ErrorCode::bad_name, "1x", "cannot be a name"},
      {"p f ^x-y=%di", ErrorCode::bad_name, "x-y", "cannot be a name"},
      {"p f ^common_pid=%di", ErrorCode::bad_name, "common_pid", "a field of every event"},
      {"p f ^common_type=%di", ErrorCode::bad_name, "common_type", "another name"},
      {"p f ^common_flags=%di", ErrorCode::bad_name, "common_flags", "another name"},
      {"p f ^common_preempt_count=%di", ErrorCode::bad_name, "common_preempt_count", "another"},
      {"p f ^common_tgid=%di", ErrorCode::bad_name, "common_tgid", "another name"},
      {"p f ^__probe_ip=%di", ErrorCode::bad_name, "__probe_ip", "another name"},
      {"p f ^__probe_ret_ip=%di", ErrorCode::bad_name, "__probe_ret_ip", "another name"},
      {"p f ^__probe_func=%di", ErrorCode::bad_name, "__probe_func", "another name"},
      {"p f ^" + long_name + "=%di", ErrorCode::too_long, long_name, "the kernel takes 32"},
      {"p f x=^=a1", ErrorCode::syntax, "=a1", "unknown fetcharg"},
      {"p f a1 ^a1", ErrorCode::name_used, "a1", "x=a1"},
      {"p f a2 ^a2:ustring", ErrorCode::name_used, "a2:ustring", "x=a2:ustring"},
      {"p f x=a1 ^x=a2:u8", ErrorCode::name_used, "x", "xx=a2:u8"},
      {"p f a2=a1 ^a2", ErrorCode::name_used, "a2", "x=a2"},
      {"p f a1 ^a1=%di", ErrorCode::name_used, "a1", "x=%di"},
      {"p f m0x10 ^m16", ErrorCode::name_used, "m16", "'m0x10'"},
      {"p f arg2=%di ^%si", ErrorCode::name_used, "%si", "'arg2'"},
      {"p f %di ^arg1=%si", ErrorCode::name_used, "arg1", "x=%si"},
  };
  expect_each(rows);
}

TEST(ParseErrors, Limits) {
  std::string many = "p f";
  for (std::size_t i = 1; i <= kMaxArgs; ++i) many += " a" + std::to_string(i);
  const std::string zeros(55, '0');
  const Mistake rows[] = {
      {many + " ^a129", ErrorCode::too_many, "a129", "at most 128"},
      {many + " ^a129 nonsense", ErrorCode::too_many, "a129", "a second probe"},
      {"p f n=^+" + zeros + "1(a1):u8", ErrorCode::too_long, "+" + zeros + "1(a1):u8",
       "64 bytes, the kernel takes 63"},
      // 63 bytes as written, 65 as printed: @9 becomes @0x9.
      {"p f ^+" + std::string("1000000000(") + repeat("+10000(", 5) + "@9)))))):ustring",
       ErrorCode::too_long, "+1000000000(" + repeat("+10000(", 5) + "@9)))))):ustring", "65 bytes"},
      {"# " + std::string(kMaxLineBytes - 2, 'c') + "^ccc", ErrorCode::too_long, "ccc",
       "4097 bytes, at most 4094"},
      {"p f" + std::string(kMaxLineBytes - 3, ' ') + "^ $nonsense", ErrorCode::too_long,
       " $nonsense", "at most 4094"},
  };
  expect_each(rows);
}

// Printed addresses are hexadecimal and longer than "1" is; what would not fit again is refused.
TEST(ParseErrors, TheCanonicalLineMustFitToo) {
  std::string line = "^p f";
  for (std::size_t i = 0; line.size() < kMaxLineBytes - 40; ++i) {
    line += " " + std::string(28, 'n') + std::to_string(100 + i) + "=m9";
  }
  line.resize(kMaxLineBytes + 1, ' ');
  const Mistake rows[] = {{line, ErrorCode::too_long, line.substr(1), "at most 4094"}};
  expect_each(rows);
}

TEST(ParseErrors, BytesThatAreNoText) {
  using namespace std::string_literals;
  const Mistake rows[] = {
      {"p f^\0 a1"s, ErrorCode::syntax, "\0"s, "unexpected byte 0x00"},
      {"p f ^\x1b[31ma1", ErrorCode::syntax, "\x1b", "unexpected byte 0x1b"},
      {"p f ^\x7f", ErrorCode::syntax, "\x7f", "0x7f"},
      {"p f^\r a1", ErrorCode::syntax, "\r", "0x0d"},
      {"p f^\v a1", ErrorCode::syntax, "\v", "0x0b"},
      {"p f^\xc2\xa0"s + "a1", ErrorCode::syntax, "\xc2\xa0", "0xc2 0xa0"},
      {"p f ^\xe2\x80\x93"s + "8(a1)", ErrorCode::syntax, "\xe2\x80\x93", "look-alikes"},
      {"^\xef\xbb\xbf"s + "p f", ErrorCode::syntax, "\xef\xbb\xbf", "0xef 0xbb 0xbf"},
      {"p f ^\xff", ErrorCode::syntax, "\xff", "0xff"},
  };
  expect_each(rows);
}

}  // namespace
}  // namespace kprobed::probespec
