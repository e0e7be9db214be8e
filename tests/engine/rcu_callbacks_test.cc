// SPDX-License-Identifier: Apache-2.0
//
// Kernels that a kprobe may bring down are told by three files.
#include "engine/rcu_callbacks.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

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

TEST_F(RcuCallbacks, AreInInterruptsUnlessTheCommandLineSaysOtherwise) {
  struct Row {
    const char *softirq, *cpus, *words;
    bool in_interrupts;
  };
  for (const Row& row : {
           Row{"Y\n", "0-1\n", "console=ttyS0 quiet\n", true},
           Row{"N\n", "0-1\n", "rcutree.use_softirq=0\n", false},
           Row{"Y\n", "0-1\n", "quiet rcu_nocbs=all\n", false},
           Row{"Y\n", "0-1\n", "rcu_nocbs=0-1\n", false},
           Row{"Y\n", "0-1\n", "rcu_nocbs=0\n", true},  // although both have a thread
           Row{"Y\n", "0-1\n", "rcu_nocbs\n", true},
           Row{"Y\n", "0-1\n", "xrcu_nocbs=all rcu_nocbs=none\n", true},
           Row{nullptr, "0\n", "rcu_nocbs=0-3\n", false},
           Row{nullptr, nullptr, "rcu_nocbs=all\n", true},  // what cannot be known is not safe
           Row{nullptr, "0\n", nullptr, true},
       }) {
    fs::remove_all(root_ + "/sys");
    fs::remove_all(root_ + "/proc");
    if (row.softirq) write("/sys/module/rcutree/parameters/use_softirq", row.softirq);
    if (row.cpus) write("/sys/devices/system/cpu/possible", row.cpus);
    if (row.words) write("/proc/cmdline", row.words);
    EXPECT_EQ(rcu_callbacks_in_interrupts(root_ + "/sys", root_ + "/proc"), row.in_interrupts)
        << (row.words ? row.words : "-");
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
