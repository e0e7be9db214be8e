// SPDX-License-Identifier: Apache-2.0
//
// add, apply, remove, enable, disable, list, status against a daemon that follows a script.
#include <gmock/gmock.h>

#include <fstream>
#include <functional>

#include "fake_daemon.h"
#include "kprobectl/add_command.h"
#include "kprobectl/exit_code.h"
#include "kprobectl/select_command.h"
#include "kprobectl/status_command.h"

namespace kprobed::kprobectl {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

wire::ProbeInfo armed(const std::string& name) {
  wire::ProbeInfo probe;
  probe.name = name;
  probe.state = "armed";
  probe.cpus = 2;
  return probe;
}

AddOptions add_options(const std::string& socket, std::vector<std::string> specs) {
  AddOptions options;
  options.daemon.socket = socket;
  options.input.arguments = std::move(specs);
  return options;
}

TEST(Add, SaysWhatWasArmed) {
  wire::ProbeInfo second = armed("vfs_read_ret");
  second.expires_ms = 599'900;
  FakeDaemon daemon(
      {.answers = {wire::encode_reply("1", wire::AddReply{{armed("do_sys_openat2"), second}})}});
  AddOptions options = add_options(daemon.path(), {"p do_sys_openat2 a1", "r vfs_read rv:s64"});
  options.keep_for = std::chrono::minutes(10);
  options.follow_drift = options.disabled = options.allow_oversize = true;
  const Ran ran = run_captured([&] { return add(options); });
  EXPECT_EQ(ran.status, kDone);
  EXPECT_EQ(ran.out,
            "do_sys_openat2: armed on 2 CPUs\n"
            "vfs_read_ret: armed on 2 CPUs, for 10m\n");
  EXPECT_EQ(ran.err, "");
  ASSERT_EQ(daemon.requests().size(), 1u);
  EXPECT_EQ(daemon.requests()[0],
            wire::encode_request(
                {.id = "1",
                 .body = wire::AddRequest{.spec = "p do_sys_openat2 a1\nr vfs_read rv:s64\n",
                                          .for_ms = 600'000,
                                          .resolve = true,
                                          .disabled = true,
                                          .allow_oversize = true,
                                          .progress = true}}));
}

TEST(Add, ATypoDiesHere) {
  // Nobody is asked: there is no daemon at all.
  const Ran ran = run_captured([] {
    return add(add_options("/nonexistent", {"p vfs_read a1", "p x rv"}));
  });
  EXPECT_EQ(ran.status, kUsage);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, StartsWith("argument 2:1:5: "));
  EXPECT_THAT(ran.err, HasSubstr("\n  p x rv\n      ^~\n"));
}

TEST(Add, ErrorsAndNotesPointIntoTheUsersOwnText) {
  const TempFolder folder;
  std::ofstream(folder / "my.probes") << "# mine\n  p nosuch a1\n";
  {
    const FakeDaemon daemon({.answers = {wire::encode_error(
                                 "1", refused("symbol_not_found", "symbol 'nosuch' not found",
                                              "look into /proc/kallsyms", 3, 4, 10))}});
    AddOptions options = add_options(daemon.path(), {"p vfs_read"});
    options.input.files = {folder / "my.probes"};
    const Ran ran = run_captured([&] { return add(options); });
    EXPECT_EQ(ran.status, kUsage);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(ran.err, (folder / "my.probes") +
                           ":2:5: symbol 'nosuch' not found\n"
                           "    p nosuch a1\n"
                           "      ^~~~~~\n"
                           "  hint: look into /proc/kallsyms\n");
  }
  wire::ProbeInfo second = armed("do_sys_open");
  second.notes = {{.code = "inlined",
                   .message = "it is inlined",
                   .hint = "--resolve",
                   .line = 2,
                   .begin = 2,
                   .end = 13},
                  {.code = "x", .message = "no place", .hint = ""}};
  const FakeDaemon daemon(
      {.answers = {wire::encode_reply("1", wire::AddReply{{armed("vfs_read"), second}})}});
  const Ran ran = run_captured([&] {
    return add(add_options(daemon.path(), {"p vfs_read", "p do_sys_open a1"}));
  });
  EXPECT_EQ(ran.status, kDone);
  EXPECT_EQ(ran.err,
            "argument 2:1:3: note: it is inlined\n"
            "  p do_sys_open a1\n"
            "    ^~~~~~~~~~~\n"
            "  hint: --resolve\n"
            "note: no place\n");
}

