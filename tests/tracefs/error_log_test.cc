// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tracefs/refusal.h"

namespace kprobed::tracefs {
namespace {

using Entries = std::vector<LoggedError>;

LoggedError entry(std::string location, std::string text, std::string command, std::int64_t column,
                  std::string stamp, bool cut = false) {
  return {std::move(location), std::move(text), std::move(command), column, cut, std::move(stamp)};
}

TEST(ErrorLog, ReadsEntriesOfAllTracers) {
  // Two from Linux 6.1.192 (Debian), one from a 6.18 host.
  EXPECT_EQ(
      parse_error_log("[    2.865356] trace_kprobe: error: Invalid probed address or symbol\n"
                      "  Command: p:kprobed/a no_such_function\n"
                      "                       ^\n"
                      "[ 1536.824734] trace_uprobe: error: String accepts only memory argument\n"
                      "  Command: p:kpspecroom/z /usr/bin/true:0x2000 $stack0:string\n"
                      "                                                       ^\n"
                      "[    5.322962] trace_kprobe: error: There is already the exact same "
                      "probe event\n"
                      "  Command: p:kprobed/a vfs_read a=%di\n"
                      "           ^\n"),
      (Entries{entry("trace_kprobe", "Invalid probed address or symbol",
                     "p:kprobed/a no_such_function", 12, "2.865356"),
               entry("trace_uprobe", "String accepts only memory argument",
                     "p:kpspecroom/z /usr/bin/true:0x2000 $stack0:string", 44, "1536.824734"),
               entry("trace_kprobe", "There is already the exact same probe event",
                     "p:kprobed/a vfs_read a=%di", 0, "5.322962")}));
}

/// "p:kprobed/a vfs_read a0=+0(%di) a1=+0(%di) ..." up to `bytes`.
std::string long_command(std::size_t bytes) {
  std::string line = "p:kprobed/a vfs_read";
  for (int i = 0; line.size() < bytes; ++i) line += " a" + std::to_string(i) + "=+0(%di)";
  return line.substr(0, bytes);
}

TEST(ErrorLog, ReadsACommandThatOldKernelsCut) {
  // Linux 5.10 (Debian): 18 arguments of that kind, then "b=%foo cccccccccccccccccccccccc=%di".
  const std::string cut =
      "p:kprobed/a vfs_read a0=+0(%di) a1=+0(%di) a2=+0(%di) a3=+0(%di) a4=+0(%di) a5=+0(%di) "
      "a6=+0(%di) a7=+0(%di) a8=+0(%di) a9=+0(%di) a10=+0(%di) a11=+0(%di) a12=+0(%di) a13=+0(%di) "
      "a14=+0(%di) a15=+0(%di) a16=+0(%di) a17=+0(%di) b=%foo ccccccccc";
  ASSERT_EQ(cut.size(), 243u);
  EXPECT_EQ(parse_error_log("[    3.436593] trace_kprobe: error: Invalid register name\n"
                            "  Command: " +
                            cut + std::string(240, ' ') + "^\n"),
            (Entries{entry("trace_kprobe", "Invalid register name", cut, 229, "3.436593", true)}));
}

TEST(ErrorLog, KeepsALongCommandOfNewKernelsWhole) {
  const std::string command = long_command(700) + " ^";
  EXPECT_EQ(parse_error_log("[    4.791889] trace_kprobe: error: Invalid register name\n"
                            "  Command: " +
                            command + "\n" + std::string(11 + 650, ' ') + "^\n"),
            (Entries{entry("trace_kprobe", "Invalid register name", command, 650, "4.791889")}));
}

TEST(ErrorLog, LeavesOutWhatIsNoEntry) {
  const char* const rows[] = {
      "",
      "\n\n",
      "garbage\n  Command: p:a/b c\n           ^\n",
      "[    1.000000] trace_kprobe: warning: x\n  Command: p:a/b c\n           ^\n",
      "[    1.000000 trace_kprobe: error: x\n  Command: p:a/b c\n           ^\n",
      "[    1.000000] trace_kprobe: error: x\n",
      "[    1.000000] trace_kprobe: error: x\nCommand: p:a/b c\n           ^\n",
  };
  for (const char* text : rows) EXPECT_EQ(parse_error_log(text), Entries{}) << text;
}

TEST(ErrorLog, HasNoColumnWithoutACaret) {
  const char* const rows[] = {
      "[    1.5] trace_kprobe: error: x\n  Command: p:a/b c",
      "[    1.5] trace_kprobe: error: x\n  Command: p:a/b c\n     ^\n",
      "[    1.5] trace_kprobe: error: x\n  Command: p:a/b c\n              ^ ^\n",
  };
  for (const char* text : rows) {
    EXPECT_EQ(parse_error_log(text), (Entries{entry("trace_kprobe", "x", "p:a/b c", -1, "1.5")}))
        << text;
  }
}

}  // namespace
}  // namespace kprobed::tracefs
