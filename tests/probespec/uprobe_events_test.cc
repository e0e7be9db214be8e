// SPDX-License-Identifier: Apache-2.0
//
// The language against the running kernel: fetchargs offered to both, as uprobes, which need no
// kprobes. Where the two differ the row says so. Needs root and tracefs.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "spec_text.h"

namespace kprobed::probespec {
namespace {

const std::string kTracefs = "/sys/kernel/tracing/";
constexpr std::string_view kCommand = "  Command: ";

/// Writes one line to uprobe_events.
Result<void> write_line(const std::string& line) {
  KPROBED_TRY(const auto file, open_file(kTracefs + "uprobe_events", O_WRONLY | O_APPEND));
  return write_once(file.get(), line + "\n", "uprobe_events");
}

/// Where the kernel's caret stands in `line`, by the last entry of error_log about it.
std::optional<std::size_t> kernels_caret(const std::string& line) {
  const auto log = read_file(kTracefs + "error_log");
  if (!log.ok()) return std::nullopt;
  std::optional<std::size_t> caret;
  bool ours = false;
  for (const std::string_view text : split_lines(*log)) {
    if (ours) caret = text.find('^') - kCommand.size();
    ours = text == std::string(kCommand) + line;
  }
  return caret;
}

enum class Verdict {
  both_take,
  both_refuse,
  only_kernel_takes,
  only_we_take,
};

/// '^' stands where our caret does, '!' where the kernel's does if that is elsewhere.
struct Offer {
  std::string args;
  Verdict verdict;
  const char* needs = "";  ///< a word of tracefs' README
};

class UprobeEvents : public testing::Test {
 protected:
  void SetUp() override {
    const auto readme = read_file(kTracefs + "README");
    const auto opened = open_file(kTracefs + "uprobe_events", O_WRONLY | O_APPEND);
    // As all native tests: what cannot run has not passed.
    ASSERT_TRUE(readme.ok() && opened.ok()) << "needs root, tracefs and uprobe_events";
    readme_ = *readme;
  }

  void offer(Offer row, std::size_t number) {
    if (readme_.find(row.needs) == std::string::npos) return;
    const std::string event = format("kprobed_lang_{}/e{}", getpid(), number);
    std::string line = format("p:{} {}:0x1000 ", event, program_) + row.args;
    std::size_t theirs = line.find('!');
    if (theirs != std::string::npos) line.erase(theirs, 1);
    const std::size_t ours = line.find('^');
    if (ours != std::string::npos) line.erase(ours, 1);
    if (theirs == std::string::npos) {
      theirs = ours;
    } else if (theirs > ours) {
      --theirs;
    }
    SCOPED_TRACE(line);

    const auto written = write_line(line);
    if (written.ok()) {
      EXPECT_TRUE(write_line("-:" + event).ok());
    }
    const Parsed parsed = parse_text(line);
    const bool kernel_takes =
        row.verdict == Verdict::both_take || row.verdict == Verdict::only_kernel_takes;
    const bool we_take = row.verdict == Verdict::both_take || row.verdict == Verdict::only_we_take;
    EXPECT_EQ(written.ok(), kernel_takes);
    EXPECT_EQ(parsed.errors.empty(), we_take) << (we_take ? render(parsed.errors.at(0)) : "");
    if (!we_take && !parsed.errors.empty()) {
      EXPECT_EQ(parsed.errors[0].span.begin, ours) << render(parsed.errors[0]);
    }
    if (row.verdict == Verdict::both_refuse) {
      EXPECT_EQ(kernels_caret(line), theirs);
    }
  }

