// SPDX-License-Identifier: Apache-2.0
#include "daemon/subscription.h"

#include <gmock/gmock.h>

#include "wire/codec.h"

namespace kprobed::daemon {
namespace {

constexpr std::uint32_t kClient = 42;

/// One line each, whose text is its seq.
void publish(stream::StreamLog& log, std::size_t count, std::uint32_t pid = 1) {
  for (; count > 0; --count) {
    auto chunk = std::make_shared<stream::LogChunk>();
    const std::uint64_t seq = log.extent().next;
    chunk->text += std::to_string(seq) + "\n";
    stream::LogLine line;
    line.seq = seq;
    line.end = static_cast<std::uint32_t>(chunk->text.size());
    line.probe = 1;
    line.pid = pid;
    line.event = true;
    chunk->lines.push_back(line);
    log.publish(std::move(chunk));
  }
}

std::string take(Subscription& subscription) {
  stream::LineBatch batch;
  while (subscription.take(batch, 1 << 20)) {
  }
  std::string out;
  batch.copy_rest(0, out);
  return out;
}

// The log holds 3 to 5 of stream "now" (1 and 2 have fallen off), then comes 6.
TEST(Subscription, WhereItBegins) {
  const auto gap = [](std::uint64_t from, std::string_view reason) {
    wire::GapLine line;
    line.stream = "now";
    line.from = from;
    line.reason = reason;
    return wire::encode_gap(line);
  };
  const std::string dropped = R"({"type":"dropped","from":)";
  using Resume = std::optional<wire::Resume>;
  const struct {
    Resume resume;
    std::uint64_t next_seq;
    std::string out;
  } rows[] = {
      {{}, 6, "6\n"},
      {wire::Resume{"now", 4}, 5, "5\n6\n"},
      {wire::Resume{"now", 5}, 6, "6\n"},
      {wire::Resume{"now", 2}, 3, "3\n4\n5\n6\n"},
      {wire::Resume{"now", 0}, 1, dropped + "1,\"to\":2}\n3\n4\n5\n6\n"},
      {wire::Resume{"now", 6}, 6, gap(6, "ahead") + "6\n"},
      {wire::Resume{"now", UINT64_MAX}, 6, gap(6, "ahead") + "6\n"},
      {wire::Resume{"before", 4}, 3, gap(3, "restart") + "3\n4\n5\n6\n"},
  };
  for (const auto& row : rows) {
    // Each chunk weighs the same, so that three fit.
    stream::StreamLog one(1, "now");
    publish(one, 1);
    stream::StreamLog log(3 * one.extent().bytes, "now");
    stream::ProbeDirectory directory;
    publish(log, 5);
    ASSERT_EQ(log.extent().oldest, 3U);
    Subscription subscription(log, directory, kClient);
    wire::SubscribeRequest request;
    request.resume = row.resume;
    const wire::SubscribeReply reply = subscription.start(request);
    EXPECT_EQ(reply, (wire::SubscribeReply{.stream = "now", .next_seq = row.next_seq}));
    std::string out = take(subscription);
    publish(log, 1);
    EXPECT_EQ(out + take(subscription), row.out);
  }
}

TEST(Subscription, LeavesOutItsOwnProcess) {
  const struct {
    std::vector<std::uint32_t> pids;
    bool own;
    std::uint32_t client;
    std::string out;
  } rows[] = {
      {{}, false, kClient, "2\n"},        {{}, true, kClient, "1\n2\n"},
      {{kClient}, false, kClient, "1\n"}, {{7}, false, kClient, "2\n"},
      {{7}, true, kClient, "2\n"},        {{}, false, 0, "1\n2\n"},
  };
  for (const auto& row : rows) {
    stream::StreamLog log(1 << 20, "now");
    stream::ProbeDirectory directory;
    Subscription subscription(log, directory, row.client);
    wire::SubscribeRequest request;
    request.pids = row.pids;
    request.own = row.own;
    subscription.start(request);
    publish(log, 1, kClient);
    publish(log, 1, 7);
    EXPECT_EQ(take(subscription), row.out);
  }
}

TEST(Subscription, Counts) {
  stream::StreamLog log(1 << 20, "now");
  stream::ProbeDirectory directory;
  Subscription subscription(log, directory, kClient);
  publish(log, 2);
  EXPECT_EQ(subscription.lag(), 0U);
  subscription.start({});
  publish(log, 3);
  EXPECT_EQ(subscription.lag(), 3U);
  take(subscription);
  EXPECT_EQ(subscription.lag(), 0U);
  EXPECT_EQ(subscription.sent(), 3U);
  subscription.start({});
  publish(log, 1);
  take(subscription);
  subscription.stop();
  EXPECT_FALSE(subscription.active());
  EXPECT_EQ(take(subscription), "");
  EXPECT_EQ(subscription.sent(), 4U);
  EXPECT_EQ(subscription.dropped(), 0U);
}

}  // namespace
}  // namespace kprobed::daemon
