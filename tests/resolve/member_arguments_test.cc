// SPDX-License-Identifier: Apache-2.0
#include "resolve/member_arguments.h"

#include "fake_kernel.h"
#include "fake_types.h"
#include "resolve_test_support.h"

namespace kprobed::resolve {
namespace {

const FakeTypes& types() {
  static const FakeTypes types(
      "struct sock { int state; u16 port; };"
      "int v4_rcv(struct sock *sk, int len);"
      "int v4_err(struct sock *sk, int len);"
      "int v4_moved(int len, struct sock *sk);"
      "int v4_typed(struct sock *sk, long len);"
      "int v4_less(struct sock *sk);");
  return types;
}

FakeKernel kernel_with(std::string_view functions) {
  std::string kallsyms = "ffffffff81000000 T _stext\n";
  char digit = '1';
  for (const std::string_view name : split_words(functions)) {
    kallsyms += std::string("ffffffff8100010") + digit++ + " T " + std::string(name) + "\n";
  }
  FakeKernel kernel(kallsyms + "ffffffff81001000 T _etext\n");
  kernel.type_view = &types();
  return kernel;
}

TEST(MemberArguments, AreTheSameInAllFunctions) {
  struct Row {
    std::string_view functions, text, args;
  };
  for (const Row& row : {
           Row{"v4_rcv v4_err", "p v4_* len", " len=%si:s32"},
           Row{"v4_rcv v4_err", "p v4_* sk->port", " port=+4(%di):u16"},
           Row{"v4_rcv v4_err", "p v4_* $args", " sk=%di:x64 len=%si:s32"},
           // What is counted is the same everywhere, whatever it may mean there.
           Row{"v4_rcv v4_moved", "p v4_* a1 x=%si", " a1=%di:x64 x=%si:x64"},
           Row{"v4_rcv v4_less unknown v4_other", "r v4_* rv:s32", " rv=$retval:s32"},
       }) {
    auto probe = resolve_text(row.text, kernel_with(row.functions));
    ASSERT_TRUE(probe.ok()) << render(probe.error());
    ResolvedProbe plain = *probe;
    forget_padding(plain);
    for (const KernelLine& line : compose_lines(plain, "g", "e")) {
      EXPECT_EQ(line.text.substr(line.text.find("+0") + 2), row.args) << row.text;
    }
  }
}

TEST(MemberArguments, ThatDifferAreRefused) {
  using enum ErrorCode;
  struct Row {
    std::string_view functions;
    Refusal refusal;
  };
  for (const Row& row : {
           Row{"v4_rcv v4_err v4_moved",
               {"p v4_* ^len", wrong_place, "len",
                "'len' is not the same in all of these functions: 'v4_rcv' has len=%si:s32 (int), "
                "'v4_moved' has len=%di:s32 (int)",
                "one by one"}},
           Row{"v4_rcv v4_typed",
               {"p v4_* ^len", wrong_place, "len", "'v4_typed' has len=%si:s64 (long)"}},
           Row{"v4_rcv v4_less",
               {"p v4_* ^$args", wrong_place, "$args", "'v4_less' has no such argument"}},
           Row{"v4_less v4_rcv",
               {"p v4_* ^$args", wrong_place, "$args", "'v4_less' has no such argument"}},
           Row{"v4_less", {"p v4_less%all ^len", not_found, "len", "len"}},
       }) {
    expect_refusal(row.refusal, kernel_with(row.functions));
  }
}

TEST(MemberArguments, FunctionsThatHaveNoSuchParameterAreLeftOut) {
  auto probe = resolve_text("p v4_* len", kernel_with("v4_rcv v4_less v4_err"));
  ASSERT_TRUE(probe.ok()) << describe(probe.error());
  ASSERT_EQ(probe->members.size(), 2U);
  EXPECT_EQ(probe->members[0].symbol, "v4_rcv");
  EXPECT_EQ(probe->members[1].symbol, "v4_err");
  const auto said = std::ranges::find(probe->remarks, "skipped", &Remark::code);
  ASSERT_NE(said, probe->remarks.end());
  EXPECT_NE(said->message.find("v4_less"), std::string::npos) << said->message;
}

TEST(MemberArguments, ThatAreCountedAreLookedAtOnce) {
  const auto questions = [](std::string_view functions, std::string_view text) {
    const FakeKernel kernel = kernel_with(functions);
    auto probe = resolve_text(text, kernel);
    EXPECT_TRUE(probe.ok()) << text;
    return kernel.type_questions;
  };
  EXPECT_EQ(questions("v4_rcv v4_err", "p v4_* a1 %si $stack1"),
            questions("v4_rcv v4_err v4_moved v4_typed v4_less", "p v4_* a1 %si $stack1"));
}

}  // namespace
}  // namespace kprobed::resolve
