// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/connection.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "fake_daemon.h"
#include "kprobectl/exit_code.h"

namespace kprobed::kprobectl {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

/// What a newcomer meets: each its own sentence, its own advice and its own exit status.
void expect_error(const Result<Connection>& opened, int status, const std::string& message,
                  const std::string& hint) {
  ASSERT_FALSE(opened.ok()) << message;
  EXPECT_THAT(describe(opened.error()), HasSubstr(message));
  EXPECT_THAT(opened.error().hint, HasSubstr(hint)) << message;
  EXPECT_EQ(exit_code_of_connect(opened.error()), status) << message;
}

TEST(Connection, NoSocketMeansThatTheDaemonIsNotRunning) {
  const TempFolder folder;
  expect_error(Connection::open(folder / "kprobed.sock"), kNotRunning, "kprobed is not running",
               "systemctl start kprobed");
  expect_error(Connection::open(folder / "no/such/folder/kprobed.sock"), kNotRunning,
               "kprobed is not running", "systemctl start kprobed");
}

TEST(Connection, ALeftSocketMeansThatItHasCrashed) {
  const TempFolder folder;
  listen_at(folder / "kprobed.sock").reset();
  expect_error(Connection::open(folder / "kprobed.sock"), kNotRunning,
               "kprobed has crashed or was killed", "journalctl -u kprobed");
}

TEST(Connection, NoAccessMeansNotInTheGroup) {
  const TempFolder folder;
  const UniqueFd listener = listen_at(folder / "kprobed.sock");
  const bool root = ::geteuid() == 0;
  ASSERT_EQ(::chmod(folder.path().c_str(), 0), 0);
  if (root) {
    ASSERT_EQ(::seteuid(65534), 0);
  }
  const auto opened = Connection::open(folder / "kprobed.sock");
  if (root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  ASSERT_EQ(::chmod(folder.path().c_str(), 0700), 0);
  expect_error(opened, kNoPermission, "you are not in group kprobed",
               "sudo usermod -aG kprobed $USER, then log in again");
}

TEST(Connection, WhatIsNoSocketIsAMistakeInTheCommand) {
  const TempFolder folder;
  std::ofstream(folder / "file") << "text";
  expect_error(Connection::open(folder / "file"), kUsage, "is not a socket", "");
  expect_error(Connection::open(std::string(108, 'x')), kUsage, "1 to 107 bytes", "");
  expect_error(Connection::open(""), kUsage, "1 to 107 bytes", "");
}

TEST(Connection, TheGreetingDecides) {
  const struct {
    std::string greeting;
    bool stays;
    int status;
    const char* message;
  } rows[] = {
      {"", false, kFailed, "kprobed went away"},
      {R"({"type":"hel)", false, kFailed, "kprobed went away"},
      {wire::encode_error("null", refused("too_many", "200 clients are enough")), false, kFailed,
       "200 clients are enough"},
      {"SSH-2.0-OpenSSH_9.2\r\n", true, kFailed, "is not the socket of a kprobed"},
      {R"({"type":"event","seq":1})"
       "\n",
       true, kFailed, "is not the socket of a kprobed"},
      {"", true, kFailed, "kprobed has not answered"},
  };
  for (const auto& row : rows) {
    const FakeDaemon daemon({.greeting = row.greeting, .answers = {}, .stays = row.stays});
    expect_error(Connection::open(daemon.path(), {.greeting = milliseconds(100)}), row.status,
                 row.message, "");
  }
}

TEST(Connection, AsksOneThingAfterTheOther) {
  FakeDaemon daemon({.answers = {wire::encode_reply("1", wire::NamesReply{{"a"}}),
                                 // Lines that are no answer of ours are passed over.
                                 wire::encode_reply("7", wire::NamesReply{{"x"}}) +
                                     wire::encode_reply("2", wire::NamesReply{{"b"}})}});
  {
    auto connection = Connection::open(daemon.path());
    ASSERT_TRUE(connection.ok());
    EXPECT_EQ(connection->hello_line(), hello());
    for (const char* name : {"a", "b"}) {
      auto reply = connection->ask_for<wire::NamesReply>(
          wire::RemoveRequest{.which = {.probes = {name}, .all = false}});
      ASSERT_TRUE(reply.ok());
      EXPECT_THAT(reply->probes, testing::ElementsAre(name));
    }
  }
  ASSERT_EQ(daemon.requests().size(), 2u);
  EXPECT_EQ(daemon.requests()[1],
            wire::encode_request({.id = "2", .body = wire::RemoveRequest{{{"b"}, false}}}));
}

TEST(Connection, WhatTheDaemonAnswers) {
  const struct {
    const char* what;
    std::string answer;
    int status;
    const char* message;
    const char* hint;
  } rows[] = {
      {"no permission without a hint",
       wire::encode_error("1", refused("no_permission", "only root may add")), kNoPermission,
       "only root may add", "sudo"},
      {"a hint of its own stays",
       wire::encode_error("1", refused("no_permission", "no", "ask Anna")), kNoPermission, "no",
       "ask Anna"},
      {"refused", wire::encode_error("1", refused("not_found", "no probe 'x'")), kFailed,
       "no probe 'x'", ""},
      {"about the text that was sent",
       wire::encode_error("1", refused("symbol_not_found", "none", "", 1, 2, 4)), kUsage, "none",
       ""},
      {"could not even be read", wire::encode_error("null", refused("malformed", "?")), kFailed,
       "?", ""},
      {"a code of a newer daemon", wire::encode_error("1", refused("new", "so new")), kFailed,
       "so new", ""},
      {"goes before the end of the answer", R"({"id":1,"resu)", kFailed, "kprobed went away",
       "journalctl -u kprobed"},
      {"goes without a word", "", kFailed, "kprobed went away", "journalctl -u kprobed"},
      {"another reply", wire::encode_reply("1", wire::CheckReply{"text"}), kFailed,
       "read the reply of kprobed", ""},
      {"garbage", "garbage\n", kFailed, "", ""},
  };
  for (const auto& row : rows) {
    const FakeDaemon daemon({.answers = {row.answer}, .stays = false});
    auto connection = Connection::open(daemon.path());
    ASSERT_TRUE(connection.ok()) << row.what;
    auto reply = connection->ask_for<wire::AddReply>(
        wire::AddRequest{.spec = "p x y\n", .for_ms = std::nullopt},
        std::make_shared<Source>(Source{.name = "request", .text = "p x y\n"}));
    ASSERT_FALSE(reply.ok()) << row.what;
    EXPECT_THAT(describe(reply.error()), HasSubstr(row.message)) << row.what;
    EXPECT_THAT(reply.error().hint, HasSubstr(row.hint)) << row.what;
    EXPECT_EQ(exit_code_of(reply.error()), row.status) << row.what;
  }
}

class Heard final : public Meanwhile {
 public:
  void progress(const wire::Progress& progress) override { heard.push_back(progress); }
  void tick() override { ++ticks; }
  bool stopped() override { return ticks > stop_after; }

