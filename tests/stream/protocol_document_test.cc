// SPDX-License-Identifier: Apache-2.0
//
// docs/protocol.md's examples of events and schemas: the encoder writes these very lines.
#include <gtest/gtest.h>

#include "base/file.h"
#include "make_event.h"
#include "stream/json_lines.h"

namespace kprobed::stream {
namespace {

using decode::Unreadable;
using test::Arg;
using test::OneEvent;
using test::Show;

// 262.389131 s after boot was 2026-11-23T03:14:05.262389131Z.
constexpr std::int64_t kOffset = 1'795'403'645'262'389'131 - std::int64_t{262'389'131'000};

const std::vector<decode::Enumerator> kModes = {{0, "HRTIMER_MODE_ABS"}, {1, "HRTIMER_MODE_REL"}};

class ProtocolDocumentTest : public testing::Test {
 protected:
  ProtocolDocumentTest() {
    clock_.set_offset(kOffset);
    const auto document = read_file(KPROBED_PROTOCOL_DOCUMENT);
    EXPECT_TRUE(document.ok());
    if (document.ok()) document_ = *document;
  }

  void expect_in_document(const std::string& line) const {
    EXPECT_NE(document_.find("\n" + line), document_.npos) << "not in the document:\n" << line;
  }

  test::FewNames names_{{{0xffffffff81250000, "do_sys_open"}, {0xffffffff81260000, "f"}}};
  WallClock clock_;
  JsonLines lines_{names_, clock_};
  std::string document_;
};

TEST_F(ProtocolDocumentTest, Events) {
  /// The size that the document shows.
  class Sizes final : public AddressNames {
    Place place_of(std::uint64_t address) const override {
      if (address == 0xffffffff81250000 + 77) return {"do_sys_open", 77, 0, {}};
      if (address == 0x1045) return {"common_nsleep", 0x45, 0x60, {}};
      return {};
    }
  };
  const Sizes names;
  JsonLines lines(names, clock_);
  struct Row {
    std::uint64_t seq;
    decode::Stamp stamp;
    const char* comm;
    bool late;
    ProbeLabel label;
    std::uint64_t ip, ret_ip;
    std::vector<Arg> args;
  };
  const Row rows[] = {
      {805,
       {.id = 0, .pid = 911, .tid = 911, .time_ns = 262'326'741'869, .cpu = 0},
       "sshd",
       false,
       {"tcp_v4", 'p', "tcp_v4_send_*", 0, ""},
       0x2004,
       0,
       {{"sk", Show::hex, 8, 0xffff8881035a8000}}},
      {806,
       {.id = 0, .pid = 2376, .tid = 2376, .time_ns = 262'336'741'869, .cpu = 1},
       "bash",
       false,
       {"readline", 'r', "readline", 0, "", "/bin/bash"},
       1,
       0x55d0c2a4b1e2,
       {{"line", Show::text, 4, 0, "ls -l"}}},
      {807,
       {.id = 0, .pid = 2376, .tid = 2376, .time_ns = 262'346'741'869, .cpu = 1},
       "bash",
       false,
       {"exit", 't', "sched/sched_process_exit", 0, ""},
       0,
       0,
       {test::text_in_place("comm", 16, "bash"),
        {"pid", Show::signed_number, 4, 2376},
        {"prio", Show::signed_number, 4, 120}}},
      {808,
       {.id = 0, .pid = 2380, .tid = 2380, .time_ns = 262'356'741'869, .cpu = 0},
       "sleep",
       false,
       {"nap", 'p', "hrtimer_nanosleep", 0, ""},
       1,
       0,
       {test::enumeration("mode", 4, 1, false, kModes),
        {"restart", Show::boolean, 1, 0},
        {"tag", Show::character, 1, 'x'},
        test::texts("argv", {{.name = "", .text = "sleep"}, {.name = "", .fault = true}}),
        test::numbers("mac", Show::unsigned_number, 1, {82, 84, 0}),
        {"from", Show::symbol, 8, 0x1045}}},
      {812,
       {.id = 0, .pid = 2376, .tid = 2376, .time_ns = 262'389'131'000, .cpu = 1},
       "bash",
       false,
       {"do_sys_openat2", 'p', "do_sys_openat2", 0, ""},
       1,
       0,
       {{"a1", Show::hex, 4, 0xffffff9c}, {"a2", Show::text, 4, 0, "/etc/passwd"}}},
      {813,
       {.id = 0, .pid = 2376, .tid = 2376, .time_ns = 262'391'166'000, .cpu = 1},
       "bash",
       false,
       {"do_sys_openat2_ret", 'r', "do_sys_openat2", 0, ""},
       1,
       0xffffffff81250000 + 77,
       {{"rv", Show::signed_number, 4, 3}}},
      {814,
       {.id = 0, .pid = 2380, .tid = 2381, .time_ns = 262'391'800'000, .cpu = 0},
       "caf\xc3",
       true,
       {"opens", 'r', "do_sys_openat2", 0, ""},
       1,
       0xffffffffc0123456,
       {{"path", Show::text, 4, 0, "", true},
        {"name", Show::text, 4, 0,
         "x\xff"
         "A"}}},
  };
  for (const Row& row : rows) {
    OneEvent one(row.label, row.args, row.ip, row.ret_ip);
    if (row.label.name == "tcp_v4") one.plan.members = {{0x2000, 0x2040, "tcp_v4_send_check"}};
    one.event.seq = row.seq;
    one.event.stamp = row.stamp;
    one.event.comm = row.comm;
    one.event.late = row.late;
    std::string line;
    ASSERT_TRUE(lines.event(one.event, line));
    expect_in_document(line);
  }
}

TEST_F(ProtocolDocumentTest, Schemas) {
  struct Row {
    ProbeLabel label;
    std::vector<MemberLabel> members;
    std::vector<Arg> args;
    std::vector<FieldNote> notes;
  };
  const Row rows[] = {
      {{"do_sys_openat2", 'p', "do_sys_openat2", 0, "p do_sys_openat2 a1 a2:ustring"},
       {},
       {{"a1"}, {"a2", Show::text, 4}},
       {{}, {Unreadable::null}}},
      {{"tcp_v4", 'p', "tcp_v4_send_*", 0, "p:tcp_v4 tcp_v4_send_*"},
       {{1, 2, "tcp_v4_send_check"}, {2, 3, "tcp_v4_send_reset"}},
       {{"sk"}},
       {{Unreadable::never, "struct sock *"}}},
      {{"readline", 'r', "readline", 0, "r:readline /bin/bash:readline line=+0(rv):ustring",
        "/bin/bash"},
       {},
       {{"line", Show::text, 4}},
       {{Unreadable::null}}},
      {{"nap", 'p', "hrtimer_nanosleep", 0, "p:nap hrtimer_nanosleep mode w=+0($stack):x64[2]"},
       {},
       {test::enumeration("mode", 4, 1, false, kModes), test::numbers("w", Show::hex, 8, {0, 0})},
       {{Unreadable::never, "enum hrtimer_mode"}, {Unreadable::zero}}},
  };
  for (const Row& row : rows) {
    OneEvent one(row.label, row.args, 1);
    one.plan.members = row.members;
    one.plan.notes = row.notes;
    std::string line;
    lines_.schema(one.plan, line);
    expect_in_document(line);
  }
}

}  // namespace
}  // namespace kprobed::stream