 private:
  std::string program_ = std::filesystem::read_symlink("/proc/self/exe").string();
  std::string readme_;
};

TEST_F(UprobeEvents, TakeAndRefuseWhatTheLanguageDoes) {
  constexpr auto kTake = Verdict::both_take;
  constexpr auto kRefuse = Verdict::both_refuse;
  constexpr auto kKernel = Verdict::only_kernel_takes;
  constexpr auto kWe = Verdict::only_we_take;
  const Offer rows[] = {
      {"", kTake},
      {"%ip x=$stack y=$stack0:u8 $comm", kTake},
      {"$COMM", kTake, "$comm"},
      {"+0(%sp) -8(%sp):x64 +u8(-16(%sp)):s32", kTake},
      {"@0x1000:u32 @+0x10 @+64:string", kTake},
      {"x=+0(%sp):string y=+u0(%sp):ustring", kTake},
      {"+0(%sp):u8[64] +0(%sp):u8[0x10] +0(%sp):string[2] +u0(%sp):ustring[2]", kTake},
      {"@0x10:u8[4] @+0x10:u8[4]", kTake},
      {"+0(%sp):char[16] %ip:char", kTake, "char"},
      {"%ip:b1@0/64 %ip:b64@0/64 %ip:b1@63/64 %ip:b0x4@010/0x20", kTake},
      {"+0(%sp):b4@0/32[4]", kTake},
      {R"~(\5 \0xffffffffffffffff \-0x5 \+5 \-9223372036854775808)~", kTake},
      {R"~(\5:b4@0/8 +0(\16) \16:string)~", kTake},
      {R"~(\"text" x=\"a(b)" y=\"a=b" z=\"a"b" e=\"":string)~", kTake},
      // words
      {"^$retval", kRefuse},
      {"^$stackx", kRefuse},
      {"^$stack1x", kRefuse},
      {"^@jiffies", kRefuse},
      {"x=^@", kRefuse},
      {R"~(^\"a=b")~", kRefuse},
      {R"~(x=\"a":^ustring)~", kRefuse},
      {R"~(x=\"a":^string[2])~", kRefuse},
      {R"~(+0(^\"a"))~", kRefuse},
      {"+0(^$comm):string", kRefuse},
      {"+8(%sp^", kRefuse},
      // names
      {"^1x=%ip", kRefuse},
      {"^common_pid=%ip", kRefuse},
      {"^=%ip", kRefuse},
      {"x=^", kRefuse},
      {"x=%ip ^x=%sp", kRefuse},
      {"^abcdefghijklmnopqrstuvwxyz0123456=%ip", kRefuse},
      {"x=^+0000000000000000000000000000000000000000000000000000000001(%sp)", kRefuse},
      // types
      {"%ip:^u7", kRefuse},
      {"%ip:^string", kRefuse},
      {"%ip:^u8[4]", kRefuse},
      {"$stack:^u8[4]", kRefuse},
      {R"~(\5:^u8[2])~", kRefuse},
      {"+0(%sp):u8[^65]", kRefuse},
      {"+0(%sp):u8[^0]", kRefuse},
      {"+0(%sp):u8[^]", kRefuse},
      {"+0(%sp):u8[4^", kRefuse},
      {"%ip:^b1@64/64", kRefuse},
      {"%ip:^b0@0/64", kRefuse},
      {"%ip:^b4@0", kRefuse},
      {"%ip:^symbol", kRefuse},
      {"%ip:^%pd", kRefuse},
      {"$comm:^u8", kRefuse},
      {"$comm:^string[2]", kRefuse},
      // where the two point at different parts of the same token
      {R"~(x=^\"ab!)~", kRefuse},
      {R"~(^\!18446744073709551616)~", kRefuse},
      {"+u0(%sp):^u8[!4]", kRefuse},
      {"!+^x(%sp)", kRefuse},
      {"!^+8%sp", kRefuse},
      {"!@+^x", kRefuse},
      {"%ip:!b4@0/^33", kRefuse},
      {"+0(%sp):u8[4]^!x", kRefuse},
      {R"~(x=^\"a:!b":string)~", kRefuse},
      // this language knows more: resolving makes of it what the kernel can do
      {"a1 s0 rp=%ip r16", kWe},
      {"$dfd how->flags", kWe},
      {"%ip:int %ip:bool %ip:ptr", kWe},
      {"+0(%sp):string{16}", kWe},
      // the kernel cuts the offset off to 32 bits and takes it; reads before the begin of a file;
      // and makes an array of a constant
      {"+^0x100000000(%sp)", kKernel},
      {"@+^-5", kKernel},
      {R"~(\5:^string[2])~", kKernel},
  };
  std::size_t number = 0;
  for (const Offer& row : rows) offer(row, ++number);
}

}  // namespace
}  // namespace kprobed::probespec
