// SPDX-License-Identifier: Apache-2.0
#include "mistakes.h"

namespace kprobed::probespec {
namespace {

TEST(ParseErrors, Words) {
  const Mistake rows[] = {
      {"p f ^$stackx", ErrorCode::syntax, "$stackx", "did you mean '$stack'"},
      {"p f ^$stack_start", ErrorCode::syntax, "$stack_start", "stack_start without '$'"},
      {"p f ^$", ErrorCode::syntax, "$", "write one of"},
      {"p f ^$1", ErrorCode::syntax, "$1", "unknown fetcharg"},
      {"p f ^$arg**", ErrorCode::syntax, "$arg**", "unknown fetcharg"},
      {"p f ^a0", ErrorCode::bad_number, "a0", "numbered from 1"},
      {"p f ^$arg0", ErrorCode::bad_number, "$arg0", "the first argument is $arg1"},
      {"p f ^a00", ErrorCode::bad_number, "a00", "written $a00"},
      {"p f ^a4294967296", ErrorCode::bad_number, "a4294967296", "out of range"},
      {"p f ^$arg1x", ErrorCode::bad_number, "$arg1x", "decimal"},
      {"p f ^$stack0x1", ErrorCode::bad_number, "$stack0x1", "decimal"},
      {"p f ^s99999999999", ErrorCode::bad_number, "s99999999999", "out of range"},
      {"p f ^%", ErrorCode::syntax, "%", "register's name is missing"},
      {"p f ^%di+8", ErrorCode::syntax, "%di+8", "+8(%di)"},
      {"p f ^a1+8", ErrorCode::syntax, "a1+8", "+8(a1)"},
      {"p f ^a1,", ErrorCode::syntax, "a1,", "separated by blanks"},
      {"p f ^*a1", ErrorCode::syntax, "*a1", "+0(a1)"},
      {"p f ^&a1", ErrorCode::syntax, "&a1", "the address of a value"},
      {"p f ^how-flags", ErrorCode::syntax, "how-flags", "a field is written a->b"},
      {"p f ^\"text\"", ErrorCode::syntax, "\"text\"", "is written \\\"TEXT\""},
      {"p f ^0x1000", ErrorCode::syntax, "0x1000", "m0xADDR"},
      {"p f ^m0x", ErrorCode::bad_number, "m0x", "not a number"},
      {"p f ^m1000g", ErrorCode::bad_number, "m1000g", "not a number"},
      {"p f ^m2p", ErrorCode::bad_number, "m2p", "written $m2p"},
      {"p f ^m0x10000000000000000", ErrorCode::bad_number, "m0x10000000000000000", "out of range"},
      {"p f ^@", ErrorCode::syntax, "@", "@ADDR, @SYMBOL"},
      {"p f ^@-8", ErrorCode::syntax, "@-8", "-8(FETCH)"},
      {"p f @+^x", ErrorCode::bad_number, "x", "not a number"},
      {"p /b:f @+^-5", ErrorCode::bad_number, "-5", "not a number"},
      {"p f ^@+8", ErrorCode::wrong_place, "@+8", "only a program's probe has a file"},
      {"p /b:f ^@jiffies", ErrorCode::wrong_place, "@jiffies", "@+OFFSET"},
      {"p f ^@0xg", ErrorCode::bad_number, "@0xg", "not a number"},
      {"p f @jiffies+^", ErrorCode::bad_number, "", "a number is missing"},
      {"p f @jiffies+^0x100000000", ErrorCode::bad_number, "0x100000000", "out of range"},
      {"p f @^*", ErrorCode::syntax, "*", "cannot stand in a symbol"},
  };
  expect_each(rows);
}

TEST(ParseErrors, Immediates) {
  const Mistake rows[] = {
      {"p f ^\\", ErrorCode::bad_number, "\\", "a number is missing"},
      {"p f ^\\x", ErrorCode::bad_number, "\\x", "not a number"},
      {"p f ^\\-", ErrorCode::bad_number, "\\-", "a number is missing"},
      {"p f ^\\--5", ErrorCode::bad_number, "\\--5", "not a number"},
      {"p f ^\\18446744073709551616", ErrorCode::bad_number, "\\18446744073709551616",
       "out of range"},
      {"p f ^\\-9223372036854775809", ErrorCode::bad_number, "\\-9223372036854775809",
       "out of range"},
      {"p f ^\\+9223372036854775808", ErrorCode::bad_number, "\\+9223372036854775808",
       "out of range"},
      {"p f ^\\\"", ErrorCode::syntax, "\\\"", "the text is not closed"},
      {"p f x=^\\\"ab", ErrorCode::syntax, "\\\"ab", "the text is not closed"},
      {"p f x=^\\\"a b\"", ErrorCode::syntax, "\\\"a", "cannot hold a blank"},
      {"p f x=^\\\"a#b\"", ErrorCode::syntax, "\\\"a", "cannot hold a blank"},
      {"p f x=^\\\"a:b\"", ErrorCode::syntax, "\\\"a", "cannot hold a blank"},
      {"p f x=^\\\"a\"b", ErrorCode::syntax, "\\\"a\"b", "the text is not closed"},
      {"p f ^\\\"a=b\"", ErrorCode::bad_name, "\\\"a", "cannot be a name"},
      {"p f +0(^\\\"a\")", ErrorCode::wrong_place, "\\\"a\"", "cannot be dereferenced"},
  };
  expect_each(rows);
}

TEST(ParseErrors, Fields) {
  const std::string many = repeat("->x", kMaxFieldSteps);
  const Mistake rows[] = {
      {"p f how->^", ErrorCode::syntax, "", "the field's name is missing"},
      {"p f how->^:u8", ErrorCode::syntax, "", "the field's name is missing"},
      {"p f how->^1", ErrorCode::syntax, "1", "the field's name is missing"},
      {"p f how.^", ErrorCode::syntax, "", "missing after '.'"},
      {"p f how.^.x", ErrorCode::syntax, "", "missing after '.'"},
      {"p f how->^$x", ErrorCode::syntax, "$x", "the field's name is missing"},
      {"p f how->x^-y", ErrorCode::syntax, "-y", "unexpected '-y' behind a field"},
      {"p f how->x^!", ErrorCode::syntax, "!", "written as in C"},
      {"p f arr[1^", ErrorCode::syntax, "", "a ']' is missing"},
      {"p f arr[^]", ErrorCode::bad_number, "", "a number is missing"},
      {"p f arr[^-1]", ErrorCode::bad_number, "-1", "not a number"},
      {"p f arr[^i]", ErrorCode::bad_number, "i", "not a number"},
      {"p f arr[^4294967296]", ErrorCode::bad_number, "4294967296", "out of range"},
      {"p f arr[1]^x", ErrorCode::syntax, "x", "unexpected 'x' behind a field"},
      {"p f how" + many + "^->y", ErrorCode::too_many, "->y", "at most 15 fields"},
      {"p f ^%di->x", ErrorCode::syntax, "%di->x", "behind a parameter's name"},
      {"p f s0^->x", ErrorCode::wrong_place, "->x", "the type of 's0' is not known"},
      {"p f r3^[1]", ErrorCode::wrong_place, "[1]", "the type of 'r3' is not known"},
      {"r f rp^->x", ErrorCode::wrong_place, "->x", "rv and $retval"},
      {"p f $stack^->x", ErrorCode::wrong_place, "->x", "the type of '$stack' is not known"},
      {"p f $comm^[0]", ErrorCode::wrong_place, "[0]", "the type of '$comm' is not known"},
      {"p f $args^->x", ErrorCode::wrong_place, "->x", "the type of '$args' is not known"},
      {"p f m0x10^->x", ErrorCode::wrong_place, "->x", "is not known"},
      {"p f +8(how)^->x", ErrorCode::wrong_place, "->x", "+8(a->b)"},
      {"p f +8(how)^.x:u8", ErrorCode::wrong_place, ".x", "inside the parentheses"},
  };
  expect_each(rows);
}

TEST(ParseErrors, AllArguments) {
  const Mistake rows[] = {
      {"p f ^x=$args", ErrorCode::wrong_place, "x", "write $args alone"},
      {"p f $args:^u8", ErrorCode::wrong_place, "u8", "cannot have one type"},
      {"p f +0(^$arg*)", ErrorCode::wrong_place, "$arg*", "cannot be dereferenced"},
      {"p f $args ^$arg*", ErrorCode::name_used, "$arg*", "twice"},
  };
  expect_each(rows);
}

TEST(ParseErrors, EventFields) {
  const Mistake rows[] = {
      {"t g/e ^a1", ErrorCode::wrong_place, "a1", "a field of that name is written $a1"},
      {"t g/e x=^rv", ErrorCode::wrong_place, "rv", "written $rv"},
      {"t g/e ^%di", ErrorCode::wrong_place, "%di", "$args for all"},
      {"t g/e ^$arg1", ErrorCode::wrong_place, "$arg1", "no meaning at an event"},
      {"t g/e ^$stack", ErrorCode::wrong_place, "$stack", "no meaning at an event"},
      {"t g/e ^@jiffies", ErrorCode::wrong_place, "@jiffies", "no meaning at an event"},
      {"t g/e ^\\5", ErrorCode::wrong_place, "\\5", "no meaning at an event"},
      {"t g/e ^+0(x):u8", ErrorCode::wrong_place, "+0(x)", "can be followed"},
      {"t g/e ^x->y", ErrorCode::wrong_place, "x->y", "can be followed"},
      {"t g/e ^x[1]", ErrorCode::wrong_place, "x[1]", "can be followed"},
      {"t g/e x:^u8[2]", ErrorCode::wrong_place, "u8[2]", "cannot be read as"},
      {"t g/e x:^b1@0/8", ErrorCode::wrong_place, "b1@0/8", "cannot be read as"},
      {"t g/e x:^string{4}", ErrorCode::wrong_place, "string{4}", "cannot be read as"},
      {"t g/e x:^ustring", ErrorCode::wrong_place, "ustring", "cannot be read as"},
      {"t g/e x:^symstr", ErrorCode::wrong_place, "symstr", "cannot be read as"},
      {"t g/e x:^%pd", ErrorCode::wrong_place, "%pd", "cannot be read as"},
      {"t g/e $comm:^u8", ErrorCode::wrong_place, "u8", "is text"},
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
      {"p f +8(^file-name)", ErrorCode::syntax, "file-name", "unknown fetcharg"},
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
      {"p f a1:^unsigned", ErrorCode::unknown_type, "unsigned", "did you mean 'uint'?"},
      {"p f a1:^size_t", ErrorCode::unknown_type, "size_t", "did you mean 'ulong'?"},
      {"p f a1:^uint32_t", ErrorCode::unknown_type, "uint32_t", "did you mean 'u32'?"},
      {"p f a1:^__u32", ErrorCode::unknown_type, "__u32", "did you mean 'u32'?"},
      {"p f a1:^u65", ErrorCode::unknown_type, "u65", "did you mean 'u64'?"},
      {"p f a1:^U32", ErrorCode::unknown_type, "U32", "did you mean 'u32'?"},
      {"p f a1:^_Bool", ErrorCode::unknown_type, "_Bool", "did you mean 'bool'?"},
      {"p f a1:^strnig", ErrorCode::unknown_type, "strnig", "did you mean 'string'?"},
      {"p f a1:^char*", ErrorCode::unknown_type, "char*", "did you mean 'string'?"},
      {"p f a1:^%p", ErrorCode::unknown_type, "%p", "the types are u8"},
      {"p f a1:^float", ErrorCode::unknown_type, "float", "string ustring"},
      {"p f a1:^u32:x", ErrorCode::unknown_type, "u32:x", "the types are u8"},
      {"p f a1:^u32)", ErrorCode::unknown_type, "u32)", "did you mean 'u32'?"},
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
      {"r f rp:^s64", ErrorCode::wrong_place, "s64", "rp:x64"},
      {"p f \\\"a\":^ustring", ErrorCode::wrong_place, "ustring", "is text"},
      {"p f \\\"a\":^u8", ErrorCode::wrong_place, "u8", "is text"},
      // the kernel: BAD_SYMSTRING
      {"p f \\5:^symstr", ErrorCode::wrong_place, "symstr", "write \\5:symbol"},
      {"p f $stack:^symstr", ErrorCode::wrong_place, "symstr", "registers, arguments"},
      {"p f +u0(a1):^symstr", ErrorCode::wrong_place, "symstr", "its own memory only"},
      // nothing of the kernel's is known in a program
      {"p /b:f a1:^symbol", ErrorCode::wrong_place, "symbol", "about the kernel"},
      {"p /b:f a1:^symstr", ErrorCode::wrong_place, "symstr", "show the address as x64"},
      {"p /b:f a1:^%pd", ErrorCode::wrong_place, "%pd", "about the kernel"},
      {"p /b:f a1:^%pD", ErrorCode::wrong_place, "%pD", "about the kernel"},
  };
  expect_each(rows);
}

TEST(ParseErrors, Arrays) {
  const Mistake rows[] = {
      {"p f +0(a1):u8[4^", ErrorCode::syntax, "", "a ']' is missing"},
      {"p f +0(a1):u8[^", ErrorCode::syntax, "", "with N from 1 to 64"},
      {"p f +0(a1):u8[^]", ErrorCode::bad_number, "", "a number is missing"},
      {"p f +0(a1):u8[^0]", ErrorCode::bad_number, "0", "at least one"},
      {"p f +0(a1):u8[^65]", ErrorCode::bad_number, "65", "largest possible value is 64"},
      {"p f +0(a1):u8[^x]", ErrorCode::bad_number, "x", "not a number"},
      {"p f +0(a1):u8[^-1]", ErrorCode::bad_number, "-1", "not a number"},
      {"p f +0(a1):u8[4]^x", ErrorCode::syntax, "x", "behind ']'"},
      {"p f +0(a1):u8[4]^[4]", ErrorCode::syntax, "[4]", "behind ']'"},
      {"p f +0(a1):^u7[4]", ErrorCode::unknown_type, "u7", "the types are"},
      {"p f +0(a1):^[4]", ErrorCode::unknown_type, "", "the types are"},
      // an array lies in memory
      {"p f %di:^u8[4]", ErrorCode::wrong_place, "u8[4]", "+0(%di):u8[4]"},
      {"p f $arg1:^string[4]", ErrorCode::wrong_place, "string[4]", "+0($arg1):string[4]"},
      {"p f a1:^u8[4]", ErrorCode::wrong_place, "u8[4]", "is a value, not an array"},
      {"p f a1:^string[4]", ErrorCode::wrong_place, "string[4]", "+0(a1):string[4]"},
      {"p f $stack:^x64[4]", ErrorCode::wrong_place, "x64[4]", "+0($stack):x64[4]"},
      {"p f \\5:^u8[4]", ErrorCode::wrong_place, "u8[4]", "is a value, not an array"},
      {"p f %di:^b4@0/8[2]", ErrorCode::wrong_place, "b4@0/8[2]", "is a value, not an array"},
      {"p f $comm:^string[2]", ErrorCode::wrong_place, "string[2]", "is text"},
      {"p f \\\"a\":^string[2]", ErrorCode::wrong_place, "string[2]", "is text"},
      {"r f rp:^x64[2]", ErrorCode::wrong_place, "x64[2]", "is an address"},
      {"p f a1:%pd^[2]", ErrorCode::wrong_place, "[2]", "it cannot be an array"},
      {"p f +u0(a1):^u8[4]", ErrorCode::wrong_place, "u8[4]", "a program's memory"},
      {"p f +u8(+0(a1)):^x64[4]", ErrorCode::wrong_place, "x64[4]", "+8 instead of +u8"},
  };
  expect_each(rows);
}

TEST(ParseErrors, BitFields) {
  const Mistake rows[] = {
      {"p f a1:^b4", ErrorCode::syntax, "b4", "bWIDTH@OFFSET/CONTAINER"},
      {"p f a1:^b4@0", ErrorCode::syntax, "b4@0", "is not a bit field"},
      {"p f a1:^b4/32", ErrorCode::syntax, "b4/32", "is not a bit field"},
      {"p f a1:b^@0/32", ErrorCode::bad_number, "", "a number is missing"},
      {"p f a1:b4@^/32", ErrorCode::bad_number, "", "a number is missing"},
      {"p f a1:b4@0/^", ErrorCode::bad_number, "", "a number is missing"},
      {"p f a1:b^4x@0/32", ErrorCode::bad_number, "4x", "not a number"},
      {"p f a1:^b0@0/32", ErrorCode::bad_number, "b0@0/32", "no bits at all"},
      {"p f a1:b4@0/^24", ErrorCode::bad_number, "24", "8, 16, 32 or 64"},
      {"p f a1:b4@0/^0", ErrorCode::bad_number, "0", "8, 16, 32 or 64"},
      {"p f a1:^b33@0/32", ErrorCode::bad_number, "b33@0/32", "do not fit into 32"},
      {"p f a1:^b4@29/32", ErrorCode::bad_number, "b4@29/32", "from bit 29 on do not fit"},
      {"p f a1:b^65@0/64", ErrorCode::bad_number, "65", "largest possible value is 64"},
      {"p f $comm:^b1@0/8", ErrorCode::wrong_place, "b1@0/8", "is text"},
      {"r f rp:^b1@0/8", ErrorCode::wrong_place, "b1@0/8", "is an address"},
  };
  expect_each(rows);
}

TEST(ParseErrors, BoundedTexts) {
  const Mistake rows[] = {
      {"p f a1:string{^0}", ErrorCode::bad_number, "0", "at least one"},
      {"p f a1:string{^513}", ErrorCode::bad_number, "513", "largest possible value is 512"},
      {"p f a1:string{^}", ErrorCode::bad_number, "", "a number is missing"},
      {"p f a1:string{^x}", ErrorCode::bad_number, "x", "not a number"},
      {"p f a1:string{4^", ErrorCode::syntax, "", "a '}' is missing"},
      {"p f a1:string{4}^x", ErrorCode::syntax, "x", "behind '}'"},
      {"p f a1:string{4}^[2]", ErrorCode::wrong_place, "[2]", "cannot be in an array"},
      {"p f a1:string[2]^{4}", ErrorCode::syntax, "{4}", "behind ']'"},
      {"p f a1:u8^{4}", ErrorCode::wrong_place, "{4}", "only string and ustring"},
      {"p f a1:b1@0/8^{4}", ErrorCode::wrong_place, "{4}", "only string and ustring"},
      {"p f a1:symstr^{4}", ErrorCode::wrong_place, "{4}", "only string and ustring"},
      {"p f %di:^string{4}", ErrorCode::wrong_place, "string{4}", "+0(%di):string{4}"},
      {"p f $comm:^string{4}", ErrorCode::wrong_place, "string{4}", "is text"},
  };
  expect_each(rows);
}

TEST(ParseErrors, WordsOfReturnProbes) {
  const Mistake rows[] = {
      {"p f ^rv", ErrorCode::wrong_place, "rv", "'r' instead of 'p'"},
      {"p f ^rp", ErrorCode::wrong_place, "rp", "'r' instead of 'p'"},
      {"p vfs_read ^$retval", ErrorCode::wrong_place, "$retval", "'r' instead of 'p'"},
      {"p f a1 x=+8(^$retval):u32", ErrorCode::wrong_place, "$retval", "function returns"},
      {"p f ^rv->i_ino", ErrorCode::wrong_place, "rv", "'r' instead of 'p'"},
      {"f g ^rv", ErrorCode::wrong_place, "rv", "%return behind the function"},
      {"t g ^$retval", ErrorCode::wrong_place, "$retval", "it does not return"},
      {"p /bin/bash:main ^rp", ErrorCode::wrong_place, "rp", "'r' instead of 'p'"},
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
      {"p f how ^how", ErrorCode::name_used, "how", "x=how"},
      {"p f how ^$how", ErrorCode::name_used, "$how", "x=$how"},
      {"p f how->flags ^file->flags", ErrorCode::name_used, "file->flags", "x=file->flags"},
      {"p f how->flags ^flags", ErrorCode::name_used, "flags", "named 'flags' too"},
      {"p f a->b[1] ^b_1=a1", ErrorCode::name_used, "b_1", "x=a1"},
      {"t g/e x ^x:u8", ErrorCode::name_used, "x:u8", "x=x:u8"},
  };
  expect_each(rows);
}

TEST(ParseErrors, Limits) {
  std::string many = "p f";
  for (std::size_t i = 1; i <= kMaxArgs; ++i) many += " a" + std::to_string(i);
  const std::string zeros(55, '0'), own_zeros(248, '0'), own_name(256, 'n');
  const Mistake rows[] = {
      {many + " ^a129", ErrorCode::too_many, "a129", "at most 128"},
      {many + " ^a129 nonsense", ErrorCode::too_many, "a129", "a second probe"},
      {"p f n=^+" + zeros + "1(%a):u8", ErrorCode::too_long, "+" + zeros + "1(%a):u8",
       "64 bytes, the kernel takes 63"},
      // What the kernel is not given as it is written has a limit of this language's own.
      {"p f n=^+" + own_zeros + "1(a1):u8", ErrorCode::too_long, "+" + own_zeros + "1(a1):u8",
       "257 bytes, at most 256"},
      {"p f ^" + own_name + "n", ErrorCode::too_long, own_name + "n", "257 bytes, at most 256"},
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
