// SPDX-License-Identifier: Apache-2.0
#include "daemon/probe_files.h"

#include <gmock/gmock.h>

#include <fstream>

#include "temp_dir.h"

namespace kprobed::daemon {
namespace {

TEST(ProbeFiles, ByNameAndOnlyWhatIsCalledSo) {
  const TempDir dir;
  const auto write = [&](const char* name, const char* text) {
    std::ofstream(dir.path(name)) << text;
  };
  write("20-b.probes", "p b\n");
  write("10-a.probes", "# nothing\n");
  write("README", "no probes");
  write("a.probes~", "p old\n");
  write(".hidden.probes", "p hidden\n");
  std::filesystem::create_directory(dir.path("folder.probes"));
  const ProbeFiles found = read_probe_files(dir.path(""));
  ASSERT_EQ(found.files.size(), 2u);
  EXPECT_TRUE(found.files[0]->name.ends_with("/10-a.probes"));
  EXPECT_EQ(found.files[1]->text, "p b\n");
  // What cannot be read keeps its probes: its path is among those that are there.
  EXPECT_EQ(found.paths.size(), 3u);
  ASSERT_EQ(found.problems.size(), 1u);
  EXPECT_THAT(describe(found.problems[0]), testing::HasSubstr("folder.probes"));
}

TEST(ProbeFiles, WithoutAFolderThereAreNone) {
  const TempDir dir;
  const ProbeFiles found = read_probe_files(dir.path("nowhere"));
  EXPECT_TRUE(found.files.empty());
  EXPECT_TRUE(found.problems.empty());
  EXPECT_TRUE(found.complete);
}

TEST(ProbeFiles, OfAFolderThatCannotBeListedNothingIsKnown) {
  const TempDir dir;
  std::ofstream(dir.path("file")) << "no folder\n";
  const ProbeFiles found = read_probe_files(dir.path("file"));
  EXPECT_FALSE(found.complete);
  EXPECT_EQ(found.problems.size(), 1u);
}

}  // namespace
}  // namespace kprobed::daemon
