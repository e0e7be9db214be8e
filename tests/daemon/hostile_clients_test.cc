// SPDX-License-Identifier: Apache-2.0
//
// Whatever a client does, it gets its own error or its own loss, the others' streams are complete,
// and memory is bounded.
#include <gmock/gmock.h>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "fake_service.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KPROBED_SANITIZED 1  // they keep freed memory, so that it says nothing
#endif

namespace kprobed::daemon {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::size_t resident_kib() {
  const auto status = read_file("/proc/self/status");
  for (const std::string_view line : split_lines(*status)) {
    const auto words = split_words(line);
    if (words[0] == "VmRSS:") return *parse_number(words[1]);
  }
  return 0;
}

/// A client that reads all it is sent, and sees whether it is all there.
class Reader {
 public:
  explicit Reader(FakeService& service) : client_(service.connect()) {
    EXPECT_THAT(client_.ask(R"({"method":"subscribe"})"), HasSubstr("result"));
  }
  void read(std::size_t count) {
    for (; count > 0; --count) {
      const std::string line = client_.line();
      complete_ = complete_ && line.starts_with(format(R"({{"type":"event","seq":{},)", ++seq_));
    }
  }
  bool complete() const { return complete_; }

 private:
  Client client_;
  std::uint64_t seq_ = 0;
  bool complete_ = true;
};

constexpr std::size_t kBatch = 500;  ///< lines

void stream(FakeService& service, std::vector<Reader>& readers, std::size_t batches) {
  for (; batches > 0; --batches) {
    service.publish(kBatch);
    for (Reader& reader : readers) reader.read(kBatch);
  }
}

TEST(HostileClients, DisturbNobody) {
  FakeService service;
  std::vector<Reader> readers;
  readers.emplace_back(service);
  readers.emplace_back(service);

  // Never reads.
  Client deaf = service.connect();
  deaf.send("{\"method\":\"subscribe\"}\n");
  // Asks and asks, and never reads: its requests wait in its own socket.
  Client chatter = service.connect();
  std::thread chattering([&] {
    while (chatter.send("{\"method\":\"status\"}\nrubbish\n")) {
    }
  });
  // 10 MB without newline.
  Client endless = service.connect();
  ASSERT_TRUE(endless.send(std::string(10'000'000, 'x')));
  // Half a request, then gone.
  service.connect().send(R"({"id":1,"method":"sub)");
  // Half-closed and silent.
  Client half = service.connect();
  half.send("{\"method\":\"subscribe\"}\n");
  half.close_sending_half();
  // 200 that connect and do nothing.
  std::vector<Client> crowd;
  while (crowd.size() < 200) crowd.push_back(service.connect());

  stream(service, readers, 40);  // 2 MB through a log of 1 MB
  for (const Reader& reader : readers) EXPECT_TRUE(reader.complete());

  // Each has its own error or loss, and can go on.
  EXPECT_THAT(endless.line(), HasSubstr(R"("code":"too_long")"));
  EXPECT_THAT(endless.ask("\n{\"id\":7,\"method\":\"list\"}"), StartsWith(R"({"id":7,"result")"));
  EXPECT_THAT(deaf.line(), HasSubstr("result"));
  std::string line;
  std::uint64_t seq = 0;
  while (line = deaf.line(), line.starts_with(format(R"({{"type":"event","seq":{},)", seq + 1))) {
    ++seq;
  }
  EXPECT_THAT(line, StartsWith(format(R"({{"type":"dropped","from":{},)", seq + 1)));
  EXPECT_THAT(deaf.line(), StartsWith(R"({"type":"event")"));
  EXPECT_THAT(half.line(), HasSubstr("result"));

  chatter.close_sending_half();
  chattering.join();
}

TEST(HostileClients, MemoryIsBounded) {
  FakeService service;
  std::vector<Reader> readers;
  readers.emplace_back(service);
  stream(service, readers, 40);  // the log is full
  const std::size_t before = resident_kib();

  std::vector<Client> deaf;
  while (deaf.size() < 200) {
    deaf.push_back(service.connect());
    deaf.back().send("{\"method\":\"subscribe\"}\n");
  }
  stream(service, readers, 200);  // 10 MB each, if anybody kept it
  EXPECT_TRUE(readers[0].complete());

  Client endless = service.connect();
  ASSERT_TRUE(endless.send(std::string(50'000'000, 'x')));
  EXPECT_THAT(endless.line(), HasSubstr("too_long"));

  const std::size_t growth = resident_kib() - std::min(before, resident_kib());
  RecordProperty("growth_kib", static_cast<int>(growth));
  std::printf("200 clients that never read: %zu KiB more\n", growth);
#ifndef KPROBED_SANITIZED
  // About a write of 64 KiB for each, and some for the allocator.
  EXPECT_LT(growth, 200U * 256);
#endif
  std::uint64_t dropped = 0;
  for (const wire::ClientInfo& info : service.clients()) dropped += info.dropped;
  EXPECT_EQ(dropped, 0U);  // nobody has been told yet: they do not read
}

TEST(HostileClients, ComeAndGo) {
  FakeService service;
  std::vector<Reader> readers;
  readers.emplace_back(service);
  for (int round = 0; round < 300; ++round) {
    Client client = service.dial();
    switch (round % 4) {
      case 0:
        client.send("{\"method\":\"subscribe\"}\n");
        break;
      case 1:
        client.send("{\"method\":\"status\"}\n");
        break;
      case 2:
        client.close_sending_half();
        break;
      default:
        break;
    }
    if (round % 10 == 0) stream(service, readers, 1);
  }
  stream(service, readers, 1);
  EXPECT_TRUE(readers[0].complete());
  service.wait_for_clients(1);
}

}  // namespace
}  // namespace kprobed::daemon
