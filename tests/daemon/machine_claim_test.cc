// SPDX-License-Identifier: Apache-2.0
#include "daemon/machine_claim.h"

#include <gtest/gtest.h>

#include "temp_dir.h"

namespace kprobed::daemon {
namespace {

TEST(MachineClaim, IsOnePerMachineAndEndsWithItsHolder) {
  const TempDir dir;
  const tracefs::Tracefs tracefs(dir.path(""));
  auto first = claim_machine(tracefs);
  ASSERT_TRUE(first.ok());
  const auto second = claim_machine(tracefs);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::busy);
  first->reset();
  EXPECT_TRUE(claim_machine(tracefs).ok());
}

}  // namespace
}  // namespace kprobed::daemon