  std::vector<wire::Progress> heard;
  int ticks = 0, stop_after = 1000;
};

TEST(Connection, HearsHowFarItsRequestIs) {
  const FakeDaemon daemon({.answers = {wire::encode_progress("1", {1, 9}) +
                                       wire::encode_progress("2", {2, 9}) +  // somebody else's
                                       R"({"type":"progress","id":1,"done":"many"})" + "\n" +
                                       wire::encode_progress("1", {8, 9}) +
                                       wire::encode_reply("1", wire::NamesReply{{"a"}})}});
  auto connection = Connection::open(daemon.path());
  ASSERT_TRUE(connection.ok());
  Heard heard;
  const auto reply = connection->ask_for<wire::NamesReply>(
      wire::RemoveRequest{.which = {.probes = {"a"}}, .progress = true}, nullptr, &heard);
  ASSERT_TRUE(reply.ok()) << describe(reply.error());
  EXPECT_THAT(heard.heard, testing::ElementsAre(wire::Progress{1, 9}, wire::Progress{8, 9}));
}

TEST(Connection, WaitsNoLongerThanItIsWanted) {
  const FakeDaemon daemon({.answers = {""}});
  auto connection = Connection::open(daemon.path());
  ASSERT_TRUE(connection.ok());
  Heard heard;
  heard.stop_after = 0;
  const auto reply = connection->ask(wire::ListRequest{}, nullptr, &heard);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::cancelled);
  EXPECT_EQ(heard.ticks, 1);
}

TEST(Connection, DoesNotWaitForever) {
  const FakeDaemon daemon({.answers = {""}});
  auto connection = Connection::open(daemon.path(), {.reply = milliseconds(50)});
  ASSERT_TRUE(connection.ok());
  auto reply = connection->ask(wire::ListRequest{});
  ASSERT_FALSE(reply.ok());
  EXPECT_THAT(describe(reply.error()), HasSubstr("has not answered"));
}

}  // namespace
}  // namespace kprobed::kprobectl
