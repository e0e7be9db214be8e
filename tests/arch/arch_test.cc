// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/utsname.h>

#include <algorithm>
#include <set>

#include "arch/arch_abi.h"
#include "base/format.h"

namespace kprobed::arch {
namespace {

/// What must hold on every architecture.
class EveryArch : public testing::TestWithParam<const ArchAbi*> {
 protected:
  const ArchAbi& abi = *GetParam();
};

TEST_P(EveryArch, IsFoundByBothNames) {
  EXPECT_EQ(find(abi.name), &abi);
  EXPECT_EQ(find(abi.machine), &abi);
}

TEST_P(EveryArch, ItsOwnWordsResolveInItsOwnTable) {
  for (std::string_view name : abi.argument_registers) EXPECT_TRUE(has_register(abi, name)) << name;
  EXPECT_TRUE(has_register(abi, abi.return_register));
  EXPECT_TRUE(has_register(abi, abi.stack_register));
  for (std::string_view name : abi.registers) EXPECT_EQ(has_register(abi, name), !name.empty());
}

TEST_P(EveryArch, FindsTheArgumentsOfSystemCallsWhereItHasWrappers) {
  // Without a prefix the wrapper, if there is one, is called as the call is (powerpc).
  EXPECT_TRUE(abi.syscall_prefix.empty() || !abi.syscall_registers.empty());
  unsigned n = 0;
  for (std::string_view name : abi.syscall_registers) {
    const auto offset = syscall_argument_offset(abi, ++n);
    ASSERT_TRUE(offset) << name;
    EXPECT_EQ(abi.registers[*offset / abi.word_bytes], name);
    EXPECT_EQ(*offset % abi.word_bytes, 0u);
  }
  EXPECT_EQ(syscall_argument_offset(abi, n + 1), std::nullopt);
}

TEST_P(EveryArch, NonsenseDoesNot) {
  for (std::string_view name : {"", "nosuch", "%di", "DI", "AX", " sp", "sp ", "$stack"}) {
    EXPECT_FALSE(has_register(abi, name)) << "'" << name << "'";
  }
}

TEST_P(EveryArch, NoRegisterIsNamedTwice) {
  std::set<std::string_view> seen;
  for (std::string_view name : abi.registers) {
    EXPECT_TRUE(name.empty() || seen.insert(name).second) << name;
  }
}

TEST_P(EveryArch, ArgumentsGoOnWhereRegistersEnd) {
  const auto in_registers = static_cast<unsigned>(abi.argument_registers.size());
  for (unsigned n = 1; n <= in_registers; ++n) {
    EXPECT_EQ(argument_fetch(abi, n), format("%{}", abi.argument_registers[n - 1]));
  }
  for (unsigned k = 0; k < 3; ++k) {
    EXPECT_EQ(argument_fetch(abi, in_registers + 1 + k),
              format("$stack{}", abi.first_stack_argument + k));
  }
}

TEST_P(EveryArch, CountsNarrowArgumentsOneByOne) {
  const std::vector<ArgumentSize> sizes(12, {.bytes = 4});
  const auto places = argument_places(abi, sizes);
  ASSERT_EQ(places.size(), sizes.size());
  for (unsigned i = 0; i < places.size(); ++i) EXPECT_EQ(places[i], (ArgumentPlace{.word = i + 1}));
}

TEST_P(EveryArch, NamesTheWordsThatHaveNoName) {
  for (const RegisterAlias& word : abi.unnamed_words) {
    ASSERT_LT(word.word, abi.registers.size());
    EXPECT_EQ(abi.registers[word.word], "") << word.name;
  }
  for (unsigned n = 0; n < abi.registers.size(); ++n) {
    if (!abi.registers[n].empty()) continue;
    EXPECT_NE(std::ranges::find(abi.unnamed_words, n, &RegisterAlias::word),
              abi.unnamed_words.end())
        << "r" << n;
  }
}

TEST_P(EveryArch, HasAWordOfThirtyTwoOrSixtyFourBits) {
  EXPECT_THAT(abi.word_bytes, testing::AnyOf(4, 8));
}

INSTANTIATE_TEST_SUITE_P(All, EveryArch, testing::ValuesIn(all().begin(), all().end()),
                         [](const auto& row) { return std::string(row.param->name); });

TEST(X86_64, FetchesWhatTheKernelCallsItsArguments) {
  const ArchAbi* abi = find("x86_64");
  ASSERT_NE(abi, nullptr);
  struct Row {
    unsigned n;
    std::string_view fetch;
  };
  for (const Row& row : {
           Row{1, "%di"},
           Row{2, "%si"},
           Row{3, "%dx"},
           Row{4, "%cx"},  // r10 only in system calls
           Row{5, "%r8"},
           Row{6, "%r9"},
           Row{7, "$stack1"},  // $stack0 is the return address
           Row{8, "$stack2"},
           Row{12, "$stack6"},
       }) {
    EXPECT_EQ(argument_fetch(*abi, row.n), row.fetch) << row.n;
  }
}

TEST(X86_64, UnpacksSystemCallsFromTheirRegisters) {
  const ArchAbi* abi = find("x86_64");
  ASSERT_NE(abi, nullptr);
  struct Row {
    unsigned n;
    std::optional<std::uint32_t> offset;
  };
  for (const Row& row : {Row{1, 14 * 8}, Row{2, 13 * 8}, Row{3, 12 * 8}, Row{4, 7 * 8},
                         Row{5, 9 * 8}, Row{6, 8 * 8}, Row{7, {}}}) {
    EXPECT_EQ(syscall_argument_offset(*abi, row.n), row.offset) << row.n;
  }
}

TEST(X86_64, KeepsTheWordOrderOf2009) {
  const ArchAbi* abi = find("x86_64");
  ASSERT_NE(abi, nullptr);
  ASSERT_EQ(abi->registers.size(), 21u);
  struct Row {
    std::size_t word;
    std::string_view name;
  };
  for (const Row& row : {Row{0, "r15"}, Row{4, "bp"}, Row{10, "ax"}, Row{14, "di"},
                         Row{15, "orig_ax"}, Row{16, "ip"}, Row{19, "sp"}, Row{20, "ss"}}) {
    EXPECT_EQ(abi->registers[row.word], row.name) << row.word;
  }
  for (std::string_view name : {"rax", "eax", "rdi", "rip", "eflags", "al"}) {
    EXPECT_FALSE(has_register(*abi, name)) << name;
  }
}

TEST(Find, KnowsOtherModelsOfAMachine) {
  struct Row {
    std::string_view machine, name;
  };
  for (const Row& row : {Row{"i586", "i386"}, Row{"armv6l", "armhf"}, Row{"armv7l", "armhf"}}) {
    const ArchAbi* abi = find(row.machine);
    ASSERT_NE(abi, nullptr) << row.machine;
    EXPECT_EQ(abi->name, row.name);
  }
}

TEST(UnknownMachine, IsOneClearSentence) {
  const Error error = unknown_machine("vax");
  EXPECT_EQ(error.code, ErrorCode::unsupported);
  EXPECT_NE(error.message.find("'vax'"), std::string::npos) << error.message;
  EXPECT_NE(error.hint.find("x86_64, i386, arm64"), std::string::npos) << error.hint;
  EXPECT_NE(unknown_machine("ia64").message.find("no kernel of it has ever had kprobe_events"),
            std::string::npos);
}

TEST(Find, KnowsNothingElse) {
  for (std::string_view name : {"", "vax", "X86_64", "x86"}) EXPECT_EQ(find(name), nullptr) << name;
}

TEST(Host, IsWhatUnameSays) {
  utsname names{};
  ASSERT_EQ(::uname(&names), 0);
  EXPECT_EQ(host(), find(names.machine));
}

}  // namespace
}  // namespace kprobed::arch
