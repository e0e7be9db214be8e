// SPDX-License-Identifier: Apache-2.0
//
// All tracepoints of the running kernel: every format file is understood, and every field of it has
// a place in a plan.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "decode/field_plan.h"

namespace kprobed::decode {
namespace {

TEST(Tracepoints, OfTheRunningKernelAreAllUnderstood) {
  const std::filesystem::path events = "/sys/kernel/tracing/events";
  std::size_t files = 0, fields = 0;
  for (const auto& group : std::filesystem::directory_iterator(events)) {
    if (!group.is_directory()) continue;
    for (const auto& event : std::filesystem::directory_iterator(group)) {
      const std::string path = event.path() / "format";
      if (!std::filesystem::exists(path)) continue;
      SCOPED_TRACE(path);
      const auto text = read_file(path);
      if (!text.ok()) continue;  // gone since: another test's
      const auto format = parse_format(*text);
      ASSERT_TRUE(format.ok()) << describe(format.error());
      const auto wanted = every_field(*format);
      const auto plan = compile(*format, wanted, kHostOrder, sizeof(long));
      ASSERT_TRUE(plan.ok()) << describe(plan.error());
      ASSERT_EQ(plan->ops.size(), wanted.size());
      ++files;
      fields += wanted.size();
    }
  }
  EXPECT_GT(files, 500u);
  EXPECT_GT(fields, 2'000u);
}

}  // namespace
}  // namespace kprobed::decode
