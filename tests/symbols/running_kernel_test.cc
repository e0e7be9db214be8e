// SPDX-License-Identifier: Apache-2.0
//
// What is true of any Linux this runs on, privileged or not.
#include "symbols/running_kernel.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>

namespace kprobed::symbols {
namespace {

std::unique_ptr<RunningKernel> open_kernel(std::string traceable_path = "") {
  auto kernel = RunningKernel::open({}, std::move(traceable_path));
  if (!kernel.ok()) {
    ADD_FAILURE() << describe(kernel.error());
    return nullptr;
  }
  return std::move(kernel).value();
}

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text) {
    const int fd = ::mkstemp(path_);
    if (fd < 0 || ::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
      ADD_FAILURE() << "cannot write " << path_;
    }
    if (fd >= 0) ::close(fd);
  }
  ~TemporaryFile() { ::unlink(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  std::string path() const { return path_; }

 private:
  char path_[32] = "/tmp/kprobed_traceable_XXXXXX";
};

TEST(RunningKernel, KnowsItsOwnFunctions) {
  const auto kernel = open_kernel();
  ASSERT_NE(kernel, nullptr);
  ASSERT_FALSE(kernel->find("_stext", "").empty()) << "needs /proc/kallsyms";
  const auto found = kernel->find("vfs_read", "");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].is_text());
  EXPECT_EQ(found[0].module, "");
  EXPECT_FALSE(kernel->module_loaded("no_such_module"));
  EXPECT_FALSE(kernel->in_text(0x1234));
  const auto similar = kernel->similar("vfs_raed", 5);
  EXPECT_NE(std::ranges::find(similar, "vfs_read"), similar.end());

  if (kernel->addresses_visible()) {
    const std::uint64_t address = found[0].address;
    EXPECT_TRUE(kernel->in_text(address));
    EXPECT_EQ(kernel->text_symbol_at(address + 1)->name, "vfs_read");
    EXPECT_EQ(kernel->kallsyms().place_of(address + 1).symbol, "vfs_read");
    EXPECT_EQ(kernel->kallsyms().place_of(address + 1).offset, 1u);
  } else {
    EXPECT_EQ(found[0].address, 0u);
    EXPECT_EQ(kernel->text_symbol_at(0xffffffff81000000), std::nullopt);
  }
}

TEST(RunningKernel, KnowsItsMachine) {
  const auto kernel = open_kernel();
  ASSERT_NE(kernel, nullptr);
  EXPECT_EQ(&kernel->abi(), arch::host());
}

TEST(RunningKernel, AsksTheListOfTraceableFunctions) {
  const TemporaryFile list(
      "vfs_read\n"
      "finish_task_switch\n"
      "dummy_xmit [dummy]\n"
      "last_one");
  const auto kernel = open_kernel(list.path());
  ASSERT_NE(kernel, nullptr);
  struct Row {
    std::string_view function;
    bool traceable;
  };
  for (const Row& row : {
           Row{"vfs_read", true},
           Row{"vfs_rea", false},
           Row{"fs_read", false},
           Row{"vfs_readv", false},
           Row{"dummy_xmit", true},
           Row{"dummy", false},
           Row{"last_one", true},
           Row{"finish_task_switch.isra.0", true},  // the kernel looks at the name before the dot
           Row{"notify_die", false},
       }) {
    EXPECT_EQ(kernel->traceable(row.function), row.traceable) << row.function;
  }
}

TEST(RunningKernel, WithoutTheListCannotTell) {
  const TemporaryFile empty("");
  for (const std::string& path : {std::string(), std::string("/nonexistent"), empty.path()}) {
    const auto kernel = open_kernel(path);
    ASSERT_NE(kernel, nullptr);
    EXPECT_EQ(kernel->traceable("vfs_read"), std::nullopt) << path;
  }
}

}  // namespace
}  // namespace kprobed::symbols
