// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "probespec/spec.h"
#include "spec_text.h"

namespace kprobed::probespec {
namespace {

TEST(Print, PointsAsTheKernelListsThem) {
  struct {
    std::string module, symbol;
    std::int64_t offset;
    std::optional<std::uint64_t> address;
    std::string text;
  } rows[] = {
      {"", "vfs_read", 0, {}, "vfs_read"},
      {"", "vfs_read", 16, {}, "vfs_read+16"},
      {"", "vfs_read", -16, {}, "vfs_read-16"},
      {"ext4", "ext4_file_open", 0, {}, "ext4:ext4_file_open"},
      {"", "", 0, 0xffffffff81000000, "0xffffffff81000000"},
      {"", "", 0, 0, "0x0"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(print(ProbePoint{row.module, row.symbol, row.offset, row.address, {}, {}, {}}),
              row.text);
  }
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
  };
  for (const auto& row : rows) EXPECT_EQ(print(FetchExpr{row.base, {}, {}, {}}), row.text);
}

TEST(Print, DereferencesFromOutsideIn) {
  FetchArg arg;
  arg.name = "n";
  arg.expr.base = Register{"di"};
  arg.expr.derefs = {{-8, false, {}}, {16, true, {}}, {-4, true, {}}};
  arg.type = FetchType{BaseType::ustring, {}};
  EXPECT_EQ(print(arg), "n=-u4(+u16(-8(%di))):ustring");
}

TEST(Print, ArgumentNames) {
  const ProbeSpec spec = parse_one(
      "r f n=a1 a1 a1x=$arg1 $arg1 s0 r3 rv rp m0xC0 $retval $comm @0xc0 @jiffies %di $stack "
      "$stack1 +0(a2) a2:ustring");
  const std::string_view names[] = {"n",     "a1",    "a1x",   "arg4",  "s0",    "r3",
                                    "rv",    "rp",    "m0xc0", "arg10", "arg11", "arg12",
                                    "arg13", "arg14", "arg15", "arg16", "arg17", "a2"};
  ASSERT_EQ(spec.args.size(), std::size(names));
  for (std::size_t i = 0; i < spec.args.size(); ++i) {
    EXPECT_EQ(argument_name(spec.args[i], i), names[i]) << print(spec.args[i]);
  }
}

TEST(Print, TypeWordsAndSizes) {
  struct {
    BaseType type;
    std::string_view word;
    unsigned bytes;
  } rows[] = {
      {BaseType::u8, "u8", 1},         {BaseType::u16, "u16", 2},         {BaseType::u32, "u32", 4},
      {BaseType::u64, "u64", 8},       {BaseType::s8, "s8", 1},           {BaseType::s16, "s16", 2},
      {BaseType::s32, "s32", 4},       {BaseType::s64, "s64", 8},         {BaseType::x8, "x8", 1},
      {BaseType::x16, "x16", 2},       {BaseType::x32, "x32", 4},         {BaseType::x64, "x64", 8},
      {BaseType::string, "string", 0}, {BaseType::ustring, "ustring", 0},
  };
  ASSERT_EQ(std::size(rows), kBaseTypes.size());
  for (std::size_t i = 0; i < kBaseTypes.size(); ++i) {
    EXPECT_EQ(kBaseTypes[i], rows[i].type);
    EXPECT_EQ(word(rows[i].type), rows[i].word);
    EXPECT_EQ(size_of(rows[i].type), rows[i].bytes) << rows[i].word;
  }
}

TEST(Print, SpansAreForgottenEverywhere) {
  const std::string text = "p mod:sym+8 n=+u8(-16(%di)):u32 a1";
  const ProbeSpec here = parse_one(text);
  const ProbeSpec there = parse_one("  # elsewhere\n   " + text);
  EXPECT_NE(here, there);
  EXPECT_EQ(without_spans(here), without_spans(there));
  EXPECT_FALSE(without_spans(here).args.at(0).expr.derefs.at(0).span.known());
}

}  // namespace
}  // namespace kprobed::probespec
