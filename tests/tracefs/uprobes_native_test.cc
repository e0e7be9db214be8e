// SPDX-License-Identifier: Apache-2.0
//
// Events of the running kernel: uprobes on a file that nobody executes, in groups of this process.
// Needs root and a mounted tracefs with uprobe_events; that they are there is for scripts/test to
// decide, so their absence is a failure here.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "base/format.h"
#include "tracefs/installed_probe.h"
#include "tracefs/profile.h"
#include "tracefs/sweep.h"

namespace kprobed::tracefs {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

#define ASSERT_DONE(result) ASSERT_TRUE((result).ok()) << describe((result).error())

class LiveUprobes : public testing::Test {
 protected:
  void SetUp() override {
    auto found = Tracefs::find(/*may_mount=*/false);
    ASSERT_DONE(found);
    tracefs_ = *std::move(found);
    auto self = own_identity();
    ASSERT_DONE(self);
    group_ = run_group(*self);
    target_ = make_target("target");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// A file to put uprobes on, of 8 KiB.
  std::string make_target(const std::string& name) {
    if (folder_.empty()) {
      std::string folder = testing::TempDir() + "uprobes.XXXXXX";
      if (::mkdtemp(folder.data()) == nullptr) std::abort();
      folder_ = folder;
    }
    const std::string path = folder_ / name;
    std::ofstream(path) << std::string(8192, '\x90');
    return path;
  }

  Result<InstalledProbe> install(std::string_view event, const std::string& line,
                                 Refusal* refusal = nullptr) {
    return InstalledProbe::install(tracefs_, EventsFile::uprobe, group_, event, line, refusal);
  }

  /// The listed lines of our group.
  std::vector<ListedProbe> ours() {
    auto listed = list(tracefs_);
    if (!listed.ok()) {
      ADD_FAILURE() << describe(listed.error());
      return {};
    }
    std::erase_if(*listed, [&](const ListedProbe& probe) { return probe.group != group_; });
    return *std::move(listed);
  }

  Result<void> enable(std::string_view event, std::string_view digit) {
    const std::string path = tracefs_.path(format("events/{}/{}/enable", group_, event));
    KPROBED_TRY(const UniqueFd fd, open_file(path, O_WRONLY));
    return write_once(fd.get(), digit, path);
  }

  Tracefs tracefs_{""};
  std::string group_, target_;
  std::filesystem::path folder_;
};

TEST_F(LiveUprobes, ComeAndGo) {
  {
    auto probe = install("u1", format("p:{}/u1 {}:0x10 a=%ax:u64", group_, target_));
    ASSERT_DONE(probe);
    const auto listed = ours();
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_EQ(listed[0].file, EventsFile::uprobe);
    EXPECT_EQ(listed[0].kind, 'p');
    EXPECT_EQ(listed[0].event, "u1");
    EXPECT_THAT(listed[0].place, testing::StartsWith(target_ + ":0x0"));
    EXPECT_EQ(listed[0].rest, "a=%ax:u64");
    const auto text = probe->format_text();
    ASSERT_DONE(text);
    EXPECT_THAT(*text, HasSubstr("name: u1\n"));
    const auto id = probe->id();
    ASSERT_DONE(id);
    EXPECT_THAT(*text, HasSubstr(format("ID: {}\n", *id)));
    const auto counted = probe->profile();
    ASSERT_DONE(counted);
    EXPECT_EQ(counted->hits, 0u);
    EXPECT_EQ(counted->missed, std::nullopt);
  }
  EXPECT_TRUE(ours().empty());
}

TEST_F(LiveUprobes, AreRemovedByWhatIsListed) {
  // Written as here; each shape must be found again by its listed text alone.
  const std::string deep = make_target(std::string(120, 'd'));
  const std::string rows[] = {
      format("p:{}/u {}:0x10", group_, target_),
      format("p:{}/u {}:16 a=%ax:u64 b=+8(%sp):x32", group_, target_),
      format("r:{}/u {}:0x10 rv=$retval", group_, target_),
      format("p:{}/u {}:0x10%return $retval", group_, target_),
      format("p:{}/u {}:0x10(0x20) %ax", group_, target_),
      format("p:{}/u {}:0x10(0x20) {}=+0x11111111(+0x11111111(+0x11111111(+0x1(%ax))))", group_,
             deep, std::string(32, 'n')),
  };
  for (const std::string& line : rows) {
    ASSERT_DONE(append(tracefs_, EventsFile::uprobe, line, nullptr));
    const auto listed = ours();
    ASSERT_EQ(listed.size(), 1u) << line;
    EXPECT_TRUE(remove(tracefs_, listed[0], milliseconds(0)).ok()) << listed[0].text;
    EXPECT_TRUE(ours().empty()) << line;
    // Gone already is success.
    EXPECT_TRUE(remove(tracefs_, listed[0], milliseconds(0)).ok()) << listed[0].text;
  }
}

TEST_F(LiveUprobes, NeverShareAnEvent) {
  const std::string line = format("p:{}/u1 {}:0x10", group_, target_);
  auto probe = install("u1", line);
  ASSERT_DONE(probe);
  const auto second = install("u1", format("p:{}/u1 {}:0x20", group_, target_));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::name_used);
  const auto added = probe->add_line(format("p:{}/u1 {}:0x20", group_, target_), nullptr);
  ASSERT_FALSE(added.ok());
  EXPECT_EQ(added.error().code, ErrorCode::internal);
  EXPECT_EQ(ours().size(), 1u);
}

TEST_F(LiveUprobes, RefusalsAreExplained) {
  struct Row {
    const char* line;  // after "p:GROUP/u "; FILE is the target. ^ under what is blamed
    const char* caret;
    ErrorCode code;
    const char* says;
  };
  const Row rows[] = {
      {"/no/such/file:0x10",  //
       "^", ErrorCode::not_found, "no such file"},
      {"/proc:0x10",  //
       "^", ErrorCode::bad_address, "not a regular file"},
      {"FILE:1x",  //
       "     ^", ErrorCode::bad_number, "not an offset in a file"},
      {"FILE:0x10(0x1y)",  //
       "          ^", ErrorCode::bad_number, "not the offset of a reference counter"},
      {"FILE:0x10(0x20",  //
       "              ^", ErrorCode::syntax, "')' is missing"},
      {"FILE:0x10(0x20)z",  //
       "               ^", ErrorCode::syntax, "nothing may follow"},
      {"FILE:0x10 a=@+x",  //
       "            ^", ErrorCode::bad_number, "not an offset in the file"},
      {"FILE:0x10 a=@jiffies",  //
       "            ^", ErrorCode::wrong_place, "a uprobe"},
      {"FILE:0x10 a=%nosuch",  //
       "            ^", ErrorCode::unknown_register, "no such register"},
      {"FILE:0x10 a=+0(%ax):u64[65]",  //
       "                        ^", ErrorCode::bad_number, "64 elements"},
      {"FILE:0x10 a=%ax:b40@0/32",  //
       "                ^", ErrorCode::bad_number, "bit field"},
      {"FILE:0x10 a=$comm:u32",  //
       "                  ^", ErrorCode::wrong_place, "strings"},
      {"FILE:0x10 a=%ax:symstr",  // the kernel's symbols mean nothing in a program
       "                ^", ErrorCode::unknown_type, "no such type"},
      {"FILE:0x10 a=\\\"open",  //
       "                  ^", ErrorCode::syntax, "not closed"},
  };
  for (const Row& row : rows) {
    const std::string_view wanted = row.line;
    const bool on_target = wanted.starts_with("FILE");
    const std::string head = format("p:{}/u ", group_);
    const std::string line =
        head + (on_target ? target_ + std::string(wanted.substr(4)) : std::string(wanted));
    Refusal refusal;
    const auto probe = install("u", line, &refusal);
    ASSERT_FALSE(probe.ok()) << row.line;
    EXPECT_EQ(word(probe.error().code), word(row.code)) << row.line;
    EXPECT_THAT(refusal.meaning, HasSubstr(row.says)) << row.line << refusal.kernel_text;
    const std::size_t grown = on_target ? target_.size() - 4 : 0;
    const std::size_t column = std::string_view(row.caret).find('^');
    EXPECT_EQ(refusal.column,
              static_cast<std::int64_t>(head.size() + column + (column > 0 ? grown : 0)))
        << row.line << ": " << refusal.kernel_text;
  }
  EXPECT_TRUE(ours().empty());
}

TEST_F(LiveUprobes, StayWhileInUse) {
  auto probe = install("u1", format("p:{}/u1 {}:0x10", group_, target_));
  ASSERT_DONE(probe);
  ASSERT_DONE(enable("u1", "1"));
  for (int way = 0; way < 2; ++way) {
    const auto listed = ours();
    ASSERT_EQ(listed.size(), 1u);
    const auto removed = way == 0 ? probe->remove(milliseconds(0))
                                  : tracefs::remove(tracefs_, listed[0], milliseconds(0));
    ASSERT_FALSE(removed.ok());
    EXPECT_EQ(removed.error().code, ErrorCode::busy);
    EXPECT_EQ(removed.error().sys_errno, EBUSY);
  }
  EXPECT_EQ(ours().size(), 1u);
  ASSERT_DONE(enable("u1", "0"));
  EXPECT_TRUE(probe->remove(milliseconds(2000)).ok());
  EXPECT_TRUE(ours().empty());
}

/// The identity of a process that has ended.
Result<RunOwner> somebody_dead() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return system_error(errno, "pipe");
  const UniqueFd from(ends[0]), into(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return system_error(errno, "fork");
  if (child == 0) {
    const auto self = own_identity();
    const std::uint64_t start = self.ok() ? self->start_time : 0;
    const bool told = ::write(into.get(), &start, sizeof start) == sizeof start;
    ::_exit(told ? 0 : 1);
  }
  std::uint64_t start = 0;
  const bool read = ::read(from.get(), &start, sizeof start) == sizeof start;
  ::waitpid(child, nullptr, 0);
  if (!read || start == 0) return Error(ErrorCode::io, "the child did not say who it is");
  return RunOwner{child, start};
}

TEST_F(LiveUprobes, OfTheDeadAreSweptAndNoOthers) {
  auto alive = install("u1", format("p:{}/u1 {}:0x10", group_, target_));
  ASSERT_DONE(alive);
  const auto owner = somebody_dead();
  ASSERT_DONE(owner);
  const std::string left = run_group(*owner);
  ASSERT_DONE(
      append(tracefs_, EventsFile::uprobe, format("p:{}/u1 {}:0x10", left, target_), nullptr));
  ASSERT_DONE(
      append(tracefs_, EventsFile::uprobe, format("r:{}/u2 {}:0x20", left, target_), nullptr));
  const Judge judge{true, [&](const RunOwner& asked) { return asked != *owner; }};
  const auto report = sweep(tracefs_, milliseconds(2000), judge);
  ASSERT_DONE(report);
  EXPECT_TRUE(report->failed.empty());
  EXPECT_EQ(report->removed.size(), 2u);
  for (const ListedProbe& probe : report->removed) EXPECT_EQ(probe.group, left);
  EXPECT_EQ(ours().size(), 1u);
}

TEST_F(LiveUprobes, AreCountedInTheOrderOfTheListing) {
  auto first = install("u1", format("p:{}/u1 {}:0x10", group_, target_));
  auto second = install("u2", format("r:{}/u2 {}:0x20", group_, target_));
  ASSERT_DONE(first);
  ASSERT_DONE(second);
  const auto counted = profile(tracefs_, EventsFile::uprobe);
  ASSERT_DONE(counted);
  std::vector<std::string> events;
  for (const ProfiledProbe& row : *counted) {
    if (row.probe.group == group_) events.push_back(row.probe.event);
  }
  EXPECT_EQ(events, (std::vector<std::string>{"u1", "u2"}));
}

TEST_F(LiveUprobes, AreNotTheKernelsOnlyDynamicEvents) {
  const auto readme = tracefs_.readme();
  ASSERT_DONE(readme);
  const bool has_fprobes =
      readme->find("\t           f[:[<group>/][<event>]]") != std::string::npos;
  Refusal refusal;
  const auto probe = InstalledProbe::install(tracefs_, EventsFile::dynamic, group_, "f1",
                                             format("f:{}/f1 vfs_read", group_), &refusal);
  ASSERT_EQ(probe.ok(), has_fprobes);
  if (has_fprobes) {
    EXPECT_EQ(ours().size(), 1u);
  } else {
    EXPECT_EQ(refusal.sys_errno, EINVAL);
    EXPECT_EQ(probe.error().code, ErrorCode::unsupported);
    EXPECT_THAT(probe.error().message, HasSubstr("no fprobe events"));
  }
}

}  // namespace
}  // namespace kprobed::tracefs
