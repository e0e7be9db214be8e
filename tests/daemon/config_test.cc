// SPDX-License-Identifier: Apache-2.0
#include "daemon/config.h"

#include <gmock/gmock.h>

#include "base/file.h"

namespace kprobed::daemon {
namespace {

ConfigReading read(std::string text) {
  return parse_config(
      std::make_shared<const Source>(Source{.name = "kprobed.conf", .text = std::move(text)}));
}

TEST(Config, Settings) {
  const auto with = [](auto change) {
    Config config;
    change(config);
    return config;
  };
  const struct {
    std::string text;
    Config config;
  } rows[] = {
      {"", {}},
      {"# nothing\n\n[daemon]\n", {}},
      {"[daemon]\nsocket=/a/b", with([](Config& c) { c.socket = "/a/b"; })},
      {"[daemon]\r\n group = wheel \r\n", with([](Config& c) { c.group = "wheel"; })},
      {"[ daemon ]\nlog_level = error", with([](Config& c) { c.log_level = LogLevel::error; })},
      {"[daemon]\nmax_clients=1", with([](Config& c) { c.max_clients = 1; })},
      {"[daemon]\nprobes_dir = /p/d/", with([](Config& c) { c.probes_dir = "/p/d"; })},
      {"[daemon]\nstate_dir = /", with([](Config& c) { c.state_dir = "/"; })},
      {"[daemon]\nmax_probes=100000", with([](Config& c) { c.max_probes = 100'000; })},
      {"[stream]\nlog_size=16G", with([](Config& c) { c.log_size = 16ULL << 30; })},
      {"[stream]\nlog_size=1048576", with([](Config& c) { c.log_size = 1 << 20; })},
      {"[stream]\nring_size=64K", with([](Config& c) { c.ring_size = 64 << 10; })},
      {"[stream]\nring_size=auto", {}},
      {"[stream]\nkernel_memory=auto", {}},
      {"[stream]\nkernel_memory=1M", with([](Config& c) { c.kernel_memory = 1 << 20; })},
      {"[stream]\nkernel_memory=64G", with([](Config& c) { c.kernel_memory = 64ULL << 30; })},
      {"[stream]\ncpus=all", {}},
      {"[governor]\ngovernor=off", with([](Config& c) { c.budget.on = false; })},
      {"[governor]\nprobe_cpu=10%\ntotal_cpu=200%\nprobe_events=1000\nprobe_bytes=1M\n",
       with([](Config& c) {
         c.budget = {.probe_share = 0.1, .total_share = 2, .events = 1000, .line_bytes = 1 << 20};
       })},
      {"[stream]\ncpus=0-2,8", with([](Config& c) {
         c.cpus = {0, 1, 2, 8};
       })},
      {"[stream]\nring_size=1M\n[daemon]\nmax_clients=2\n", with([](Config& c) {
         c.ring_size = 1 << 20;
         c.max_clients = 2;
       })},
  };
  for (const auto& row : rows) {
    const ConfigReading reading = read(row.text);
    EXPECT_EQ(reading.config, row.config) << row.text;
    EXPECT_THAT(reading.problems, testing::IsEmpty()) << row.text;
  }
}

// The last line is the one that is blamed; the carets stand under the blamed columns. Of what is
// wrong, the default stays.
TEST(Config, Problems) {
  const struct {
    std::string before, line, carets, message;
  } rows[] = {
      {"", "group = x", "^^^^^", "setting 'group' is in no section, ignored"},
      {"", "[deamon]", "^^^^^^^^", "unknown section 'deamon', ignored"},
      {"", " [daemon", " ^^^^^^^", "']' is missing"},
      {"[daemon]\n", "  colour = red", "  ^^^^^^", "unknown setting 'colour' in [daemon], ignored"},
      {"[stream]\n", "group = x", "^^^^^", "unknown setting 'group' in [stream], ignored"},
      {"[daemon]\n", "group", "^^^^^", "neither [section] nor 'key = value'"},
      {"[daemon]\n", "= 3", "^", "unknown setting '=' in [daemon], ignored"},
      {"[daemon]\n", "socket = k.sock", "         ^^^^^^",
       "socket must be an absolute path; ignored"},
      {"[daemon]\n", "group =", "       ", "group must be the name of a group; ignored"},
      {"[daemon]\n", "log_level = Info", "            ^^^^",
       "log_level must be error, warning, info or debug; ignored"},
      {"[daemon]\n", "max_clients = 0", "              ^",
       "max_clients must be a number from 1 to 10000; ignored"},
      {"[daemon]\n", "max_clients = 10001", "              ^^^^^",
       "max_clients must be a number from 1 to 10000; ignored"},
      {"[daemon]\n", "max_probes = 10 # more", "             ^^^^^^^^^",
       "max_probes must be a number from 1 to 100000; ignored"},
      {"[daemon]\n", "state_dir = here", "            ^^^^",
       "state_dir must be an absolute path; ignored"},
      {"[daemon]\n", "max_probes = -1", "             ^^",
       "max_probes must be a number from 1 to 100000; ignored"},
      {"[stream]\n", "log_size = 1023K", "           ^^^^^",
       "log_size must be a size from 1M to 16G; ignored"},
      {"[stream]\n", "log_size = 17G", "           ^^^",
       "log_size must be a size from 1M to 16G; ignored"},
      {"[stream]\n", "log_size = 17179869185G", "           ^^^^^^^^^^^^",
       "log_size must be a size from 1M to 16G; ignored"},
      {"[stream]\n", "log_size = M", "           ^",
       "log_size must be a size from 1M to 16G; ignored"},
      {"[stream]\n", "ring_size = 3M", "            ^^",
       "ring_size must be auto, or a power of two from 64K to 64M; ignored"},
      {"[stream]\n", "kernel_memory = 1023K", "                ^^^^^",
       "kernel_memory must be auto, or a size from 1M to 64G; ignored"},
      {"[governor]\n", "probe_cpu = 5", "            ^",
       "probe_cpu must be a share of one CPU, from 1% to 10000%; ignored"},
      {"[governor]\n", "total_cpu = 0%", "            ^^",
       "total_cpu must be a share of one CPU, from 1% to 10000%; ignored"},
      {"[governor]\n", "governor = maybe", "           ^^^^^",
       "governor must be on or off; ignored"},
      {"[stream]\n", "cpus = 3-1", "       ^^^",
       "cpus must be all, or a list of CPUs as 0-3,8; ignored"},
      {"[stream]\n", "ring_size = 32K", "            ^^^",
       "ring_size must be auto, or a power of two from 64K to 64M; ignored"},
  };
  for (const auto& row : rows) {
    const ConfigReading reading = read(row.before + row.line);
    EXPECT_EQ(reading.config, Config()) << row.line;
    ASSERT_EQ(reading.problems.size(), 1U) << row.line;
    const Error& problem = reading.problems[0];
    EXPECT_EQ(problem.message, row.message);
    EXPECT_EQ(line_text(problem.span), row.line);
    EXPECT_EQ(std::string(problem.span.begin, ' ') +
                  std::string(problem.span.end - problem.span.begin, '^'),
              row.carets)
        << row.line;
  }
}

TEST(Config, TheSameSettingTwiceIsSaid) {
  const ConfigReading reading = read("[daemon]\ngroup = a\ngroup = b\n");
  EXPECT_EQ(reading.config.group, "b");
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].message, "'group' is set again; this one counts");
  EXPECT_EQ(reading.problems[0].span.line, 3U);
}

TEST(Config, AnUnknownSectionIsOneProblemWhateverIsInIt) {
  EXPECT_EQ(read("[x]\na = 1\nb = 2\n").problems.size(), 1U);
}

// What is shipped shows every setting with its default, commented out.
TEST(Config, TheShippedFileShowsTheDefaults) {
  const auto shipped = read_file(KPROBED_TEST_DATA "/../../conf/kprobed.conf");
  ASSERT_TRUE(shipped.ok());
  EXPECT_EQ(read(*shipped).config, Config());
  std::string text = *shipped;
  int settings = 0;
  for (std::size_t at = 0; (at = text.find("\n#", at)) != std::string::npos; ++at) {
    const std::string line = text.substr(at + 2, text.find('\n', at + 1) - at - 2);
    if (line.empty() || line[0] == ' ') continue;
    text.erase(at + 1, 1);
    ++settings;
  }
  EXPECT_EQ(settings, 16);
  const ConfigReading reading = read(text);
  EXPECT_EQ(reading.config, Config());
  EXPECT_THAT(reading.problems, testing::IsEmpty());
}

TEST(Config, WhatNeedsARestart) {
  Config now;
  now.log_level = LogLevel::debug;
  EXPECT_THAT(needing_restart(Config(), now), testing::IsEmpty());
  now.socket = "/x";
  now.ring_size = 1 << 20;
  EXPECT_THAT(needing_restart(Config(), now), testing::ElementsAre("socket", "ring_size"));
}

}  // namespace
}  // namespace kprobed::daemon
