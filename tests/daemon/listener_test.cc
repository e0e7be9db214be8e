// SPDX-License-Identifier: Apache-2.0
#include "daemon/listener.h"

#include <gmock/gmock.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "temp_dir.h"

namespace kprobed::daemon {
namespace {

using testing::HasSubstr;

std::string own_group() { return ::getgrgid(::getgid())->gr_name; }
constexpr const char* kNoGroup = "no-such-group-of-kprobed";

mode_t mode_of(const std::string& path) {
  struct stat found {};
  EXPECT_EQ(::lstat(path.c_str(), &found), 0) << path;
  return found.st_mode & 07777;
}

/// What a killed daemon leaves: a name that nobody answers on.
void leave_stale_socket(const std::string& path) {
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  ASSERT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

TEST(Listener, MakesDirectoryAndSocketForTheGroupOnly) {
  const TempDir dir;
  const std::string path = dir.path("run/kprobed.sock");
  {
    const auto listener = Listener::open(path, own_group());
    ASSERT_TRUE(listener.ok()) << describe(listener.error());
    EXPECT_THAT(listener->warnings(), testing::IsEmpty());
    EXPECT_EQ(mode_of(dir.path("run")), 0750U);
    EXPECT_EQ(mode_of(path), 0660U);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Listener, WithoutTheGroupOnlyRootMayConnect) {
  const TempDir dir;
  const auto listener = Listener::open(dir.path("k.sock"), kNoGroup);
  ASSERT_TRUE(listener.ok());
  EXPECT_THAT(listener->warnings(), testing::ElementsAre(HasSubstr(kNoGroup)));
  EXPECT_EQ(mode_of(dir.path("k.sock")), 0600U);
}

TEST(Listener, ADirectoryThatIsNotOursStaysAsItIs) {
  const TempDir dir;
  ASSERT_EQ(::chmod(dir.path("").c_str(), 0711), 0);
  ASSERT_TRUE(Listener::open(dir.path("k.sock"), own_group()).ok());
  EXPECT_EQ(mode_of(dir.path(".")), 0711U);
}

TEST(Listener, RuntimeDirectoryIsOurs) {
  const TempDir dir;
  std::filesystem::create_directory(dir.path("run"));
  ASSERT_EQ(::chmod(dir.path("run").c_str(), 0755), 0);
  ::setenv("RUNTIME_DIRECTORY", dir.path("run").c_str(), 1);
  ASSERT_TRUE(Listener::open(dir.path("run/k.sock"), own_group()).ok());
  ::unsetenv("RUNTIME_DIRECTORY");
  EXPECT_EQ(mode_of(dir.path("run")), 0750U);
}

TEST(Listener, AStaleSocketIsReplaced) {
  const TempDir dir;
  leave_stale_socket(dir.path("k.sock"));
  const auto listener = Listener::open(dir.path("k.sock"), kNoGroup);
  EXPECT_TRUE(listener.ok());
}

TEST(Listener, ASecondOneIsRefusedAndDisturbsNothing) {
  const TempDir dir;
  const std::string path = dir.path("k.sock");
  const auto first = Listener::open(path, kNoGroup);
  ASSERT_TRUE(first.ok());
  const auto second = Listener::open(path, kNoGroup);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::busy);
  EXPECT_EQ(second.error().message,
            "another kprobed (pid " + std::to_string(::getpid()) + ") is serving '" + path + "'");
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(Listener, AFileInTheWayIsNotRemoved) {
  const TempDir dir;
  std::ofstream(dir.path("k.sock")) << "precious";
  const auto listener = Listener::open(dir.path("k.sock"), kNoGroup);
  ASSERT_FALSE(listener.ok());
  EXPECT_THAT(listener.error().message, HasSubstr("exists and is no socket"));
  EXPECT_EQ(std::filesystem::file_size(dir.path("k.sock")), 8U);
}

TEST(Listener, DoesNotRemoveWhatAnotherPutInItsPlace) {
  const TempDir dir;
  const std::string path = dir.path("k.sock");
  {
    const auto listener = Listener::open(path, kNoGroup);
    ASSERT_TRUE(listener.ok());
    std::filesystem::rename(path, dir.path("away"));  // keeps its inode number in use
    leave_stale_socket(path);
  }
  EXPECT_TRUE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace kprobed::daemon
