// SPDX-License-Identifier: Apache-2.0
#include "symbols/task_names.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <latch>
#include <map>
#include <thread>

namespace kprobed::symbols {
namespace {

/// A thread of ours under a name, alive as long as this is.
class NamedThread {
 public:
  explicit NamedThread(const char* name)
      : thread_([this, name] {
          ::pthread_setname_np(::pthread_self(), name);
          tid_ = static_cast<std::uint32_t>(::gettid());
          ready_.count_down();
          done_.wait();
        }) {
    ready_.wait();
  }
  ~NamedThread() {
    done_.count_down();
    thread_.join();
  }
  NamedThread(const NamedThread&) = delete;
  NamedThread& operator=(const NamedThread&) = delete;
  std::uint32_t tid() const { return tid_; }

 private:
  std::latch ready_{1}, done_{1};
  std::uint32_t tid_ = 0;
  std::thread thread_;
};

TEST(TaskNames, FindsEveryThreadByItsOwnName) {
  const NamedThread plain("kprobed-plain"), odd("a b\nc\xff"), newline("ends in \n");
  std::map<std::uint32_t, std::string> found;
  for_each_task([&](std::uint32_t tid, std::string_view comm) { found[tid] = comm; });
  EXPECT_EQ(found[plain.tid()], "kprobed-plain");
  EXPECT_EQ(found[odd.tid()], "a b\nc\xff");
  EXPECT_EQ(found[newline.tid()], "ends in \n");
  EXPECT_TRUE(found.contains(static_cast<std::uint32_t>(::getpid())));
}

TEST(TaskNames, ReadsOneThread) {
  const NamedThread thread("just-this-one");
  std::string comm;
  ASSERT_TRUE(read_task_name(thread.tid(), comm));
  EXPECT_EQ(comm, "just-this-one");
}

TEST(TaskNames, KnowsTheIdleTasksThatProcDoesNot) {
  std::string comm;
  ASSERT_TRUE(read_task_name(0, comm));
  EXPECT_EQ(comm, "swapper");
}

TEST(TaskNames, OfNobodyIsFalse) {
  std::string comm = "unchanged";
  EXPECT_FALSE(read_task_name(0xfffffff0, comm));
  EXPECT_EQ(comm, "unchanged");
}

}  // namespace
}  // namespace kprobed::symbols
