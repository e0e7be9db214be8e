// SPDX-License-Identifier: Apache-2.0
//
// What Control promises whatever the kernel: held probes, their order and names; and that nobody
// waits for an answer that never comes. Nothing here is put into a kernel.
#include "engine/control.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace kprobed::engine {
namespace {

ProbeWish wish(std::string spec, std::string name = "") {
  ProbeWish out;
  out.spec = std::move(spec);
  out.name = std::move(name);
  return out;
}

class ControlTest : public ::testing::Test {
 protected:
  /// Asks by `ask(answer)` and waits for what is answered.
  template <typename T, typename Ask>
  Result<T> answer_of(Ask ask) {
    std::promise<Result<T>> promise;
    ask([&promise](Result<T> result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
  }

  void hold(std::vector<ProbeWish> wishes) {
    control.restore(std::move(wishes), /*hold=*/true,
                    [](const ProbeWish& which, const Error& error) {
                      ADD_FAILURE() << which.spec << ": " << describe(error);
                    });
  }

  std::vector<std::string> names() {
    std::vector<std::string> all;
    const auto listed =
        answer_of<std::vector<ProbeStatus>>([&](auto answer) { control.list(std::move(answer)); });
    EXPECT_TRUE(listed.ok());
    for (const ProbeStatus& probe : *listed) all.push_back(probe.name);
    return all;
  }

  Result<std::vector<std::string>> remove(Selection which) {
    return answer_of<std::vector<std::string>>(
        [&](auto answer) { control.remove(std::move(which), std::move(answer)); });
  }

  std::vector<ProbeWish> saved;  ///< by the control thread; read after an answer from it
  std::atomic<int> saves{0};
  std::atomic<bool> can_save{true};
  stream::StreamLog log{1 << 20, "0123456789abcdef"};
  stream::ProbeDirectory directory;
  Control control{{.ring_bytes_per_cpu = 0,
                   .max_probes = 1000,
                   .save =
                       [this](const std::vector<ProbeWish>& wishes) {
                         saved = wishes;
                         ++saves;
                         return can_save.load();
                       },
                   .warn = nullptr,
                   .unwarn = nullptr,
                   .published = nullptr},
                  log,
                  directory};
};

using Names = std::vector<std::string>;

TEST_F(ControlTest, HeldProbesKeepOrderAndNames) {
  // "x_2" was the second x; the first has been removed since.
  hold({wish("p y"), wish("p x", "x_2"), wish("p x", "x_2"), wish("r y rv")});
  EXPECT_EQ(names(), (Names{"y", "x_2", "x_2_2", "y_ret"}));
  ASSERT_EQ(saved.size(), 4u);
  EXPECT_EQ(saved[0].name, "y");
  EXPECT_EQ(saved[2].name, "x_2_2");
}

TEST_F(ControlTest, WhatCouldNotBeSavedIsSavedLater) {
  can_save = false;
  hold({wish("p x")});
  (void)names();
  const int tried = saves;
  while (saves < tried + 2) std::this_thread::yield();  // or ctest ends it
  can_save = true;
  while (saves < tried + 3) std::this_thread::yield();
  const int done = saves;
  EXPECT_EQ(*remove({.globs = {}, .all = true}), Names{"x"});
  EXPECT_EQ(saves, done + 1) << "no more often than there is something to save";
}

TEST_F(ControlTest, RemovesByGlobAndSaysWhatWasThere) {
  hold({wish("p a1"), wish("p b"), wish("p a2"), wish("p a3")});
  EXPECT_EQ(*remove({.globs = {"a?"}, .all = false}), (Names{"a1", "a2", "a3"}));
  EXPECT_EQ(names(), Names{"b"});
  EXPECT_EQ(saved.size(), 1u);
  const auto none = remove({.globs = {"a?"}, .all = false});
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::not_found);
  EXPECT_EQ(*remove({.globs = {}, .all = true}), Names{"b"});
  EXPECT_EQ(*remove({.globs = {}, .all = true}), Names{});
}

TEST_F(ControlTest, WhoseTimeIsOverDoesNotComeBack) {
  ProbeWish forever = wish("p x");
  forever.expires_boottime_ms = UINT64_MAX;
  ProbeWish over = wish("p y");
  over.expires_boottime_ms = 1;
  hold({forever, over});
  EXPECT_EQ(names(), Names{"x"});
}

TEST_F(ControlTest, WhatCannotBeArmedStaysAWishAndSaysWhy) {
  std::vector<std::string> complaints;
  control.restore({wish("p no_such_function_anywhere", "mine"), wish("not a spec")}, /*hold=*/false,
                  [&](const ProbeWish& which, const Error&) { complaints.push_back(which.spec); });
  const auto listed =
      answer_of<std::vector<ProbeStatus>>([&](auto answer) { control.list(std::move(answer)); });
  ASSERT_TRUE(listed.ok());
  // What is no probe at all is forgotten.
  EXPECT_EQ(complaints, (Names{"p no_such_function_anywhere", "not a spec"}));
  ASSERT_EQ(listed->size(), 1u);
  const ProbeStatus& probe = listed->front();
  EXPECT_EQ(probe.name, "mine");
  // Without tracefs it is tried again.
  EXPECT_TRUE(probe.state == ProbeState::failed || probe.state == ProbeState::retried);
  EXPECT_NE(probe.reason, "");
  EXPECT_EQ(probe.kernel_line, "");
  ASSERT_EQ(saved.size(), 1u) << "after the next crash it is tried again";
  EXPECT_EQ(saved[0].name, "mine");
}

TEST_F(ControlTest, AFileOfTooManyProbesIsRefusedByItsLine) {
  const auto apply = [this](std::size_t lines) {
    auto source = std::make_shared<Source>(Source{"/etc/many.probes", "# many\n"});
    for (std::size_t i = 0; i < lines; ++i) source->text += "p vfs_read\n";
    return answer_of<FileOutcome>(
        [&](auto answer) { control.apply_file(source, /*hold=*/true, std::move(answer)); });
  };
  const auto refused = apply(65'000);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::too_many);
  EXPECT_EQ(refused.error().span.line, 1002u);
  EXPECT_EQ(names().size(), 0u);
  ASSERT_TRUE(apply(1000).ok());
  EXPECT_EQ(apply(1000)->kept, 1000u);
  EXPECT_EQ(apply(999)->removed, 1u);
}

TEST_F(ControlTest, AFilesLineMayBePendingAndChangesThat) {
  const auto apply = [this](const char* text) {
    return answer_of<FileOutcome>([&](auto answer) {
      control.apply_file(std::make_shared<Source>(Source{"/etc/a.probes", text}), /*hold=*/true,
                         std::move(answer));
    });
  };
  EXPECT_EQ(apply("pending p a\np b\n")->added, 2u);
  EXPECT_EQ(names(), (Names{"a", "b"}));
  ASSERT_EQ(saved.size(), 2u);
  EXPECT_TRUE(saved[0].pending);
  EXPECT_FALSE(saved[1].pending);
  const auto changed = apply("p a\np b\n");
  EXPECT_EQ(changed->kept, 1u);
  EXPECT_EQ(changed->added, 1u);
  const auto wrong = apply("pending pending p a\n");
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().span.begin, 8u);
}

TEST_F(ControlTest, AWrongSpecIsAnErrorInAnyMethod) {
  AddRequest request;
  request.source = std::make_shared<Source>(Source{"t", "p vfs_read a1\nq"});
  const auto added = answer_of<std::vector<ProbeStatus>>(
      [&](auto answer) { control.add(request, std::move(answer)); });
  const auto applied =
      answer_of<ApplyOutcome>([&](auto answer) { control.apply(request, std::move(answer)); });
  const auto checked =
      answer_of<std::string>([&](auto answer) { control.check(request, std::move(answer)); });
  for (const Error& error : {added.error(), applied.error(), checked.error()}) {
    EXPECT_TRUE(error.span.known());
    EXPECT_EQ(error.span.line, 2u);
  }
}

TEST_F(ControlTest, WhoAsksTooLateIsTold) {
  control.stop();
  const auto is_cancelled = [](const auto& result) {
    return !result.ok() && result.error().code == ErrorCode::cancelled;
  };
  EXPECT_TRUE(is_cancelled(
      answer_of<std::vector<ProbeStatus>>([&](auto answer) { control.list(std::move(answer)); })));
  EXPECT_TRUE(is_cancelled(
      answer_of<EngineStatus>([&](auto answer) { control.status(std::move(answer)); })));
  EXPECT_TRUE(is_cancelled(remove({.globs = {}, .all = true})));
  control.stop();  // again: nothing
}

TEST_F(ControlTest, StopAnswersEverybodyWhoWaits) {
  // Keeps the control thread busy until all have asked.
  std::promise<void> asked;
  control.list([waits = asked.get_future().share()](const auto&) { waits.wait(); });
  constexpr int kAskers = 100;
  std::atomic<int> answers = 0;
  for (int n = 0; n < kAskers; ++n) {
    control.status([&answers](const Result<EngineStatus>&) { ++answers; });
  }
  hold({wish("p never")});
  asked.set_value();
  control.stop();
  EXPECT_EQ(answers, kAskers);
}

}  // namespace
}  // namespace kprobed::engine
