// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "probespec/spec.h"
#include "spec_text.h"

namespace kprobed::probespec {
namespace {

TEST(Print, PointsAsTheKernelListsThem) {
  const auto make = [](auto fill) {
    ProbePoint point;
    fill(point);
    return print(point);
  };
  const struct {
    std::string printed, text;
  } rows[] = {
      {make([](ProbePoint& p) { p.symbol = "vfs_read"; }), "vfs_read"},
      {make([](ProbePoint& p) { p.symbol = "vfs_read", p.offset = 16; }), "vfs_read+16"},
      {make([](ProbePoint& p) { p.symbol = "vfs_read", p.offset = -16; }), "vfs_read-16"},
      {make([](ProbePoint& p) { p.module = "ext4", p.symbol = "f"; }), "ext4:f"},
      {make([](ProbePoint& p) { p.symbol = "f", p.all = true; }), "f%all"},
      {make([](ProbePoint& p) { p.symbol = "f*", p.pattern = true; }), "f*"},
      {make([](ProbePoint& p) { p.address = 0xffffffff81000000; }), "0xffffffff81000000"},
      {make([](ProbePoint& p) { p.address = 0; }), "0x0"},
      {make([](ProbePoint& p) { p.path = "/b", p.symbol = "f", p.offset = 8; }), "/b:f+8"},
      {make([](ProbePoint& p) { p.path = "/b", p.address = 16, p.reference_counter = 32; }),
       "/b:0x10(0x20)"},
      {make([](ProbePoint& p) { p.group = "g", p.symbol = "e"; }), "g/e"},
  };
  for (const auto& row : rows) EXPECT_EQ(row.printed, row.text);
}

TEST(Print, EveryWord) {
  struct {
    FetchBase base;
    std::string text;
  } rows[] = {
      {Register{"di"}, "%di"},
      {RegisterWord{3}, "r3"},
      {Argument{2, true}, "a2"},
      {Argument{2, false}, "$arg2"},
      {StackEntry{0, true}, "s0"},
      {StackEntry{0, false}, "$stack0"},
      {StackAddress{}, "$stack"},
      {ReturnValue{true}, "rv"},
      {ReturnValue{false}, "$retval"},
      {ReturnAddress{}, "rp"},
      {Comm{}, "$comm"},
      {Memory{0xc0ffee, true}, "m0xc0ffee"},
      {Memory{0xc0ffee, false}, "@0xc0ffee"},
      {SymbolMemory{"jiffies", 0}, "@jiffies"},
      {SymbolMemory{"jiffies", -8}, "@jiffies-8"},
      {Named{"dfd", false}, "dfd"},
      {Named{"dfd", true}, "$dfd"},
      {AllArguments{}, "$args"},
      {Immediate{5, false}, "\\5"},
      {Immediate{5, true}, "\\-5"},
      {ImmediateText{"text"}, "\\\"text\""},
      {FileMemory{16}, "@+0x10"},
  };
  for (const auto& row : rows) EXPECT_EQ(print(FetchExpr{row.base, {}, {}, {}, {}}), row.text);
}

TEST(Print, DereferencesFromOutsideIn) {
  FetchArg arg;
  arg.name = "n";
  arg.expr.base = Register{"di"};
  arg.expr.derefs = {{-8, false, {}}, {16, true, {}}, {-4, true, {}}};
  arg.type = FetchType{BaseType::ustring, {}, 0, 0, {}};
  EXPECT_EQ(print(arg), "n=-u4(+u16(-8(%di))):ustring");
}

TEST(Print, ArgumentNames) {
  const ProbeSpec spec = parse_one(
      "r f n=a1 a1 a1x=$arg1 $arg1 s0 r3 rv rp m0xC0 $retval $comm @0xc0 @jiffies %di $stack "
      "$stack1 +0(a2) a2:ustring dfd $how how->flags f->a.b[2][3] arr[4] a3->x a4[1] $arg5[1] "
      "rv->ino x_=y +0(z) \\5 \\\"t\" $args %di");
  const std::string_view names[] = {"n",     "a1",    "a1x",   "arg4",  "s0",    "r3",    "rv",
                                    "rp",    "m0xc0", "arg10", "arg11", "arg12", "arg13", "arg14",
                                    "arg15", "arg16", "arg17", "a2",    "dfd",   "how",   "flags",
                                    "b_2_3", "arr_4", "x",     "a4_1",  "arg26", "ino",   "x_",
                                    "arg29", "arg30", "arg31", "",      "arg33"};
  ASSERT_EQ(spec.args.size(), std::size(names));
  for (std::size_t i = 0; i < spec.args.size(); ++i) {
    EXPECT_EQ(argument_name(spec.args[i], i), names[i]) << print(spec.args[i]);
  }
}

TEST(Print, TypeWords) {
  const struct {
    BaseType type;
    std::string_view word;
    bool text;
  } rows[] = {
      {BaseType::u8, "u8", false},           {BaseType::u16, "u16", false},
      {BaseType::u32, "u32", false},         {BaseType::u64, "u64", false},
      {BaseType::s8, "s8", false},           {BaseType::s16, "s16", false},
      {BaseType::s32, "s32", false},         {BaseType::s64, "s64", false},
      {BaseType::x8, "x8", false},           {BaseType::x16, "x16", false},
      {BaseType::x32, "x32", false},         {BaseType::x64, "x64", false},
      {BaseType::string, "string", true},    {BaseType::ustring, "ustring", true},
      {BaseType::character, "char", false},  {BaseType::symbol, "symbol", false},
      {BaseType::symstr, "symstr", false},   {BaseType::c_int, "int", false},
      {BaseType::c_uint, "uint", false},     {BaseType::c_long, "long", false},
      {BaseType::c_ulong, "ulong", false},   {BaseType::c_short, "short", false},
      {BaseType::c_ushort, "ushort", false}, {BaseType::c_bool, "bool", false},
      {BaseType::c_ptr, "ptr", false},       {BaseType::dentry_name, "%pd", false},
      {BaseType::file_name, "%pD", false},
  };
  ASSERT_EQ(std::size(rows), kBaseTypes.size());
  for (std::size_t i = 0; i < kBaseTypes.size(); ++i) {
    EXPECT_EQ(kBaseTypes[i], rows[i].type);
    EXPECT_EQ(word(rows[i].type), rows[i].word);
    EXPECT_EQ(is_text(rows[i].type), rows[i].text) << rows[i].word;
    const std::string line = "p f +0(x):" + std::string(rows[i].word);
    EXPECT_EQ(parse_one(line).args.at(0).type->base, rows[i].type);
    EXPECT_EQ(print(parse_one(line)), line);
  }
}

TEST(Print, TypesWithNumbers) {
  const struct {
    FetchType type;
    std::string text;
  } rows[] = {
      {{BaseType::u8, {}, 16, 0, {}}, "u8[16]"},
      {{BaseType::string, {}, 0, 16, {}}, "string{16}"},
      {{BaseType::x64, BitField{3, 2, 8}, 0, 0, {}}, "b3@2/8"},
      {{BaseType::x64, BitField{3, 2, 8}, 4, 0, {}}, "b3@2/8[4]"},
  };
  for (const auto& row : rows) EXPECT_EQ(print(row.type), row.text);
}

// As a program may build it, not as it would be read: a group of its own kind is not read as one.
TEST(Print, Conditions) {
  Condition leaf;
  leaf.comparison.field = "x";
  leaf.comparison.value = std::uint64_t{1};
  const auto join = [](Condition::Kind kind, std::vector<Condition> parts) {
    Condition condition;
    condition.kind = kind;
    condition.parts = std::move(parts);
    return condition;
  };
  const Condition any = join(Condition::Kind::any, {leaf, leaf});
  const Condition all = join(Condition::Kind::all, {leaf, leaf});
  const struct {
    Condition condition;
    std::string text;
  } rows[] = {
      {leaf, "x == 1"},
      {any, "x == 1 || x == 1"},
      {join(Condition::Kind::all, {any, leaf}), "(x == 1 || x == 1) && x == 1"},
      {join(Condition::Kind::any, {all, leaf}), "x == 1 && x == 1 || x == 1"},
      {join(Condition::Kind::all, {all, leaf}), "x == 1 && x == 1 && x == 1"},
      {join(Condition::Kind::negate, {any}), "!(x == 1 || x == 1)"},
      {join(Condition::Kind::negate, {join(Condition::Kind::negate, {leaf})}), "!!(x == 1)"},
  };
  for (const auto& row : rows) EXPECT_EQ(print(row.condition), row.text);
}

TEST(Print, SpansAreForgottenEverywhere) {
  const std::string text =
      "p:g/e mod:sym+8 n=+u8(-16(%di)):u32 a1->b[1] if a == 1 && !(b == 2 || c == 3)";
  const ProbeSpec here = parse_one(text);
  const ProbeSpec there = parse_one("  # elsewhere\n   " + text);
  EXPECT_NE(here, there);
  EXPECT_EQ(without_spans(here), without_spans(there));
  EXPECT_FALSE(without_spans(here).args.at(0).expr.derefs.at(0).span.known());
  EXPECT_FALSE(without_spans(here).args.at(1).expr.fields.at(1).span.known());
  EXPECT_FALSE(without_spans(here).condition->parts.at(1).parts.at(0).parts.at(0).span.known());
}

}  // namespace
}  // namespace kprobed::probespec
