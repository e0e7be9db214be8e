// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/pipeline.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace kprobed::kprobectl {
namespace {

/// A process that holds `in` and `out` (or -1) and waits to be killed.
class Child {
 public:
  Child(int in, int out, bool group_of_its_own = false) {
    pid_ = ::fork();
    if (pid_ != 0) {
      if (group_of_its_own) ::setpgid(pid_, pid_);
      return;
    }
    if (in >= 0) ::dup2(in, 0);
    if (out >= 0) ::dup2(out, 1);
    ::close_range(3, ~0U, 0);
    while (true) ::pause();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }

 private:
  pid_t pid_;
};

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  std::array<int, 2> ends{};
};

TEST(Pipeline, IsWhoReadsOurOutputAndWhoReadsTheirs) {
  // What somebody started us with must not be taken for a pipe of the test's.
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  Pipe ours, next, strange;
  const Child jq(ours.ends[0], next.ends[1]);
  const Child tee(next.ends[0], null);
  const Child beside(strange.ends[0], null), writer(null, ours.ends[1]);
  const Child elsewhere(ours.ends[0], null, /*group_of_its_own=*/true);
  // Until all of them have become what they are to be.
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  Pipeline pipeline(ours.ends[1]);
  EXPECT_TRUE(pipeline.has(jq.pid()));
  EXPECT_TRUE(pipeline.has(tee.pid()));
  EXPECT_FALSE(pipeline.has(beside.pid())) << "a process of the same script";
  EXPECT_FALSE(pipeline.has(writer.pid())) << "who writes into the same pipe";
  EXPECT_FALSE(pipeline.has(elsewhere.pid())) << "another job: nobody else can hide";
  EXPECT_FALSE(pipeline.has(1));
  ::close(null);
}

TEST(Pipeline, WhoComesLaterIsFoundASecondLater) {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  Pipe ours;
  Pipeline pipeline(ours.ends[1]);
  const Child first(null, null);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // until it has let go of our pipe
  EXPECT_FALSE(pipeline.has(first.pid()));
  const Child late(ours.ends[0], null);
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));
  EXPECT_TRUE(pipeline.has(late.pid()));
  EXPECT_FALSE(pipeline.has(first.pid()));
  ::close(null);
}

TEST(Pipeline, AFileHasNone) {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  const Child child(null, null);
  EXPECT_FALSE(Pipeline(null).has(child.pid()));
  ::close(null);
}

TEST(Pipeline, ThePidOfALine) {
  EXPECT_EQ(pid_of(R"({"type":"event","seq":1,"time":"T","ts":2,"cpu":1,"pid":4711,"tid":4712,)"
                   R"("comm":",\"pid\":1"})"),
            4711u);
  EXPECT_EQ(pid_of(R"({"type":"lost"})"), 0u);
}

}  // namespace
}  // namespace kprobed::kprobectl
