// SPDX-License-Identifier: Apache-2.0
#include "daemon/session.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/format.h"
#include "fake_service.h"
#include "wire/codec.h"

namespace kprobed::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::string event(std::uint64_t seq) { return format(R"({{"type":"event","seq":{},)", seq); }

TEST(Session, Greets) {
  FakeService service;
  EXPECT_EQ(service.dial().line(), R"({"type":"hello"})");
}

TEST(Session, AnswersEachRequestWithItsId) {
  const struct {
    std::string request, answer;
  } rows[] = {
      {R"({"id":1,"method":"list"})", R"({"id":1,"result":{"probes":[]}})"},
      {R"({"id":"x","method":"list"})", R"({"id":"x","result":{"probes":[]}})"},
      {R"({"method":"list"})", R"({"id":null,"result":{"probes":[]}})"},
      {R"({"id":2,"method":"check","params":{"spec":"p x"}})",
       R"({"id":2,"result":{"text":"p x"}})"},
      {R"({"id":3,"method":"subscribe"})",
       R"({"id":3,"result":{"stream":"00c0ffee00c0ffee","next_seq":1}})"},
      {R"({"id":4,"method":"unsubscribe"})", R"({"id":4,"result":{}})"},
      {R"({"id":5,"method":"dance"})", R"({"id":5,"error":{"code":"usage")"},
      {R"({"id":6,"method":"check","params":{"spec":7}})", R"({"id":6,"error":{"code":"usage")"},
      {"garbage", R"({"id":null,"error":{"code":"malformed")"},
      {"\xff\xfe", R"({"id":null,"error":{"code":"malformed")"},
      {std::string(3, '\0'), R"({"id":null,"error":{"code":"malformed")"},
      {std::string(100'000, '['), R"({"id":null,"error":{"code":"too_many")"},
  };
  FakeService service;
  Client client = service.connect();  // one for all: an error ends nothing
  for (const auto& row : rows) {
    EXPECT_THAT(client.ask(row.request), StartsWith(row.answer)) << row.request.substr(0, 80);
  }
}

TEST(Session, ChangesAreRootsOnly) {
  FakeService service;
  Client client = service.connect();
  const std::string answer = client.ask(R"({"id":1,"method":"remove","params":{"probes":["x"]}})");
  if (::getuid() == 0) {
    EXPECT_EQ(answer, R"({"id":1,"result":{"probes":["x"]}})");
  } else {
    EXPECT_THAT(answer, HasSubstr(R"("code":"no_permission")"));
  }
}

TEST(Session, SaysHowFarARequestIsToWhoAsksForThat) {
  FakeService service;
  service.engine().hold();
  Client asks = service.connect(), asks_not = service.connect();
  asks_not.send(R"({"id":"x","method":"add","params":{"spec":"p y"}})"
                "\n");
  if (::getuid() != 0) {  // only root may add
    EXPECT_THAT(asks_not.line(), HasSubstr("no_permission"));
    return;
  }
  (void)service.engine().asked(1);
  asks.send(R"({"id":"a","method":"add","params":{"spec":"p x","progress":true}})"
            "\n");
  (void)service.engine().asked(2);
  service.engine().tell(1, 9);
  EXPECT_EQ(asks.line(), R"({"type":"progress","id":"a","done":1,"all":9})");
  service.engine().tell(8, 9);
  EXPECT_EQ(asks.line(), R"({"type":"progress","id":"a","done":8,"all":9})");
  service.engine().release();
  EXPECT_THAT(asks.line(), StartsWith(R"({"id":"a","result":)"));
  EXPECT_THAT(asks_not.line(), StartsWith(R"({"id":"x","result":)"));
  // The same for the others that may take a while.
  for (const std::string method : {"remove", "enable", "disable"}) {
    service.engine().hold();
    asks.send(
        format(R"({{"id":7,"method":"{}","params":{{"probes":["x"],"progress":true}}}})", method) +
        "\n");
    while (!service.engine().asked(1).back().starts_with(method)) std::this_thread::yield();
    service.engine().tell(2, 3);
    EXPECT_EQ(asks.line(), R"({"type":"progress","id":7,"done":2,"all":3})") << method;
    service.engine().release();
    EXPECT_EQ(asks.line(), R"({"id":7,"result":{"probes":["x"]}})") << method;
  }
}

TEST(Session, WhoDoesNotReadGetsNoHeapOfProgress) {
  FakeService service;
  service.engine().hold();
  Client client = service.connect();
  client.send(R"({"id":1,"method":"add","params":{"spec":"p x","progress":true}})"
              "\n");
  if (::getuid() != 0) {  // only root may add
    EXPECT_THAT(client.line(), HasSubstr("no_permission"));
    return;
  }
  (void)service.engine().asked(1);
  constexpr std::size_t kMany = 200'000;  // some 10 MB
  for (std::size_t i = 0; i < kMany; ++i) service.engine().tell(i, kMany);
  service.engine().release();
  std::size_t lines = 0;
  while (client.line().starts_with(R"({"type":"progress")")) ++lines;
  EXPECT_GT(lines, 0u);
  EXPECT_LT(lines, kMany);
}

TEST(Session, BlankLinesAreNothingAndLinesMayEndAsOnWindows) {
  FakeService service;
  Client client = service.connect();
  EXPECT_THAT(client.ask("\n \r\n{\"id\":1,\"method\":\"list\"}\r"), StartsWith(R"({"id":1,)"));
}

TEST(Session, AnswersComeInTheOrderOfTheRequests) {
  FakeService service;
  service.engine().hold();
  Client client = service.connect();
  client.send("{\"id\":1,\"method\":\"list\"}\nrubbish\n{\"id\":3,\"method\":\"list\"}\n");
  EXPECT_THAT(service.engine().asked(1), ElementsAre("list"));  // the third waits for the first
  service.engine().release();
  EXPECT_THAT(client.line(), StartsWith(R"({"id":1,)"));
  EXPECT_THAT(client.line(), HasSubstr("malformed"));
  EXPECT_THAT(client.line(), StartsWith(R"({"id":3,)"));
}

TEST(Session, OneThatWaitsForTheKernelHoldsUpNobody) {
  FakeService service;
  service.engine().hold();
  Client waiting = service.connect(), other = service.connect();
  waiting.send("{\"id\":1,\"method\":\"subscribe\"}\n{\"id\":2,\"method\":\"list\"}\n");
  service.engine().asked(1);
  EXPECT_THAT(other.ask(R"({"id":1,"method":"unsubscribe"})"), StartsWith(R"({"id":1,)"));
  service.publish(2);
  EXPECT_THAT(waiting.lines(3), ElementsAre(StartsWith(R"({"id":1,"result")"), StartsWith(event(1)),
                                            StartsWith(event(2))));
  service.engine().release();
  EXPECT_THAT(waiting.line(), StartsWith(R"({"id":2,"result")"));
}

TEST(Session, StreamsWhatComesAfterTheSubscription) {
  FakeService service;
  service.publish(5);
  Client client = service.connect();
  EXPECT_THAT(client.ask(R"({"method":"subscribe"})"), HasSubstr(R"("next_seq":6)"));
  service.publish(1);
  service.publish(2);
  EXPECT_THAT(client.lines(3),
              ElementsAre(StartsWith(event(6)), StartsWith(event(7)), StartsWith(event(8))));
  EXPECT_THAT(client.ask(R"({"method":"unsubscribe"})"), HasSubstr("result"));
  service.publish(1);
  EXPECT_THAT(client.ask(R"({"id":9,"method":"list"})"), StartsWith(R"({"id":9,)"));
}

TEST(Session, ItsOwnProcessIsLeftOutUnlessAskedFor) {
  const auto own = static_cast<std::uint32_t>(::getpid());
  const struct {
    std::string params;
    bool own_too;
  } rows[] = {
      {"{}", false},
      {R"({"own":true})", true},
      {format(R"({{"pids":[1,{}]}})", own), true},
  };
  for (const auto& row : rows) {
    FakeService service;
    Client client = service.connect();
    client.ask(R"({"method":"subscribe","params":)" + row.params + "}");
    service.publish(1, 100, own);
    service.publish(1, 100, 1);
    EXPECT_THAT(client.line(), StartsWith(event(row.own_too ? 1 : 2))) << row.params;
  }
}

// printf '...' | nc -U -N: the requests are answered, then the connection ends.
TEST(Session, HalfClosedWithoutSubscriptionEndsAfterTheAnswers) {
  FakeService service;
  service.engine().hold();
  Client client = service.connect();
  client.send("{\"id\":1,\"method\":\"list\"}\n{\"id\":2,\"method\":\"list\"}\n{\"id\":3,\"meth");
  client.close_sending_half();
  service.engine().asked(1);
  service.engine().release();
  EXPECT_THAT(client.lines(3),
              ElementsAre(StartsWith(R"({"id":1,)"), StartsWith(R"({"id":2,)"), "(end)"));
}

TEST(Session, HalfClosedSubscriptionGoesOn) {
  FakeService service;
  Client client = service.connect();
  client.send("{\"method\":\"subscribe\"}\n");
  client.close_sending_half();
  EXPECT_THAT(client.line(), HasSubstr("result"));
  for (std::uint64_t seq = 1; seq <= 3; ++seq) {
    service.publish(1);
    EXPECT_THAT(client.line(), StartsWith(event(seq)));
  }
  // Noticed though nothing is written to it.
  client.close();
  service.wait_for_clients(0);
}

TEST(Session, CountsPerClient) {
  FakeService service;
  Client client = service.connect();
  client.ask(R"({"method":"subscribe"})");
  service.publish(10);
  client.lines(10);
  auto infos = service.clients();
  ASSERT_EQ(infos.size(), 1U);
  EXPECT_EQ(infos[0], (wire::ClientInfo{.pid = static_cast<std::uint32_t>(::getpid()),
                                        .uid = ::getuid(),
                                        .subscribed = true,
                                        .lag = 0,
                                        .sent = 10,
                                        .dropped = 0}));
  client.ask(R"({"method":"subscribe"})");  // a new one: the counts go on
  service.publish(1);
  client.line();
  EXPECT_EQ(service.clients().at(0).sent, 11U);
  EXPECT_THAT(client.ask(R"({"id":1,"method":"status"})"), HasSubstr(R"("sent":11)"));
}

TEST(Session, EveryLineOfTheLogIsAccountedForPerClient) {
  FakeService service({.log_bytes = std::size_t{64} << 10});
  Client reads = service.connect();
  reads.ask(R"({"method":"subscribe","params":{"pids":[1]}})");
  Client stands = service.connect();  // takes what its socket holds, and falls off the log's tail
  stands.ask(R"({"method":"subscribe"})");
  std::size_t of_one = 0;
  for (int i = 0; i < 300; ++i) {
    service.publish(5, 1000, 1);
    service.publish(3, 1000, 2);
    of_one += 5;
    reads.lines(5);
  }
  const auto all = service.ledgers();
  ASSERT_EQ(all.size(), 2U);
  for (const wire::ClientLedger& one : all) {
    EXPECT_EQ(one.lines, 2400U);
    EXPECT_EQ(one.matched, one.sent + one.dropped + one.pending);
    EXPECT_EQ(one.unexplained, 0);
  }
  EXPECT_EQ(all[0].sent, of_one);
  EXPECT_EQ(all[0].skipped, 900U);
  EXPECT_EQ(all[0].dropped, 0U);
  EXPECT_GT(all[1].sent, 0U);
  EXPECT_GT(all[1].pending, 0U);
  EXPECT_EQ(all[1].skipped, 0U);
  // What it could not be sent meanwhile is dropped as soon as it reads again.
  stands.lines(static_cast<std::size_t>(all[1].sent) + 1);
  wire::ClientLedger later = service.ledgers().at(1);
  for (int tries = 0; tries < 1000 && later.dropped == 0; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    later = service.ledgers().at(1);
  }
  EXPECT_GT(later.dropped, 0U);
  EXPECT_EQ(later.unexplained, 0);
  // A new subscription: the counts go on.
  reads.ask(R"({"method":"subscribe"})");
  service.publish(1);
  reads.line();
  EXPECT_EQ(service.ledgers().at(0).lines, 2401U);
  EXPECT_EQ(service.ledgers().at(0).unexplained, 0);
}

TEST(Server, OneTooManyIsTold) {
  FakeService service({.max_clients = 2});
  const std::size_t places = 2 + (::getuid() == 0 ? kPlacesForRoot : 0);
  std::vector<Client> clients;
  while (clients.size() < places) clients.push_back(service.connect());
  Client refused = service.dial();
  EXPECT_THAT(refused.line(), AllOf(HasSubstr(R"("code":"too_many")"),
                                    HasSubstr("2 clients are connected already")));
  EXPECT_EQ(refused.line(), "(end)");
  clients.pop_back();
  service.wait_for_clients(places - 1);
  EXPECT_EQ(service.dial().line(), R"({"type":"hello"})");
}

TEST(Server, AtTheEndEverybodyGetsWhatIsInTheLog) {
  FakeService service;
  Client reader = service.connect(), idle = service.connect(), stuck = service.connect();
  reader.ask(R"({"method":"subscribe"})");
  stuck.ask(R"({"method":"subscribe"})");
  service.publish(5000);  // 500 kB: more than a socket holds
  std::vector<std::string> got;
  std::thread reading([&] { got = reader.lines(5001); });
  service.finish(std::chrono::milliseconds(1000));
  reading.join();
  EXPECT_THAT(got.at(4999), StartsWith(event(5000)));
  EXPECT_EQ(got.at(5000), "(end)");
  EXPECT_EQ(idle.line(), "(end)");
}

TEST(Server, WhileStoppingRequestsAreRefused) {
  FakeService service;
  Client client = service.connect();
  service.close_dispatcher();
  EXPECT_THAT(client.ask(R"({"id":1,"method":"list"})"), HasSubstr(R"("code":"cancelled")"));
}

}  // namespace
}  // namespace kprobed::daemon
