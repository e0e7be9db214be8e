// SPDX-License-Identifier: Apache-2.0
#include "resolve/drift.h"

#include "fake_kernel.h"
#include "fake_types.h"
#include "resolve_test_support.h"

namespace kprobed::resolve {
namespace {

FakeKernel with_both() {
  return FakeKernel(
      "ffffffff81000000 T _stext\n"
      "ffffffff81000100 t do_sys_openat2\n"
      "ffffffff81000200 T do_sys_open\n"
      "ffffffff81000300 T kernel_clone\n"
      "ffffffff81000400 T submit_bio_noacct\n"
      "ffffffff81001000 T _etext\n");
}

constexpr ResolveOptions kFollow{.follow_drift = true};

TEST(DriftTable, HasOnlyWellFormedRows) {
  ASSERT_FALSE(drift_table().empty());
  std::set<std::string_view> symbols;
  for (const DriftRow& row : drift_table()) {
    EXPECT_TRUE(is_identifier(row.symbol)) << row.symbol;
    EXPECT_TRUE(is_identifier(row.replacement)) << row.symbol;
    EXPECT_NE(row.symbol, row.replacement);
    EXPECT_TRUE(symbols.insert(row.symbol).second) << "twice: " << row.symbol;
    EXPECT_NE(row.why.back(), '.') << row.symbol;
    EXPECT_NE(row.why.find(row.replacement), std::string_view::npos) << row.symbol;
  }
}

TEST(DriftTable, IsCompiledInWhole) {
  std::ifstream file(std::string(KPROBED_TEST_DATA) + "/../../conf/symbol-drift.tsv");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::size_t malformed = 1;
  const std::vector<DriftRow> rows = parse_drift(text, &malformed);
  EXPECT_EQ(malformed, 0u);
  EXPECT_TRUE(std::ranges::equal(rows, drift_table()));
}

TEST(DriftTable, LeavesMalformedRowsOut) {
  struct Row {
    std::string_view text;
    std::size_t rows, malformed;
  };
  for (const Row& row : {
           Row{"a\tb\tsilent\t*\t2\twhy\n", 1, 0},
           Row{"a\tb\tgone\tx86_64,arm64\t0\twhy\n", 1, 0},
           Row{"# a\tb\n\n", 0, 0},
           Row{"a\tb\tmoved\t*\t2\twhy\n", 0, 1},
           Row{"a\tb\tsilent\t*\ttwo\twhy\n", 0, 1},
           Row{"a\tb\tsilent\t*\t2\n", 0, 1},
           Row{"a\tb\tsilent\t*\t2\twhy\tmore\n", 0, 1},
           Row{"a\t\tsilent\t*\t2\twhy\n", 0, 1},
       }) {
    std::size_t malformed = 99;
    EXPECT_EQ(parse_drift(row.text, &malformed).size(), row.rows) << row.text;
    EXPECT_EQ(malformed, row.malformed) << row.text;
  }
}

TEST(Drift, AppliesOnlyWhereItIsTrue) {
  const FakeKernel both = with_both();
  const FakeKernel before_5_6(
      "ffffffff81000000 T _stext\nffffffff81000200 T do_sys_open\nffffffff81001000 T _etext\n");
  FakeKernel with_do_fork = with_both();
  with_do_fork.symbols.push_back({"do_fork", "", 0xffffffff81000500, 'T'});
  ASSERT_NE(find_drift("do_sys_open", both), nullptr);
  EXPECT_EQ(find_drift("do_sys_open", both)->replacement, "do_sys_openat2");
  EXPECT_EQ(find_drift("do_sys_open", before_5_6), nullptr);
  EXPECT_EQ(find_drift("vfs_read", both), nullptr);
  ASSERT_NE(find_drift("do_fork", both), nullptr);
  EXPECT_EQ(find_drift("do_fork", with_do_fork), nullptr);
}

TEST(Drift, IsFollowedOnlyWhereArgumentsStayTheSame) {
  const FakeKernel kernel = with_both();
  struct Row {
    std::string_view text, line, remarks;
  };
  for (const Row& row : {
           Row{"p do_sys_open a1 a2", "p:g/e do_sys_openat2+0 a1=%di:x64 a2=%si:x64", "replaced"},
           Row{"p do_sys_open a2:ustring", "p:g/e do_sys_openat2+0 a2=+0(%si):ustring", "replaced"},
           Row{"r do_sys_open rv rp", "r:g/e do_sys_openat2+0 rv=$retval:x64", "replaced"},
           Row{"p do_sys_open x=%di s0", "p:g/e do_sys_openat2+0 x=%di:x64 s0=$stack0:x64",
               "replaced"},
           Row{"p generic_make_request a1", "p:g/e submit_bio_noacct+0 a1=%di:x64", "replaced"},
           // The third argument is another one; so is what any instruction inside does.
           Row{"p do_sys_open a1 a3", "p:g/e do_sys_open+0 a1=%di:x64 a3=%dx:x64", "inlined"},
           Row{"p do_sys_open x=$arg3", "p:g/e do_sys_open+0 x=$arg3:x64", "inlined"},
           Row{"p do_sys_open x=%dx", "p:g/e do_sys_open+0 x=%dx:x64", "inlined"},
           Row{"p do_sys_open r12", "p:g/e do_sys_open+0 r12=%dx:x64", "inlined"},
           Row{"p do_sys_open s1", "p:g/e do_sys_open+0 s1=$stack1:x64", "inlined"},
           Row{"p do_sys_open+4", "p:g/e do_sys_open+4", "inlined"},
           Row{"p do_sys_openat2 a1", "p:g/e do_sys_openat2+0 a1=%di:x64", ""},
       }) {
    EXPECT_EQ(line_of(row.text, kernel, kFollow), row.line) << row.text;
    EXPECT_EQ(remarks_of(row.text, kernel, kFollow), row.remarks) << row.text;
  }
}

TEST(Drift, IsFollowedWhereParametersNamesStayTheSame) {
  const FakeTypes types(
      "struct open_how { u64 flags; };"
      "long do_sys_open(int dfd, const char *filename, int flags, int mode);"
      "long do_sys_openat2(int dfd, const char *filename, struct open_how *how);"
      "long submit_bio_noacct(struct open_how *bio);");
  FakeKernel kernel = with_both();
  kernel.type_view = &types;
  struct Row {
    std::string_view text, remarks;
  };
  for (const Row& row : {
           Row{"p do_sys_open dfd filename", "replaced"},
           Row{"p do_sys_open flags", "inlined"},
           Row{"p do_sys_open dfd mode", "inlined"},
           Row{"p do_sys_open $args", "inlined"},
           // Of a function that is gone there is no prototype.
           Row{"p generic_make_request bio->flags", "replaced"},
       }) {
    EXPECT_EQ(remarks_of(row.text, kernel, kFollow), row.remarks) << row.text;
  }
}

TEST(Drift, UnaskedOnlySaysSo) {
  const FakeKernel kernel = with_both();
  auto probe = resolve_text("p do_sys_open a1 a2", kernel);
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  EXPECT_EQ(probe->symbol, "do_sys_open");
  ASSERT_EQ(probe->remarks.size(), 1u);
  EXPECT_EQ(probe->remarks[0].code, "inlined");
  EXPECT_NE(probe->remarks[0].message.find("since Linux 5.6"), std::string::npos);
  EXPECT_NE(probe->remarks[0].hint.find("--resolve"), std::string::npos);
  EXPECT_EQ(probe->remarks[0].span.begin, 2u);
  EXPECT_EQ(probe->remarks[0].span.end, 13u);
}

TEST(Drift, KeepsTheSpecThatWasArmed) {
  auto probe = resolve_text("p do_sys_open a1", with_both(), kFollow);
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  EXPECT_EQ(probe->symbol, "do_sys_openat2");
  EXPECT_EQ(probespec::print(probe->spec), "p do_sys_openat2 a1");
}

TEST(Drift, WhoseArgumentsDifferIsNotFollowed) {
  expect_refusal({"p ^do_fork a1", ErrorCode::symbol_not_found, "do_fork", "no symbol 'do_fork'",
                  "kernel_clone"},
                 with_both(), kFollow);
  EXPECT_EQ(line_of("r do_fork rv", with_both(), kFollow), "r:g/e kernel_clone+0 rv=$retval:x64");
}

}  // namespace
}  // namespace kprobed::resolve
