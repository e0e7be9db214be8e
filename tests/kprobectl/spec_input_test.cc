// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/spec_input.h"

#include <gmock/gmock.h>

#include <fstream>

#include "fake_daemon.h"

namespace kprobed::kprobectl {
namespace {

using testing::HasSubstr;

TEST(SpecInput, ArgumentsAndThenFiles) {
  const TempFolder folder;
  std::ofstream(folder / "a.probes") << "# mine\np file_a\n\nr file_b rv\n";
  auto parsed =
      read_specs({.arguments = {"p one", "p two\nr three"}, .files = {folder / "a.probes"}});
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->errors.empty());
  std::vector<std::string> texts, names;
  for (const probespec::ProbeSpec& spec : parsed->specs) {
    texts.push_back(probespec::print(spec));
    names.push_back(spec.span.source->name);
  }
  EXPECT_THAT(texts, testing::ElementsAre("p one", "p two", "r three", "p file_a", "r file_b rv"));
  EXPECT_THAT(names, testing::ElementsAre("argument 1", "argument 2", "argument 2",
                                          folder / "a.probes", folder / "a.probes"));
}

TEST(SpecInput, ABadLineCostsOnlyItself) {
  auto parsed = read_specs({.arguments = {"p one", "q two", "p three rv"}, .files = {}});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->specs.size(), 1u);
  ASSERT_EQ(parsed->errors.size(), 2u);
  EXPECT_EQ(parsed->errors[0].span.source->name, "argument 2");
  EXPECT_EQ(parsed->errors[1].span.source->name, "argument 3");
}

TEST(SpecInput, WhatCannotBeRead) {
  const TempFolder folder;
  const struct {
    SpecInput input;
    ErrorCode code;
    const char* message;
    const char* hint;
  } rows[] = {
      {{}, ErrorCode::usage, "no probe given", "p do_sys_openat2"},
      {{{"", " # nothing "}, {}}, ErrorCode::usage, "no probe given", ""},
      // The shell has cut it.
      {{{"p", "vfs_read", "a1"}, {}},
       ErrorCode::usage,
       "'p' alone",
       "quote the whole spec: 'p vfs"},
      {{{"r ", "vfs_read"}, {}}, ErrorCode::usage, "'r' alone", "'r vfs_read"},
      {{{}, {folder / "none"}}, ErrorCode::io, "none", ""},
  };
  for (const auto& row : rows) {
    auto parsed = read_specs(row.input);
    ASSERT_FALSE(parsed.ok()) << row.message;
    EXPECT_EQ(parsed.error().code, row.code) << row.message;
    EXPECT_THAT(describe(parsed.error()), HasSubstr(row.message));
    EXPECT_THAT(parsed.error().hint, HasSubstr(row.hint));
  }
}

}  // namespace
}  // namespace kprobed::kprobectl
