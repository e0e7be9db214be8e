// SPDX-License-Identifier: Apache-2.0
//
// Records that kernels of eight architectures wrote (tests/data/arch), read on this machine,
// whatever it is: the lines are those that were written there, byte order and word size included.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "captured.h"
#include "make_event.h"
#include "stream/json_encoder.h"
#include "stream/json_lines.h"

namespace kprobed::stream {
namespace {

namespace fs = std::filesystem;
using test::Captured;
using test::ordered_json;

struct Row {
  const char *kernel, *machine;
  bool returns = true;  ///< it takes return probes (not riscv64, 6.12)
};
const Row kRows[] = {
    {"6.1", "x86_64"},
    {"6.1-arm64", "arm64"},
    {"6.1-armhf", "armhf"},
    {"6.1-i386", "i386"},
    {"6.1-mips64el", "mips64el"},
    {"6.1-ppc64el", "ppc64el"},
    {"6.1-s390x", "s390x"},
    {"6.12-riscv64", "riscv64", false},
};

/// What the puppet passed (tests/vm/puppet_abi.c), the same on all of them.
struct Known {
  const char *probe, *args;
};
const Known kKnown[] = {
    {"words", R"([{"a1":-100,"a2":"/puppet/openat","low":156},{"a1":-5,"low":251},
                  {"a1":-100,"a2":"/tmp/puppet-file","low":156}])"},
    {"nine", R"([{"a5":45,"a6":8,"a9":"0x8000","b":32768}])"},
    {"length", R"([{"a1":-7,"a2":-5000000000},{"a1":-8,"a2":-9223372036854775808}])"},
    {"allocate", R"([{"a2":74565,"a3":-6000000000,"a4":-9223372036854775803}])"},
    {"seek", R"([{"a2":"0x123456789a","a3":0},{"a2":"0xfffffffffffffffd","a3":2}])"},
    {"call",
     R"([{"a1":-1,"a2":0,"a3":"0x80000","w":"0x0"},{"a1":-2,"a2":1,"a3":"0x80001","w":"0x1"},
                 {"a1":-3,"a2":2,"a3":"0x80002","w":"0x2"}])"},
    {"opened", R"([{"rv":-2,"wide":-2},{"rv":-2,"wide":-2},{}])"},
    {"sought", R"([{"rv":78187493530},{"rv":-22}])"},
};

void expect_same(const Row& row, const Known& known) {
  const std::string folder = std::string("arch/") + row.kernel + "/" + known.probe;
  SCOPED_TRACE(folder);
  const arch::ArchAbi& abi = *arch::find(row.machine);
  const Captured captured(folder, row.machine);
  const auto passed = ordered_json::parse(known.args);
  ASSERT_EQ(captured.records.size(), captured.lines.size());
  ASSERT_EQ(captured.records.size(), passed.size());
  const test::FewNames names({});
  WallClock clock;
  JsonLines encoder(names, clock);
  JsonEncoder fast(names, clock);
  for (std::size_t i = 0; i < captured.records.size(); ++i) {
    const auto line = test::say_again(captured, i, abi.byte_order, encoder, fast);
    ASSERT_TRUE(line.is_object());
    for (const auto& [name, value] : passed[i].items()) EXPECT_EQ(line["args"][name], value) << i;
  }
}

TEST(CapturedMachines, SayHereWhatTheySaidAtHome) {
  for (const Row& row : kRows) {
    ASSERT_NE(arch::find(row.machine), nullptr);
    EXPECT_EQ(decode::captured_text(std::string("arch/") + row.kernel + "/machine"),
              std::string(row.machine) + "\n");
    for (const Known& known : kKnown) {
      const bool returns =
          std::string_view(known.probe) == "opened" || std::string_view(known.probe) == "sought";
      if (row.returns || !returns) expect_same(row, known);
    }
  }
}

TEST(CapturedMachines, AreAllRead) {
  std::set<std::string> captured, read;
  for (const auto& entry : fs::directory_iterator(KPROBED_TEST_DATA "/arch")) {
    if (entry.is_directory()) captured.insert(entry.path().filename().string());
  }
  for (const Row& row : kRows) read.insert(row.kernel);
  EXPECT_EQ(captured, read);
}

}  // namespace
}  // namespace kprobed::stream
