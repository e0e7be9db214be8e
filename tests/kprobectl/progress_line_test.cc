// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/progress_line.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace kprobed::kprobectl {
namespace {

using std::chrono::milliseconds;

/// A terminal, and what was written to it.
class Terminal {
 public:
  Terminal() : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    EXPECT_EQ(::grantpt(master_.get()), 0);
    EXPECT_EQ(::unlockpt(master_.get()), 0);
    slave_ = UniqueFd(::open(::ptsname(master_.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
    termios raw{};
    EXPECT_EQ(::tcgetattr(slave_.get(), &raw), 0);
    ::cfmakeraw(&raw);
    EXPECT_EQ(::tcsetattr(slave_.get(), TCSANOW, &raw), 0);
    ::fcntl(master_.get(), F_SETFL, O_NONBLOCK);
  }
  int fd() const { return slave_.get(); }
  std::string text() {
    char buffer[4096];
    const ssize_t got = ::read(master_.get(), buffer, sizeof buffer);
    return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string();
  }

 private:
  UniqueFd master_, slave_;
};

TEST(ProgressLine, IsRewrittenAndWiped) {
  Terminal terminal;
  {
    ProgressLine line("armed", terminal.fd(), milliseconds(0));
    line.tick();
    EXPECT_EQ(terminal.text(), "\rkprobed is at work: 0 s");
    line.tick();
    EXPECT_EQ(terminal.text(), "") << "nothing new";
    line.progress({.done = 9, .all = 900});
    EXPECT_EQ(terminal.text(), "\rarmed 9 of 900 probes  \rarmed 9 of 900 probes");
    line.progress({.done = 10, .all = 1900});
    EXPECT_EQ(terminal.text(), "\rarmed 10 of 1,900 probes");
    line.tick();
    EXPECT_EQ(terminal.text(), "");
  }
  EXPECT_EQ(terminal.text(), "\r" + std::string(24, ' ') + "\r");
}

TEST(ProgressLine, WhatIsQuickShowsNothing) {
  Terminal terminal;
  {
    ProgressLine line("armed", terminal.fd());
    line.progress({.done = 9, .all = 900});
    line.tick();
  }
  EXPECT_EQ(terminal.text(), "");
}

TEST(ProgressLine, NothingWhereThereIsNoTerminal) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
  const UniqueFd out(ends[0]), in(ends[1]);
  {
    ProgressLine line("armed", in.get(), milliseconds(0));
    line.progress({.done = 9, .all = 900});
    EXPECT_FALSE(line.stopped());
  }
  char byte = 0;
  EXPECT_EQ(::read(out.get(), &byte, 1), -1);
}

// In a process of its own: signals are the whole program's.
TEST(ProgressLine, CtrlCEndsAsEverAndSaysWhatBecomesOfTheRequest) {
  Terminal terminal;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::dup2(terminal.fd(), STDERR_FILENO);
    ProgressLine line("armed", STDERR_FILENO, milliseconds(0));
    line.progress({.done = 9, .all = 900});
    line.end_if_stopped();  // nothing yet
    ::raise(SIGINT);
    if (!line.stopped()) ::_exit(3);
    line.end_if_stopped();
    ::_exit(4);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) << status;
  EXPECT_THAT(terminal.text(),
              testing::HasSubstr("probes\r" + std::string(21, ' ') +
                                 "\rkprobectl: stopped waiting; kprobed goes on with it."));
}

TEST(ProgressLine, LeavesTheSignalsAsTheyWere) {
  struct sigaction before {
  }, now{};
  sigset_t blocked_before, blocked;
  ASSERT_EQ(::sigaction(SIGINT, nullptr, &before), 0);
  ASSERT_EQ(::sigprocmask(SIG_SETMASK, nullptr, &blocked_before), 0);
  Terminal terminal;
  {
    const ProgressLine line("armed", terminal.fd(), milliseconds(0));
    ASSERT_EQ(::sigprocmask(SIG_SETMASK, nullptr, &blocked), 0);
    EXPECT_EQ(sigismember(&blocked, SIGINT), 1);
  }
  ASSERT_EQ(::sigaction(SIGINT, nullptr, &now), 0);
  EXPECT_EQ(now.sa_handler, before.sa_handler);
  ASSERT_EQ(::sigprocmask(SIG_SETMASK, nullptr, &blocked), 0);
  EXPECT_EQ(sigismember(&blocked, SIGINT), sigismember(&blocked_before, SIGINT));
}

}  // namespace
}  // namespace kprobed::kprobectl
