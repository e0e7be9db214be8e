// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/stream_command.h"

#include <fcntl.h>
#include <gmock/gmock.h>

#include "fake_daemon.h"
#include "kprobectl/exit_code.h"

namespace kprobed::kprobectl {
namespace {

using testing::HasSubstr;

// As the room `stream` and the daemon write them.
const std::string kSchema =
    R"({"type":"schema","probe":"a","kind":"p","spec":"p a s=+0(%di):string","symbol":"a",)"
    R"("offset":0,"args":[{"name":"s","type":"string","format":"text"}]})"
    "\n";
const std::string kProbe =
    R"({"type":"probe","seq":3,"time":"2026-11-23T03:14:06.000000000Z","ts":1,"probe":"a",)"
    R"("state":"disabled","reason":""})"
    "\n";
const std::string kDropped = "{\"type\":\"dropped\",\"from\":5,\"to\":6}\n";
const std::string kNew = "{\"type\":\"from_the_future\",\"x\":[1,2]}\n";

std::string event(unsigned seq) {
  return R"({"type":"event","seq":)" + std::to_string(seq) +
         R"(,"time":"2026-11-23T03:14:05.262389131Z","ts":262389131000,"cpu":1,"pid":2376,)"
         R"("tid":2376,"comm":"bash","probe":"a","kind":"p","symbol":"a","offset":0,)"
         R"("args":{"s":"0x1f"}})"
         "\n";
}

std::string subscribed() {
  return wire::encode_reply("1", wire::SubscribeReply{.stream = "s1", .next_seq = 1});
}

StreamOptions in(OutputForm form) {
  StreamOptions options;
  options.form = form;
  return options;
}

/// Streams what a daemon sends behind its reply.
Ran stream_of(const std::string& lines, StreamOptions options, bool stays) {
  const FakeDaemon daemon({.answers = {subscribed() + lines}, .stays = stays});
  options.daemon.socket = daemon.path();
  return run_captured([&] { return stream(options, STDOUT_FILENO); });
}

TEST(Stream, JsonIsPassedOnByteForByte) {
  const std::string odd = "{\"type\":\"event\",  \"not\": even JSON\t\n";
  const std::string all = kSchema + event(1) + odd + kProbe + kDropped + kNew;
  const std::string without_schema = event(1) + odd + kProbe + kDropped + kNew;
  for (const bool about_stream : {false, true}) {
    StreamOptions options = in(OutputForm::json);
    options.about_stream = about_stream;
    const Ran ran = stream_of(all, options, false);
    EXPECT_EQ(ran.out, about_stream ? hello() + all : without_schema);
    EXPECT_EQ(ran.status, kFailed);
    EXPECT_THAT(ran.err, HasSubstr("kprobed went away"));
    EXPECT_THAT(ran.err, HasSubstr("journalctl -u kprobed"));
  }
}

TEST(Stream, FormsForPeople) {
  ::setenv("TZ", "UTC", 1);
  const std::string lines = kSchema + event(1) + kProbe + kDropped + kNew;
  const Ran table = stream_of(lines, in(OutputForm::table), false);
  EXPECT_EQ(table.out,
            "TIME            CPU     PID COMM            PROBE                    ARGUMENTS\n"
            "03:14:05.262389   1    2376 bash            a                        s=\"0x1f\"\n"
            "03:14:06.000000      probe a: disabled\n"
            "                     dropped 2 lines (seq 5 to 6): this reader was too slow\n");
  const Ran trace = stream_of(lines, in(OutputForm::trace), false);
  EXPECT_THAT(trace.out, testing::StartsWith("# tracer: nop\n"));
  EXPECT_THAT(trace.out,
              testing::EndsWith("            bash-2376  [001]   262.389131: a: @a+0 \"0x1f\"\n"
                                "# probe a: disabled\n"
                                "# dropped 2 lines (seq 5 to 6): this reader was too slow\n"));
}

TEST(Stream, EndsAfterSoManyEvents) {
  for (const OutputForm form : {OutputForm::json, OutputForm::table, OutputForm::trace}) {
    StreamOptions options = in(form);
    options.count = 2;
    const Ran ran =
        stream_of(kSchema + event(1) + kProbe + event(2) + event(3), options, /*stays=*/true);
    EXPECT_EQ(ran.status, kDone);
    EXPECT_EQ(ran.err, "");
    if (form == OutputForm::json) {
      EXPECT_EQ(ran.out, event(1) + kProbe + event(2));
    }
  }
}

TEST(Stream, AskedForWhatTheUserWants) {
  FakeDaemon daemon({.answers = {subscribed() + event(1)}});
  const Ran ran = run_captured([&] {
    return stream({.daemon = {.socket = daemon.path(), .patience = {}},
                   .probes = {"vfs_*"},
                   .pids = {1, 2},
                   .count = 1,
                   .own = true,
                   .resume = "s0:41"},
                  STDOUT_FILENO);
  });
  EXPECT_EQ(ran.status, kDone);
  ASSERT_EQ(daemon.requests().size(), 1u);
  EXPECT_EQ(daemon.requests()[0],
            wire::encode_request(
                {.id = "1",
                 .body = wire::SubscribeRequest{.probes = {"vfs_*"},
                                                .pids = {1, 2},
                                                .resume = wire::Resume{.stream = "s0", .seq = 41},
                                                .own = true,
                                                .ledger = false}}));
}

TEST(Stream, AReaderThatClosesEndsItWell) {
  int fds[2];
  ASSERT_EQ(::pipe2(fds, O_CLOEXEC), 0);
  ::close(fds[0]);
  const UniqueFd writer(fds[1]);
  // Also where no event comes.
  for (const std::string& lines : {event(1), std::string()}) {
    const FakeDaemon daemon({.answers = {subscribed() + lines}});
    StreamOptions options;
    options.daemon.socket = daemon.path();
    const Ran ran = run_captured([&] { return stream(options, writer.get()); });
    EXPECT_EQ(ran.status, kDone);
    EXPECT_EQ(ran.err, "");
  }
}

TEST(Stream, AFullDiskDoesNot) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  const FakeDaemon daemon({.answers = {subscribed() + event(1)}});
  StreamOptions options;
  options.daemon.socket = daemon.path();
  const Ran ran = run_captured([&] { return stream(options, full.get()); });
  EXPECT_EQ(ran.status, kFailed);
  EXPECT_THAT(ran.err, HasSubstr("No space left on device"));
}

TEST(Stream, LinesThatCannotBeUnderstoodAreCounted) {
  StreamOptions options = in(OutputForm::table);
  options.count = 2;  // the first of the two counts: it is an event that cannot be shown
  const Ran ran =
      stream_of("{\"type\":\"event\",\"seq\":\"x\"}\nnonsense\n" + event(1), options, true);
  EXPECT_THAT(ran.err, HasSubstr("kprobectl: 2 lines of kprobed could not be understood: "));
}

TEST(Stream, TheDaemonsLastWord) {
  const Ran ran = stream_of(wire::encode_error("null", refused("exhausted", "no memory")),
                            in(OutputForm::json), false);
  EXPECT_EQ(ran.status, kFailed);
  EXPECT_EQ(ran.err, "kprobectl: no memory\n");
}

TEST(Stream, PlacesInAStream) {
  const struct {
    const char* text;
    const char* stream;
    std::uint64_t seq;
  } good[] = {{"s1:0", "s1", 0}, {"a:b:18446744073709551615", "a:b", UINT64_MAX}};
  for (const auto& row : good) {
    auto resume = parse_resume(row.text);
    ASSERT_TRUE(resume.ok()) << row.text;
    EXPECT_EQ(resume->stream, row.stream);
    EXPECT_EQ(resume->seq, row.seq);
  }
  for (const char* text :
       {"", "s1", "s1:", ":1", "s1:x", "s1:-1", "s1:1x", "s1: 1", "s1:18446744073709551616"}) {
    auto resume = parse_resume(text);
    ASSERT_FALSE(resume.ok()) << text;
    EXPECT_EQ(exit_code_of(resume.error()), kUsage);
  }
}

}  // namespace
}  // namespace kprobed::kprobectl
