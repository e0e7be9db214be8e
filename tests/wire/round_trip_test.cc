// SPDX-License-Identifier: Apache-2.0
//
// What one side writes the other reads back, for random values of every message.
#include <gtest/gtest.h>

#include "random_fields.h"
#include "wire/codec.h"
#include "wire/raw_result.h"
#include "wire/state.h"

namespace kprobed::wire {
namespace {

using test::random_message;

constexpr int kRounds = 300;

class RoundTripTest : public testing::Test {
 protected:
  std::mt19937_64 random_{20090323};

  std::string random_id() {
    constexpr const char* kIds[] = {"null",
                                    "0",
                                    "7",
                                    "-3",
                                    "18446744073709551615",
                                    "1.50",
                                    "-0",
                                    "6.02e23",
                                    R"("a \"b\" \\")",
                                    "\"gr\xc3\xbc\xc3\x9f\""};
    return kIds[random_() % std::size(kIds)];
  }

  /// One of the two, as the protocol wants it.
  void settle(Selection& which) {
    which.all = random_() % 2 == 0;
    if (which.all) which.probes.clear();
    if (!which.all && which.probes.empty()) which.probes = {"vfs_*"};
  }

  template <typename Body>
  void request() {
    for (int i = 0; i < kRounds; ++i) {
      auto body = random_message<Body>(random_);
      if constexpr (requires { body.which; }) settle(body.which);
      const Request request{random_id(), body};
      const std::string line = encode_request(request);
      const auto back = decode_request(line);
      const auto* bad = std::get_if<BadRequest>(&back);
      ASSERT_EQ(bad, nullptr) << line << describe(bad->error);
      ASSERT_EQ(std::get<Request>(back), request) << line;
    }
  }

  template <typename Body>
  void reply() {
    for (int i = 0; i < kRounds; ++i) {
      const auto body = random_message<Body>(random_);
      const std::string id = random_id();
      const std::string line = encode_reply(id, body);
      const auto kind = classify(line);
      ASSERT_TRUE(kind.ok()) << line;
      ASSERT_EQ(kind->kind, ServerLine::Kind::reply) << line;
      ASSERT_EQ(kind->id, id) << line;
      const auto back = decode_reply<Body>(line);
      ASSERT_TRUE(back.ok()) << line << describe(back.error());
      ASSERT_EQ(*back, body) << line;
      ASSERT_EQ(line.find('\n'), line.size() - 1);
      ASSERT_EQ(line, "{\"id\":" + id + ",\"result\":" + raw_result(line) + "}\n");
    }
  }
};

TEST_F(RoundTripTest, Add) { request<AddRequest>(); }
TEST_F(RoundTripTest, Remove) { request<RemoveRequest>(); }
TEST_F(RoundTripTest, Enable) { request<EnableRequest>(); }
TEST_F(RoundTripTest, Disable) { request<DisableRequest>(); }
TEST_F(RoundTripTest, Apply) { request<ApplyRequest>(); }
TEST_F(RoundTripTest, List) { request<ListRequest>(); }
TEST_F(RoundTripTest, Check) { request<CheckRequest>(); }
TEST_F(RoundTripTest, Status) { request<StatusRequest>(); }
TEST_F(RoundTripTest, Subscribe) { request<SubscribeRequest>(); }
TEST_F(RoundTripTest, Unsubscribe) { request<UnsubscribeRequest>(); }

TEST_F(RoundTripTest, AddReply) { reply<AddReply>(); }
TEST_F(RoundTripTest, NamesReply) { reply<NamesReply>(); }
TEST_F(RoundTripTest, ApplyReply) { reply<ApplyReply>(); }
TEST_F(RoundTripTest, ListReply) { reply<ListReply>(); }
TEST_F(RoundTripTest, CheckReply) { reply<CheckReply>(); }
TEST_F(RoundTripTest, SubscribeReply) { reply<SubscribeReply>(); }
TEST_F(RoundTripTest, StatusReply) { reply<StatusReply>(); }
TEST_F(RoundTripTest, LedgerReply) { reply<LedgerReply>(); }
TEST_F(RoundTripTest, EmptyReply) { reply<EmptyReply>(); }

TEST_F(RoundTripTest, Progress) {
  for (int i = 0; i < kRounds; ++i) {
    const auto progress = random_message<Progress>(random_);
    const std::string id = random_id();
    const std::string line = encode_progress(id, progress);
    const auto kind = classify(line);
    ASSERT_TRUE(kind.ok()) << line;
    ASSERT_EQ(kind->kind, ServerLine::Kind::progress) << line;
    ASSERT_EQ(kind->id, id) << line;
    const auto back = decode_progress(line);
    ASSERT_TRUE(back.ok()) << describe(back.error());
    ASSERT_EQ(*back, progress);
  }
}

TEST_F(RoundTripTest, Gap) {
  for (int i = 0; i < kRounds; ++i) {
    const auto gap = random_message<GapLine>(random_);
    const auto back = decode_stream(encode_gap(gap));
    ASSERT_TRUE(back.ok()) << describe(back.error());
    ASSERT_EQ(*back, StreamLine(gap));
  }
}

TEST_F(RoundTripTest, Hello) {
  for (int i = 0; i < kRounds; ++i) {
    const auto hello = random_message<Hello>(random_);
    const auto back = decode_hello(encode_hello(hello));
    ASSERT_TRUE(back.ok()) << describe(back.error());
    ASSERT_EQ(*back, hello);
  }
}

TEST_F(RoundTripTest, Errors) {
  for (int i = 0; i < kRounds; ++i) {
    const auto error = random_message<WireError>(random_);
    const std::string line = encode_error(random_id(), error);
    const auto back = decode_error(line);
    ASSERT_TRUE(back.ok()) << line << describe(back.error());
    ASSERT_EQ(*back, error) << line;
  }
}

TEST_F(RoundTripTest, State) {
  for (int i = 0; i < kRounds; ++i) {
    auto state = random_message<StateFile>(random_);
    state.version = kStateVersion;
    const auto back = decode_state(encode_state(state));
    ASSERT_TRUE(back.ok()) << describe(back.error());
    ASSERT_EQ(*back, state);
  }
}

}  // namespace
}  // namespace kprobed::wire
