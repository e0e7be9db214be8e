// SPDX-License-Identifier: Apache-2.0
//
// What follows `if`.
#include "mistakes.h"

namespace kprobed::probespec {
namespace {

TEST(Condition, PrintedCanonically) {
  const std::string longest(kMaxQuotedBytes, 'a');
  const struct {
    std::string text, printed;
  } rows[] = {
      {"a1 == 1", "a1 == 1"},
      {"a1==1", "a1 == 1"},
      {"(a1==1)", "a1 == 1"},
      {"((a1 == 1))", "a1 == 1"},
      // every operator
      {"x!=1", "x != 1"},
      {"x<1", "x < 1"},
      {"x<=1", "x <= 1"},
      {"x>1", "x > 1"},
      {"x>=1", "x >= 1"},
      {"x&1", "x & 1"},
      {"x~\"y*\"", "x ~ \"y*\""},
      // every value
      {"x == 0x10", "x == 16"},
      {"x == 010", "x == 8"},
      {"x == -1", "x == -1"},
      {"x == -0", "x == 0"},
      {"x == -0x8000000000000000", "x == -9223372036854775808"},
      {"x == 18446744073709551615", "x == 18446744073709551615"},
      {"x == \"a b\"", "x == \"a b\""},
      {"x == 'a b'", "x == \"a b\""},
      {"x == 'say \"a\"'", "x == 'say \"a\"'"},
      {"x == \"it's\"", "x == \"it's\""},
      {"x == \"\"", "x == \"\""},
      {"x == \"a#b\"", "x == \"a#b\""},
      {"x == '#' # a comment", "x == \"#\""},
      {"x == \"(a && b)\"", "x == \"(a && b)\""},
      {"x == \"" + longest + "\"", "x == \"" + longest + "\""},
      {"mode == HRTIMER_MODE_ABS", "mode == HRTIMER_MODE_ABS"},
      {"flags & O_CREAT", "flags & O_CREAT"},
      // every field
      {"dfd >= 0", "dfd >= 0"},
      {"$dfd >= 0", "$dfd >= 0"},
      {"a01 == 1", "a1 == 1"},
      {"s0 == 1 && r5 == 1 && rv == 1 && rp == 1", "s0 == 1 && r5 == 1 && rv == 1 && rp == 1"},
      {"m16 == 1", "m0x10 == 1"},
      {"$arg1 == 1 && $retval < 0 && $stack2 == 1", "$arg1 == 1 && $retval < 0 && $stack2 == 1"},
      {"$COMM == \"x\"", "$comm == \"x\""},
      {"comm == \"bash\"", "comm == \"bash\""},
      {"how->flags & 3", "how->flags & 3"},
      {"file->f_path.dentry->d_name.name~\"x\"", "file->f_path.dentry->d_name.name ~ \"x\""},
      {"arr[0x2][3].x==1", "arr[2][3].x == 1"},
      {"how->flags>3", "how->flags > 3"},
      {"rv->i_ino==3", "rv->i_ino == 3"},
      // joints: && binds tighter, groups of the same kind become one
      {"a==1&&b==2||c==3", "a == 1 && b == 2 || c == 3"},
      {"a==1||b==2&&c==3", "a == 1 || b == 2 && c == 3"},
      {"(a==1||b==2)&&c==3", "(a == 1 || b == 2) && c == 3"},
      {"a==1&&(b==2&&c==3)", "a == 1 && b == 2 && c == 3"},
      {"(a==1||b==2)||c==3", "a == 1 || b == 2 || c == 3"},
      {"!a==1", "!(a == 1)"},
      {"! ( a == 1 )", "!(a == 1)"},
      {"!!a==1", "!!(a == 1)"},
      {"!(a==1&&b==2)||c==3", "!(a == 1 && b == 2) || c == 3"},
      {"!(!(a==1)&&b==2)", "!(!(a == 1) && b == 2)"},
      {"\ta\t==\t1\t&&\tb\t==\t2\t", "a == 1 && b == 2"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(print(parse_one("p f x if " + row.text)), "p f x if " + row.printed);
  }
}

TEST(Condition, BeginsWithIf) {
  const struct {
    std::string text, printed;
  } rows[] = {
      {"p f if a == 1", "p f if a == 1"},
      {"p f if(a==1)", "p f if a == 1"},
      {"p f if!(a==1)", "p f if !(a == 1)"},
      {"p f a if\ta==1", "p f a if a == 1"},
      {"p f ifx iff", "p f ifx iff"},
      {"p f if=a1 if if == 1", "p f if=a1 if if == 1"},
      {"t g/e x if x == 1", "t g/e x if x == 1"},
      {"p f x # if x == 1", "p f x"},
  };
  for (const auto& row : rows) EXPECT_EQ(print(parse_one(row.text)), row.printed) << row.text;
}

TEST(Condition, ValuesKeepTheirKind) {
  const struct {
    std::string value;
    std::variant<std::int64_t, std::uint64_t, std::string> is;
    bool quoted;
  } rows[] = {
      {"-5", std::int64_t{-5}, false},
      {"5", std::uint64_t{5}, false},
      {"0", std::uint64_t{0}, false},
      {"-9223372036854775808", std::int64_t{INT64_MIN}, false},
      {"0xffffffffffffffff", std::uint64_t{UINT64_MAX}, false},
      {"\"5\"", std::string("5"), true},
      {"ABS", std::string("ABS"), false},
      {"\"ABS\"", std::string("ABS"), true},
  };
  for (const auto& row : rows) {
    const auto spec = parse_one("p f if x == " + row.value);
    ASSERT_TRUE(spec.condition.has_value()) << row.value;
    EXPECT_EQ(spec.condition->comparison.value, row.is) << row.value;
    EXPECT_EQ(spec.condition->comparison.quoted, row.quoted) << row.value;
  }
}

TEST(Condition, SpansCoverWhatWasWritten) {
  const ProbeSpec spec =
      parse_one("p f x if (how->flags & 3||!(comm ~ 'a b'))  &&  x==-1  # that is all");
  EXPECT_EQ(covered(spec.span), "p f x if (how->flags & 3||!(comm ~ 'a b'))  &&  x==-1");
  ASSERT_TRUE(spec.condition.has_value());
  EXPECT_EQ(covered(spec.condition->span), "(how->flags & 3||!(comm ~ 'a b'))  &&  x==-1");
  ASSERT_EQ(spec.condition->parts.size(), 2U);
  const Condition& any = spec.condition->parts[0];
  EXPECT_EQ(any.kind, Condition::Kind::any);
  EXPECT_EQ(covered(any.span), "how->flags & 3||!(comm ~ 'a b')");
  ASSERT_EQ(any.parts.size(), 2U);
  EXPECT_EQ(covered(any.parts[0].comparison.field_span), "how->flags");
  EXPECT_EQ(covered(any.parts[0].comparison.op_span), "&");
  EXPECT_EQ(covered(any.parts[0].comparison.value_span), "3");
  EXPECT_EQ(covered(any.parts[1].span), "!(comm ~ 'a b')");
  EXPECT_EQ(covered(any.parts[1].parts.at(0).span), "comm ~ 'a b'");
  EXPECT_EQ(covered(any.parts[1].parts.at(0).comparison.value_span), "'a b'");
  EXPECT_EQ(covered(spec.condition->parts[1].span), "x==-1");
}

TEST(Condition, Mistakes) {
  const std::string deep = repeat("(", kMaxConditionDepth);
  const std::string too_long(kMaxQuotedBytes + 1, 'a');
  const Mistake rows[] = {
      {"p f x if^", ErrorCode::syntax, "", "the condition is missing"},
      {"p f x if^  # x == 1", ErrorCode::syntax, "", "the condition is missing"},
      {"p f x if x^", ErrorCode::syntax, "", "write x != 0"},
      {"p f x if (x^)", ErrorCode::syntax, "", "'x' is not compared"},
      {"p f x if x ^&& y == 1", ErrorCode::syntax, "", "'x' is not compared"},
      {"p f x if x ^|| y == 1", ErrorCode::syntax, "", "'x' is not compared"},
      {"p f x if !^", ErrorCode::syntax, "", "a comparison is missing"},
      {"p f x if (^)", ErrorCode::syntax, ")", "a comparison is missing"},
      {"p f x if ^&& x == 1", ErrorCode::syntax, "&", "a comparison is missing"},
      {"p f x if x == 1 &&^", ErrorCode::syntax, "", "a comparison is missing"},
      {"p f x if x == 1 || ^|| y == 1", ErrorCode::syntax, "|", "a comparison is missing"},
      // operators
      {"p f x if x ^= 1", ErrorCode::syntax, "=", "write =="},
      {"p f x if x ^=~ \"a\"", ErrorCode::syntax, "=~", "x ~ \"...\""},
      {"p f x if x ^!~ \"a\"", ErrorCode::syntax, "!~", "write !(x ~ \"...\")"},
      {"p f x if x ^is 1", ErrorCode::syntax, "is", "the operators are"},
      {"p f x if x ^+ 1 == 2", ErrorCode::syntax, "+", "the operators are"},
      {"p f x if x ^| 1", ErrorCode::syntax, "|", "the operators are"},
      {"p f x if x == 1 ^and y == 1", ErrorCode::syntax, "and", "write && instead"},
      {"p f x if x == 1 ^or y == 1", ErrorCode::syntax, "or", "write || instead"},
      {"p f x if x == 1 ^& y == 1", ErrorCode::syntax, "&", "write && instead"},
      {"p f x if x == 1 ^| y == 1", ErrorCode::syntax, "|", "write || instead"},
      {"p f x if x == 1 ^y == 1", ErrorCode::syntax, "y", "join comparisons"},
      {"p f x if x == y ^== z", ErrorCode::syntax, "==", "unexpected"},
      {"p f x if x == 1 ^!", ErrorCode::syntax, "!", "unexpected"},
      // parentheses
      {"p f x if ^(x == 1", ErrorCode::syntax, "(", "is not closed"},
      {"p f x if ^((x == 1)", ErrorCode::syntax, "(", "is not closed"},
      {"p f x if x == 1^)", ErrorCode::syntax, ")", "without its '('"},
      {"p f x if (x == 1)^)", ErrorCode::syntax, ")", "without its '('"},
      {"p f x if (x == 1 ^y)", ErrorCode::syntax, "y", "join comparisons"},
      {"p f x if " + deep + "^(x == 1" + repeat(")", 33), ErrorCode::too_many, "(", "fewer steps"},
      {"p f x if " + repeat("!", 32) + "^!x == 1", ErrorCode::too_many, "!", "more than 32"},
      // fields
      {"p f x if ^3 == x", ErrorCode::syntax, "3", "the name stands before the value"},
      {"p f x if ^-3 == x", ErrorCode::syntax, "-3", "the name stands before the value"},
      {"p f x if ^\"a\" == x", ErrorCode::syntax, "\"a\"", "the name stands before the value"},
      {"p f x if ^%di == 3", ErrorCode::syntax, "%di", "name the argument"},
      {"p f x if ^+8(a1) == 3", ErrorCode::syntax, "+8", "name the argument"},
      {"p f x if ^@jiffies == 3", ErrorCode::syntax, "@jiffies", "name the argument"},
      {"p f x if ^$args == 3", ErrorCode::wrong_place, "$args", "name one of them"},
      {"p f x if ^a0 == 3", ErrorCode::bad_number, "a0", "numbered from 1"},
      {"p f x if s0^->x == 3", ErrorCode::wrong_place, "->x", "the type of 's0' is not known"},
      {"p f x if x->^ == 3", ErrorCode::syntax, "", "the field's name is missing"},
      {"p f x if x[^y] == 3", ErrorCode::bad_number, "y", "not a number"},
      {"p f x if ^-> == 3", ErrorCode::syntax, "->", "unknown"},
      // values
      {"p f x if x ==^", ErrorCode::syntax, "", "the value is missing"},
      {"p f x if x == ^&& y == 1", ErrorCode::syntax, "", "the value is missing"},
      {"p f x if (x == ^)", ErrorCode::syntax, "", "the value is missing"},
      {"p f x if x == ^(1)", ErrorCode::syntax, "(", "the value is missing"},
      {"p f x if x == ^= 1", ErrorCode::syntax, "=", "the value is missing"},
      {"p f x if x == ^+1", ErrorCode::bad_number, "+1", "no '+'"},
      {"p f x if x == ^1x", ErrorCode::bad_number, "1x", "not a number"},
      {"p f x if x == ^08", ErrorCode::bad_number, "08", "octal"},
      {"p f x if x == ^-", ErrorCode::bad_number, "-", "missing"},
      {"p f x if x == ^18446744073709551616", ErrorCode::bad_number, "18446744073709551616",
       "out of range"},
      {"p f x if x == ^-9223372036854775809", ErrorCode::bad_number, "-9223372036854775809",
       "out of range"},
      {"p f x if x == ^nginx*", ErrorCode::syntax, "nginx*", "write \"nginx*\""},
      {"p f x if x == ^/etc/passwd", ErrorCode::syntax, "/etc/passwd", "text stands in quotes"},
      {"p f x if comm == ^bash", ErrorCode::syntax, "bash", "write \"bash\""},
      {"p f x if $comm != ^bash", ErrorCode::syntax, "bash", "write \"bash\""},
      {"p f x if x == ^\"a", ErrorCode::syntax, "\"a", "end it with \""},
      {"p f x if x == ^'a\" # b", ErrorCode::syntax, "'a\" # b", "end it with '"},
      {"p f x if x == ^\"" + too_long + "\"", ErrorCode::too_long, "\"" + too_long + "\"",
       "256 bytes, the kernel takes 255"},
      // which goes with which
      {"p f x if x ~ ^3", ErrorCode::wrong_place, "3", "write x ~ \"3\""},
      {"p f x if x ~ ^abc", ErrorCode::wrong_place, "abc", "write x ~ \"abc\""},
      {"p f x if x ^< \"a\"", ErrorCode::wrong_place, "<", "text has no order"},
      {"p f x if x ^>= \"a\"", ErrorCode::wrong_place, ">=", "text has no order"},
      {"p f x if x ^& \"a\"", ErrorCode::wrong_place, "&", "text has no order"},
      // the words before it are looked at first
      {"p f ^a0 if x = 1", ErrorCode::bad_number, "a0", "numbered from 1"},
  };
  expect_each(rows);
}

// As deep as is allowed, and no deeper: see Mistakes.
TEST(Condition, NestsAsDeepAsIsSaid) {
  const std::string text = "p f x if " + repeat("!(", kMaxConditionDepth / 2) + "x == 1" +
                           repeat(")", kMaxConditionDepth / 2);
  EXPECT_EQ(print(parse_one(text)), "p f x if " + repeat("!", 16) + "(x == 1)");
}

}  // namespace
}  // namespace kprobed::probespec