TEST(Add, HintsAtTheSignOfAReturnValue) {
  const struct {
    const char* spec;
    const char* blamed;  ///< the word; nullptr: no hint
  } rows[] = {
      {"r vfs_read rv", "rv"},
      {"r vfs_read rp rv", "rv"},
      {"r vfs_read e=$retval", "$retval"},
      {"r vfs_read rv:s64", nullptr},
      {"r vfs_read rv:x64", nullptr},
      {"r vfs_read +8(rv)", nullptr},
      {"r vfs_read rp", nullptr},
      {"p vfs_read a1", nullptr},
  };
  for (const auto& row : rows) {
    const FakeDaemon daemon(
        {.answers = {wire::encode_reply("1", wire::AddReply{{armed("vfs_read_ret")}})}});
    const Ran ran = run_captured([&] { return add(add_options(daemon.path(), {row.spec})); });
    EXPECT_EQ(ran.status, kDone);
    if (row.blamed == nullptr) {
      EXPECT_EQ(ran.err, "") << row.spec;
    } else {
      const std::string word = row.blamed;
      EXPECT_THAT(ran.err, HasSubstr("note: " + word + " is shown in hex\n")) << row.spec;
      EXPECT_THAT(ran.err, HasSubstr("hint: " + word + ":s32 or " + word + ":s64 gives"));
    }
  }
}

TEST(Add, StatesOfNewProbes) {
  wire::ProbeInfo one = armed("a");
  one.cpus = 1;
  wire::ProbeInfo held = armed("b\x1b");
  held.state = "held";
  held.cpus = 0;
  held.reason = "after three crashes";
  EXPECT_EQ(added_line(one), "a: armed on 1 CPU\n");
  EXPECT_EQ(added_line(held), "b\\x1b: held: after three crashes\n");
}

TEST(Add, TooMuchForOneRequest) {
  const Ran ran = run_captured([] {
    return add(add_options("/nonexistent", {"p x" + std::string(wire::kMaxSpecBytes, '\n')}));
  });
  EXPECT_EQ(ran.status, kUsage);
  EXPECT_THAT(ran.err, HasSubstr("kprobed takes 256.0 KiB at a time"));
}

TEST(Apply, PrintsTheDifference) {
  const TempFolder folder;
  std::ofstream(folder / "empty") << "";
  std::ofstream(folder / "two") << "p a\np b\n";
  const struct {
    const char* file;
    const char* sent;
    wire::ApplyReply reply;
    const char* out;
  } rows[] = {
      {"two",
       "p a\np b\n",
       {.added = {"a"}, .removed = {"c", "d"}, .kept = {"b"}},
       "+a\n-c\n-d\n=b\n"},
      // Clears.
      {"empty", "", {.added = {}, .removed = {"a"}, .kept = {}}, "-a\n"},
  };
  for (const auto& row : rows) {
    FakeDaemon daemon({.answers = {wire::encode_reply("1", row.reply)}});
    ApplyOptions options;
    options.daemon.socket = daemon.path();
    options.file = folder / row.file;
    const Ran ran = run_captured([&] { return apply(options); });
    EXPECT_EQ(ran.status, kDone) << ran.err;
    EXPECT_EQ(ran.out, row.out);
    ASSERT_EQ(daemon.requests().size(), 1u);
    EXPECT_EQ(daemon.requests()[0],
              wire::encode_request(
                  {.id = "1", .body = wire::ApplyRequest{.spec = row.sent, .progress = true}}));
  }
}

TEST(Apply, AFileThatIsNotThereClearsNothing) {
  ApplyOptions options;
  options.daemon.socket = "/nonexistent/socket";
  options.file = "/nonexistent/file";
  const Ran ran = run_captured([&] { return apply(options); });
  EXPECT_EQ(ran.status, kFailed);
  EXPECT_THAT(ran.err, HasSubstr("/nonexistent/file"));
}

