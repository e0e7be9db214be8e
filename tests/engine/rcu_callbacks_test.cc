// SPDX-License-Identifier: Apache-2.0
//
// Kernels that a kprobe may bring down are told by two files and the names of threads.
#include "engine/rcu_callbacks.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "engine/preflight.h"

namespace kprobed::engine {
namespace {

namespace fs = std::filesystem;

class RcuCallbacks : public testing::Test {
 protected:
  RcuCallbacks() {
    std::string name = testing::TempDir() + "rcu.XXXXXX";
    root_ = ::mkdtemp(name.data());
  }
  ~RcuCallbacks() override { fs::remove_all(root_); }

  void write(const std::string& file, const std::string& text) {
    fs::create_directories(fs::path(root_ + file).parent_path());
    std::ofstream(root_ + file) << text;
  }

  std::string root_;
};

TEST_F(RcuCallbacks, AreInInterruptsUnlessEveryCpuHasAThread) {
  struct Row {
    const char *softirq, *cpus;
    std::vector<const char*> threads;
    bool in_interrupts;
  };
  for (const Row& row : {
           Row{"Y\n", "0-1\n", {"init", "rcu_sched"}, true},
           Row{"N\n", "0-1\n", {"init", "rcuc/0"}, false},
           Row{"Y\n", "0-1\n", {"rcuos/0", "rcuos/1"}, false},  // rcu_nocbs=all
           Row{"Y\n", "0-1\n", {"rcuop/0", "rcuop/1"}, false},
           Row{"Y\n", "0-1\n", {"rcuos/0", "rcuog/0"}, true},
           Row{nullptr, "0\n", {"rcuos/0"}, false},
           Row{nullptr, nullptr, {}, true},  // what cannot be known is not safe
       }) {
    fs::remove_all(root_ + "/sys");
    fs::remove_all(root_ + "/proc");
    fs::create_directories(root_ + "/proc");
    if (row.softirq) write("/sys/module/rcutree/parameters/use_softirq", row.softirq);
    if (row.cpus) write("/sys/devices/system/cpu/possible", row.cpus);
    int pid = 1;
    for (const char* name : row.threads) {
      write("/proc/" + std::to_string(pid++) + "/comm", std::string(name) + "\n");
    }
    EXPECT_EQ(rcu_callbacks_in_interrupts(root_ + "/sys", root_ + "/proc"), row.in_interrupts)
        << (row.softirq ? row.softirq : "-") << row.threads.size();
  }
}

TEST(Preflight, RefusesKprobesWhereTheyMayBringTheKernelDown) {
  resolve::KernelFeatures features{.known = true};
  features.kprobes_may_crash = true;
  resolve::ResolvedProbe probe;
  const auto refused = preflight(probe, features, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
  EXPECT_NE(refused.error().hint.find("rcutree.use_softirq=0"), std::string::npos);
  probe.source = resolve::EventSource::uprobe;
  EXPECT_TRUE(preflight(probe, features, {}).ok());
  probe.source = resolve::EventSource::existing;
  EXPECT_TRUE(preflight(probe, features, {}).ok());
}

}  // namespace
}  // namespace kprobed::engine
