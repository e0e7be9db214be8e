// SPDX-License-Identifier: Apache-2.0
//
// The tables of src/arch against tests/data/arch: a row that is edited here or there must be edited
// in both places.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "arch/arch_abi.h"
#include "base/format.h"

namespace kprobed::arch {
namespace {

using Cells = std::vector<std::string>;

Cells split(const std::string& text, char separator) {
  Cells cells;
  std::istringstream stream(text);
  for (std::string cell; std::getline(stream, cell, separator);) cells.push_back(cell);
  return cells;
}

/// The rows of one file by their first column; a line that begins with '#' is a comment.
std::map<std::string, std::vector<Cells>> read_rows(const char* name) {
  std::ifstream file(std::string(KPROBED_TEST_DATA "/arch/") + name);
  EXPECT_TRUE(file) << name;
  std::map<std::string, std::vector<Cells>> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    Cells cells = split(line, '\t');
    rows[cells.front()].push_back(cells);
  }
  return rows;
}

/// Our name of an architecture, and those of the files.
struct Names {
  std::string_view ours;
  std::string regs;
  std::string abi;
};
const Names kNames[] = {
    {"x86_64", "x86_64", "x86_64"},   {"i386", "i386", "i386"},
    {"arm64", "arm64", "arm64"},      {"armhf", "arm", "arm"},
    {"ppc64el", "ppc64", "ppc64le"},  {"ppc64", "ppc64", "ppc64be"},
    {"s390x", "s390x", "s390x"},      {"riscv64", "riscv64", "riscv64"},
    {"mips64el", "mips64", "mips64"}, {"loongarch64", "loongarch64", "loongarch64"},
};

class Tables : public testing::TestWithParam<Names> {
 protected:
  void SetUp() override { ASSERT_NE(abi, nullptr); }
  const ArchAbi* abi = find(GetParam().ours);
};

TEST_P(Tables, NameTheWordsOfPtRegs) {
  const auto rows = read_rows("arch_regs.tsv");
  const std::vector<Cells>& words = rows.at(GetParam().regs);
  ASSERT_EQ(abi->registers.size(), words.size());
  for (const Cells& row : words) {
    const std::size_t word = std::stoul(row[1]);
    const std::string name = row[2] == "-" ? "" : row[2];
    const bool alias = std::ranges::any_of(
        abi->aliases, [&](const RegisterAlias& a) { return a.name == name && a.word == word; });
    EXPECT_TRUE(abi->registers[word] == name || alias)
        << "word " << word << " is " << name << ", not " << abi->registers[word];
  }
}

TEST_P(Tables, HaveTheCallingConvention) {
  const auto rows = read_rows("arch_abi.tsv");
  const Cells& row = rows.at(GetParam().abi).at(0);
  std::string arguments;
  for (std::string_view name : abi->argument_registers) {
    arguments += format("{}{}", arguments.empty() ? "" : ",", name);
  }
  EXPECT_EQ(arguments, row[1]);
  EXPECT_EQ(abi->first_stack_argument, std::stoul(row[2]));
  EXPECT_EQ(abi->return_register, row[3]);
  EXPECT_EQ(abi->stack_register, row[4]);
  EXPECT_EQ(abi->word_bytes, std::stoul(row[5]));
}

INSTANTIATE_TEST_SUITE_P(All, Tables, testing::ValuesIn(kNames),
                         [](const auto& row) { return std::string(row.param.ours); });

TEST(TablesOfAll, AreAllCompared) {
  std::set<std::string_view> compared, known;
  for (const Names& names : kNames) compared.insert(names.ours);
  for (const ArchAbi* abi : all()) known.insert(abi->name);
  EXPECT_EQ(compared, known);
}

TEST(TablesOfAll, ReadBigEndianWhereTheMachineIs) {
  std::set<std::string_view> big;
  for (const ArchAbi* abi : all()) {
    if (abi->byte_order == ByteOrder::big) big.insert(abi->name);
  }
  EXPECT_THAT(big, testing::UnorderedElementsAre("ppc64", "s390x"));
}

TEST(Aliases, AreSecondNamesOfNamedWords) {
  for (const ArchAbi* abi : all()) {
    for (const RegisterAlias& alias : abi->aliases) {
      ASSERT_LT(alias.word, abi->registers.size()) << abi->name << " " << alias.name;
      EXPECT_FALSE(abi->registers[alias.word].empty()) << abi->name << " " << alias.name;
      EXPECT_EQ(std::ranges::find(abi->registers, alias.name), abi->registers.end()) << alias.name;
      EXPECT_TRUE(has_register(*abi, alias.name)) << abi->name << " " << alias.name;
    }
  }
}

TEST(Arguments, GoOnTheStackWhereTheAbiSaysSo) {
  struct Row {
    std::string_view arch;
    unsigned n;
    std::string_view fetch;
  };
  for (const Row& row : {
           Row{"i386", 3, "%cx"},
           Row{"i386", 4, "$stack1"},  // behind the return address
           Row{"arm64", 8, "%x7"},
           Row{"arm64", 9, "$stack0"},  //
           Row{"armhf", 4, "%r3"},
           Row{"armhf", 5, "$stack0"},  //
           Row{"ppc64el", 8, "%r10"},
           Row{"ppc64el", 9, "$stack12"},  // (32 + 8 * 8) / 8
           Row{"ppc64", 8, "%r10"},
           Row{"ppc64", 9, "$stack14"},  // (48 + 8 * 8) / 8
           Row{"s390x", 5, "%r6"},
           Row{"s390x", 6, "$stack20"},  // 160 / 8
           Row{"riscv64", 8, "%a7"},
           Row{"riscv64", 9, "$stack0"},  //
           Row{"mips64el", 8, "%r11"},
           Row{"mips64el", 9, "$stack0"},
           Row{"loongarch64", 8, "%r11"},
           Row{"loongarch64", 9, "$stack0"},
       }) {
    const ArchAbi* abi = find(row.arch);
    ASSERT_NE(abi, nullptr) << row.arch;
    EXPECT_EQ(argument_fetch(*abi, row.n), row.fetch) << row.arch << " a" << row.n;
  }
}

TEST(SyscallArguments, AreWhereTheWrappersUnpackThem) {
  struct Row {
    std::string_view arch;
    unsigned n;
    std::optional<std::uint32_t> offset;
  };
  for (const Row& row : {
           Row{"i386", 1, 0 * 4},
           Row{"i386", 2, 1 * 4},
           Row{"i386", 6, 5 * 4},
           Row{"arm64", 1, 0 * 8},
           Row{"arm64", 6, 5 * 8},
           Row{"riscv64", 1, 35 * 8},
           Row{"riscv64", 2, 11 * 8},
           Row{"riscv64", 6, 15 * 8},
           Row{"armhf", 1, {}},
           Row{"mips64el", 1, {}},
           Row{"arm64", 7, {}},
           Row{"s390x", 1, 19 * 8},
           Row{"s390x", 2, 6 * 8},
       }) {
    const ArchAbi* abi = find(row.arch);
    ASSERT_NE(abi, nullptr) << row.arch;
    EXPECT_EQ(syscall_argument_offset(*abi, row.n), row.offset) << row.arch << " a" << row.n;
  }
}

TEST(Names, ThatTheKernelDoesNotTakeAreRefused) {
  struct Row {
    std::string_view arch, name;
  };
  for (const Row& row : {
           Row{"arm64", "w0"},
           Row{"arm64", "fp"},
           Row{"arm64", "r0"},
           Row{"armhf", "r11"},
           Row{"armhf", "r15"},
           Row{"ppc64el", "lr"},
           Row{"ppc64el", "cr"},
           Row{"s390x", "psw"},
           Row{"s390x", "r16"},
           Row{"riscv64", "pc"},
           Row{"riscv64", "fp"},
           Row{"riscv64", "x10"},
           Row{"mips64el", "a0"},
           Row{"mips64el", "sp"},
           Row{"loongarch64", "ra"},
           Row{"i386", "eax"},
       }) {
    const ArchAbi* abi = find(row.arch);
    ASSERT_NE(abi, nullptr) << row.arch;
    EXPECT_FALSE(has_register(*abi, row.name)) << row.arch << " %" << row.name;
  }
}

}  // namespace
}  // namespace kprobed::arch
