// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings.h"

#include <gtest/gtest.h>

#include <fstream>

#include "temp_dir.h"

namespace kprobed::daemon {
namespace {

TEST(Settings, TheCommandLineGoesBeforeTheFile) {
  const TempDir dir;
  std::ofstream(dir.path("k.conf")) << "[daemon]\ngroup = a\nlog_level = error\nmax_clients = 7\n";
  Options options;
  options.config = dir.path("k.conf");
  options.group = "b";
  options.log_level = LogLevel::debug;
  const auto settings = read_settings(options);
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->config.group, "b");
  EXPECT_EQ(settings->config.log_level, LogLevel::debug);
  EXPECT_EQ(settings->config.max_clients, 7U);
}

TEST(Settings, AFileThatWasAskedForMustBeThere) {
  const TempDir dir;
  Options options;
  options.config = dir.path("none.conf");
  const auto settings = read_settings(options);
  ASSERT_FALSE(settings.ok());
  EXPECT_EQ(settings.error().sys_errno, ENOENT);
}

}  // namespace
}  // namespace kprobed::daemon
