// SPDX-License-Identifier: Apache-2.0
#include "daemon/options.h"

#include <gmock/gmock.h>

namespace kprobed::daemon {
namespace {

using Words = std::vector<std::string>;

TEST(Options, WhatTheyMean) {
  using Action = Options::Action;
  const struct {
    Words words;
    Options options;
  } rows[] = {
      {{}, {}},
      {{"--config", "/x"}, {.config = "/x"}},
      {{"--config=/x", "--group", "wheel"}, {.config = "/x", .group = "wheel"}},
      {{"--socket", "/tmp/k.sock"}, {.socket = "/tmp/k.sock"}},
      {{"--log-level", "debug"}, {.log_level = LogLevel::debug}},
      {{"--hold"}, {.hold = true}},
      {{"--sweep"}, {.action = Action::sweep}},
      {{"--sw"}, {.action = Action::sweep}},  // as getopt_long always has it
      {{"--help"}, {.action = Action::help}},
      {{"-h", "--nonsense"}, {.action = Action::help}},
      {{"-V"}, {.action = Action::version}},
  };
  for (const auto& row : rows) {
    const auto options = parse_options(row.words);
    ASSERT_TRUE(options.ok()) << testing::PrintToString(row.words);
    EXPECT_EQ(*options, row.options) << testing::PrintToString(row.words);
  }
}

TEST(Options, WhatIsWrong) {
  const struct {
    Words words;
    std::string message;
  } rows[] = {
      {{"--nonsense"}, "no option '--nonsense'"},
      {{"--hold=1"}, "no option '--hold=1'"},
      {{"--s", "x"}, "no option '--s'"},
      {{"-x"}, "no option '-x'"},
      {{"--config"}, "option '--config' needs a value"},
      {{"start"}, "'start' is no option"},
      {{"--hold", "start"}, "'start' is no option"},
      {{"--socket", "k.sock"}, "--socket must be an absolute path"},
      {{"--socket", "/" + std::string(107, 'x')}, "--socket must be a path of at most 107 bytes"},
      {{"--log-level", "loud"}, "--log-level must be error, warning, info or debug, not 'loud'"},
  };
  for (const auto& row : rows) {
    const auto options = parse_options(row.words);
    ASSERT_FALSE(options.ok()) << testing::PrintToString(row.words);
    EXPECT_EQ(options.error().code, ErrorCode::usage);
    EXPECT_EQ(options.error().message, row.message);
  }
}

}  // namespace
}  // namespace kprobed::daemon
