// SPDX-License-Identifier: Apache-2.0
#include "tracefs/event_lines.h"

#include <gtest/gtest.h>

#include "fake_tracefs.h"

namespace kprobed::tracefs {
namespace {

using std::chrono::milliseconds;

constexpr const char* kForeign = "p:foreign/one vfs_read\nr10:foreign/two vfs_read rv=$retval\n";

TEST(Append, KeepsWhatIsThere) {
  FakeTracefs fake;
  fake.write("kprobe_events", kForeign);
  Refusal refusal;
  ASSERT_TRUE(
      append(fake.tracefs(), EventsFile::kprobe, "p:kprobed/e1 vfs_read a1=%di:x64", &refusal)
          .ok());
  ASSERT_TRUE(append(fake.tracefs(), EventsFile::kprobe, "p:kprobed/e2 vfs_write", nullptr).ok());
  EXPECT_EQ(fake.read("kprobe_events"), std::string(kForeign) +
                                            "p:kprobed/e1 vfs_read a1=%di:x64\n"
                                            "p:kprobed/e2 vfs_write\n");
  EXPECT_EQ(refusal.sys_errno, 0);
}

TEST(Append, RefusesWhatTheKernelWouldMisread) {
  struct Row {
    std::string line;
    ErrorCode code;
  };
  const Row rows[] = {
      {std::string(kMaxLine + 1, 'p'), ErrorCode::too_long},
      {"p:kprobed/a vfs_read\n-:kprobed/b", ErrorCode::syntax},
      {"p:kprobed/a vfs_read # a=%di", ErrorCode::syntax},
      {"", ErrorCode::syntax},
      {" \t", ErrorCode::syntax},
  };
  FakeTracefs fake;
  fake.write("kprobe_events", kForeign);
  for (const Row& row : rows) {
    Refusal refusal;
    refusal.sys_errno = 99;
    const auto done = append(fake.tracefs(), EventsFile::kprobe, row.line, &refusal);
    ASSERT_FALSE(done.ok()) << row.line;
    EXPECT_EQ(done.error().code, row.code) << row.line;
    EXPECT_EQ(refusal.sys_errno, 0) << row.line;
  }
  EXPECT_EQ(fake.read("kprobe_events"), kForeign);
}

TEST(Append, TakesTheLongestLine) {
  FakeTracefs fake;
  fake.write("kprobe_events", "");
  const std::string line = "p:kprobed/a " + std::string(kMaxLine - 12, 'f');
  ASSERT_TRUE(append(fake.tracefs(), EventsFile::kprobe, line, nullptr).ok());
  EXPECT_EQ(fake.read("kprobe_events"), line + "\n");
}

TEST(Append, WritesToTheFileNamed) {
  FakeTracefs fake;
  for (const EventsFile file : kEventsFiles) {
    fake.write(file_name(file), "p:foreign/one x\n");
    ASSERT_TRUE(append(fake.tracefs(), file, "p:kprobed/e1 y", nullptr).ok()) << file_name(file);
    EXPECT_EQ(fake.read(file_name(file)), "p:foreign/one x\np:kprobed/e1 y\n");
  }
}

TEST(Append, NamesTheFileThatRefuses) {
  for (const EventsFile file : kEventsFiles) {
    FakeTracefs fake;
    std::filesystem::create_symlink("/dev/full", fake.path(file_name(file)));
    const auto done = append(fake.tracefs(), file, "p:kprobed/e1 y", nullptr);
    ASSERT_FALSE(done.ok());
    EXPECT_TRUE(describe(done.error())
                    .starts_with("append to '" + fake.path(file_name(file)).string() + "': "))
        << describe(done.error());
  }
}

TEST(Append, MakesNoFile) {
  FakeTracefs fake;
  Refusal refusal;
  const auto done = append(fake.tracefs(), EventsFile::kprobe, "p:kprobed/a vfs_read", &refusal);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().sys_errno, ENOENT);
  EXPECT_EQ(refusal.sys_errno, 0);
  EXPECT_FALSE(std::filesystem::exists(fake.path("kprobe_events")));
}

TEST(Append, ExplainsARefusedWrite) {
  // /dev/full takes no byte: the one refusal to be had without a kernel that knows kprobes.
  FakeTracefs fake;
  std::filesystem::create_symlink("/dev/full", fake.path("kprobe_events"));
  Refusal refusal;
  const auto done = append(fake.tracefs(), EventsFile::kprobe, "p:kprobed/a vfs_read", &refusal);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(refusal.sys_errno, ENOSPC);
  EXPECT_EQ(refusal.code, ErrorCode::kernel_refused);
  EXPECT_EQ(done.error().code, ErrorCode::kernel_refused);
  EXPECT_EQ(done.error().sys_errno, ENOSPC);
  EXPECT_EQ(describe(done.error()),
            "append to '" + fake.path("kprobe_events").string() +
                "': the kernel refuses the line and does not say why: No space left on device");
}

TEST(List, ReadsTheFile) {
  FakeTracefs fake;
  fake.write("kprobe_events", kForeign);
  const auto listing = list(fake.tracefs());
  ASSERT_TRUE(listing.ok());
  EXPECT_EQ(*listing, parse_listing(kForeign));
  EXPECT_EQ(listing->size(), 2u);
}

TEST(Remove, WritesTheFullText) {
  FakeTracefs fake;
  fake.write("kprobe_events", kForeign);
  const auto listing = parse_listing("r10:kprobed/e3 vfs_read rv=$retval:s64\n");
  ASSERT_TRUE(remove(fake.tracefs(), listing.at(0), milliseconds(0)).ok());
  EXPECT_EQ(fake.read("kprobe_events"),
            std::string(kForeign) + "-:kprobed/e3 vfs_read rv=$retval:s64\n");
}

TEST(Remove, SaysWhatItCouldNotDo) {
  FakeTracefs fake;
  std::filesystem::create_symlink("/dev/full", fake.path("kprobe_events"));
  const auto listing = parse_listing("p:kprobed/e3 vfs_read\n");
  const auto removed = remove(fake.tracefs(), listing.at(0), milliseconds(0));
  ASSERT_FALSE(removed.ok());
  EXPECT_EQ(removed.error().sys_errno, ENOSPC);
  EXPECT_TRUE(
      describe(removed.error()).starts_with("remove 'kprobed/e3': write '-:kprobed/e3 vfs_read': "))
      << describe(removed.error());
}

}  // namespace
}  // namespace kprobed::tracefs
