// SPDX-License-Identifier: Apache-2.0
#include "daemon/authorizer.h"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace kprobed::daemon {
namespace {

TEST(Authorizer, WhoMayDoWhat) {
  const struct {
    wire::RequestBody request;
    bool reader, root;
  } rows[] = {
      {wire::AddRequest{}, false, true},        {wire::RemoveRequest{}, false, true},
      {wire::EnableRequest{}, false, true},     {wire::DisableRequest{}, false, true},
      {wire::ApplyRequest{}, false, true},      {wire::ListRequest{}, true, true},
      {wire::CheckRequest{}, true, true},       {wire::StatusRequest{}, true, true},
      {wire::LedgerRequest{}, true, true},      {wire::SubscribeRequest{}, true, true},
      {wire::UnsubscribeRequest{}, true, true},
  };
  ASSERT_EQ(std::size(rows), std::variant_size_v<wire::RequestBody>);
  for (const auto& row : rows) {
    const auto name = wire::method_name(row.request);
    EXPECT_EQ(authorize({.pid = 7, .uid = 1000, .gid = 0}, row.request).ok(), row.reader) << name;
    EXPECT_EQ(authorize({.pid = 7, .uid = 0, .gid = 1000}, row.request).ok(), row.root) << name;
    // 65534: a user of another user namespace.
    EXPECT_EQ(authorize({.pid = 0, .uid = 65534, .gid = 0}, row.request).ok(), row.reader) << name;
  }
}

TEST(Authorizer, TheRefusalSaysWhoAndWhatToDo) {
  const auto refused = authorize({.pid = 7, .uid = 1000, .gid = 1000}, wire::AddRequest{});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::no_permission);
  EXPECT_EQ(refused.error().message, "'add' needs root, and you are uid 1000");
  EXPECT_THAT(refused.error().hint, testing::HasSubstr("sudo"));
}

TEST(Authorizer, TheKernelSaysWhoConnected) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const UniqueFd one(ends[0]), other(ends[1]);
  const auto peer = peer_of(one.get());
  ASSERT_TRUE(peer.ok());
  EXPECT_EQ(
      *peer,
      (Peer{.pid = static_cast<std::uint32_t>(::getpid()), .uid = ::getuid(), .gid = ::getgid()}));
  EXPECT_FALSE(peer_of(-1).ok());
}

}  // namespace
}  // namespace kprobed::daemon