TEST(Select, TellsWhomItWasDoneTo) {
  using Act = int (*)(const SelectOptions&);
  const wire::Selection two{.probes = {"a*", "c"}, .all = false};
  const wire::Selection all{.probes = {}, .all = true};
  const struct {
    Act act;
    wire::Selection which;
    wire::RequestBody request;
    const char* out;
  } rows[] = {
      {remove, two, wire::RemoveRequest{two, true}, "a1: removed\nc: removed\n"},
      {remove, all, wire::RemoveRequest{all, true}, "a1: removed\nc: removed\n"},
      {enable, two, wire::EnableRequest{two, true}, "a1: armed\nc: armed\n"},
      {disable, two, wire::DisableRequest{two, true}, "a1: disabled\nc: disabled\n"},
  };
  for (const auto& row : rows) {
    FakeDaemon daemon({.answers = {wire::encode_reply("1", wire::NamesReply{{"a1", "c"}})}});
    const Ran ran = run_captured([&] {
      return row.act({.daemon = {.socket = daemon.path(), .patience = {}},
                      .probes = row.which.probes,
                      .all = row.which.all});
    });
    EXPECT_EQ(ran.status, kDone);
    EXPECT_EQ(ran.out, row.out);
    ASSERT_EQ(daemon.requests().size(), 1u);
    EXPECT_EQ(daemon.requests()[0], wire::encode_request({.id = "1", .body = row.request}));
  }
}

TEST(Select, NamesOrAllButNotBoth) {
  for (const SelectOptions& options : {SelectOptions{.daemon = {}, .probes = {}, .all = false},
                                       SelectOptions{.daemon = {}, .probes = {"a"}, .all = true}}) {
    const Ran ran = run_captured([&] { return remove(options); });
    EXPECT_EQ(ran.status, kUsage);
    EXPECT_THAT(ran.err, HasSubstr("--all"));
  }
}

TEST(List, Forms) {
  const std::string reply = wire::encode_reply("1", wire::ListReply{{armed("a"), armed("b")}});
  const struct {
    ListForm form;
    const char* begins;
  } rows[] = {
      {ListForm::json, R"({"probes":[{"name":"a",)"},
      {ListForm::table, "PROBE  STATE  HITS  EXPIRES  SPEC\na "},
      {ListForm::names, "a\nb\n"},
  };
  for (const auto& row : rows) {
    const FakeDaemon daemon({.answers = {reply}});
    const Ran ran =
        run_captured([&] { return list({.socket = daemon.path(), .patience = {}}, row.form); });
    EXPECT_EQ(ran.status, kDone);
    EXPECT_THAT(ran.out, StartsWith(row.begins));
    EXPECT_TRUE(ran.out.ends_with('\n'));
    EXPECT_EQ(ran.err, "");
  }
}

TEST(Status, Forms) {
  wire::StatusReply reply;
  reply.version = "0.1.0";
  for (const bool json : {false, true}) {
    const FakeDaemon daemon({.answers = {wire::encode_reply("1", reply)}});
    const Ran ran =
        run_captured([&] { return status({.socket = daemon.path(), .patience = {}}, json); });
    EXPECT_EQ(ran.status, kDone);
    EXPECT_THAT(ran.out, StartsWith(json ? R"({"version":"0.1.0",)" : "kprobed 0.1.0, up "));
  }
}

TEST(Commands, WithoutADaemon) {
  const DaemonOptions none{.socket = "/nonexistent/socket", .patience = {}};
  const std::function<int()> acts[] = {
      [&] { return list(none, ListForm::json); },
      [&] { return status(none, true); },
      [&] { return remove({.daemon = none, .probes = {}, .all = true}); },
      [&] { return add(add_options(none.socket, {"p x"})); },
  };
  for (const auto& act : acts) {
    const Ran ran = run_captured(act);
    EXPECT_EQ(ran.status, kNotRunning);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(ran.err,
              "kprobectl: kprobed is not running: there is no /nonexistent/socket\n"
              "  hint: sudo systemctl start kprobed; kprobectl run does without it\n");
  }
}

}  // namespace
}  // namespace kprobed::kprobectl
