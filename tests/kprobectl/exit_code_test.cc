// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/exit_code.h"

#include <gtest/gtest.h>

namespace kprobed::kprobectl {
namespace {

Span somewhere() {
  return {std::make_shared<Source>(Source{.name = "argument 1", .text = "p x"}), 1, 2, 3};
}

TEST(ExitCode, FollowsFromTheError) {
  const struct {
    Error error;
    int any, connect;
  } rows[] = {
      {Error(ErrorCode::kernel_refused, "no"), kFailed, kFailed},
      {Error(ErrorCode::io, "no"), kFailed, kFailed},
      {Error(ErrorCode::usage, "no"), kUsage, kUsage},
      {Error(ErrorCode::symbol_not_found, "no"), kFailed, kFailed},
      {Error(ErrorCode::symbol_not_found, "no").at(somewhere()), kUsage, kUsage},
      // What the machine lacks is no mistake of the spec that it was said to.
      {Error(ErrorCode::exhausted, "no").at(somewhere()), kFailed, kFailed},
      {Error(ErrorCode::busy, "no").at(somewhere()), kFailed, kFailed},
      {Error(ErrorCode::no_permission, "no"), kNoPermission, kNoPermission},
      {Error(ErrorCode::no_permission, "no").at(somewhere()), kNoPermission, kNoPermission},
      // No such probe, and no daemon at all.
      {Error(ErrorCode::not_found, "no"), kFailed, kNotRunning},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(exit_code_of(row.error), row.any) << word(row.error.code);
    EXPECT_EQ(exit_code_of_connect(row.error), row.connect) << word(row.error.code);
  }
}

TEST(ExitCode, NumbersArePromised) {
  EXPECT_EQ(kDone, 0);
  EXPECT_EQ(kFailed, 1);
  EXPECT_EQ(kUsage, 2);
  EXPECT_EQ(kNoPermission, 3);
  EXPECT_EQ(kNotRunning, 4);
}

}  // namespace
}  // namespace kprobed::kprobectl
