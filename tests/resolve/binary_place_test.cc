// SPDX-License-Identifier: Apache-2.0
#include "resolve/binary_place.h"

#include "fake_kernel.h"
#include "resolve_test_support.h"

namespace kprobed::resolve {
namespace {

FakeKernel with_programs() {
  FakeKernel kernel("ffffffff81000000 T _stext\nffffffff81001000 T _etext\n");
  kernel.binaries[{"/bin/bash", "readline"}] = {"readline", 0, 0xb2f10, true, 0x803, 42, 8};
  kernel.binaries[{"/bin/bash", ""}] = {"readline", 0, 0, false, 0x803, 42, 8};
  kernel.binaries[{"/opt/stripped", ""}] = {"", 0, 0, false, 0x803, 43, 4};
  return kernel;
}

TEST(BinaryPlace, IsWrittenAsUprobeEventsTakesIt) {
  const FakeKernel kernel = with_programs();
  struct Row {
    std::string_view text, line;
  };
  for (const Row& row : {
           Row{"p /bin/bash:readline", "p:g/e /bin/bash:0xb2f10"},
           Row{"p /bin/bash:readline+8", "p:g/e /bin/bash:0xb2f18"},
           Row{"r /bin/bash:readline", "r:g/e /bin/bash:0xb2f10"},
           Row{"p /bin/bash:readline%return", "r:g/e /bin/bash:0xb2f10"},
           Row{"p /opt/stripped:0x1234", "p:g/e /opt/stripped:0x1234"},
           Row{"r /opt/stripped:0x1234", "r:g/e /opt/stripped:0x1234"},
           Row{"p /opt/stripped:0x1234(0x5678)", "p:g/e /opt/stripped:0x1234(0x5678)"},
       }) {
    EXPECT_EQ(line_of(row.text, kernel), row.line) << row.text;
  }
}

TEST(BinaryPlace, KnowsTheFileAndTheFunction) {
  struct Row {
    std::string_view text, symbol;
    std::uint64_t offset, inode;
    bool at_entry;
  };
  for (const Row& row : {
           Row{"p /bin/bash:readline", "readline", 0, 42, true},
           Row{"p /bin/bash:readline+8", "readline", 8, 42, false},
           Row{"p /opt/stripped:0x1234", "", 0x1234, 43, false},
       }) {
    auto probe = resolve_text(row.text, with_programs());
    ASSERT_TRUE(probe.ok()) << render(probe.error());
    EXPECT_EQ(probe->source, EventSource::uprobe);
    EXPECT_EQ(probe->symbol, row.symbol) << row.text;
    EXPECT_EQ(probe->offset, row.offset) << row.text;
    EXPECT_EQ(probe->device, 0x803u);
    EXPECT_EQ(probe->inode, row.inode) << row.text;
    EXPECT_EQ(probe->at_entry, row.at_entry) << row.text;
    EXPECT_EQ(probe->address, 0u);
  }
}

TEST(BinaryPlace, IsRefusedWithTheReason) {
  FakeKernel kernel = with_programs();
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"p ^/bin/nosuch:main", not_found, "/bin/nosuch", "no file '/bin/nosuch'"},
           Refusal{"p /bin/bash:^realine", symbol_not_found, "realine", "no symbol 'realine'"},
           Refusal{"r ^/bin/bash:0x10", wrong_place, "/bin/bash:0x10",
                   "at a function's entry, and this is /bin/bash:readline+16",
                   "write 'r /bin/bash:readline'"},
       }) {
    expect_refusal(row, kernel);
  }
  kernel.kernel_features.uprobes = false;
  expect_refusal({"p ^/bin/bash:readline", unsupported, "/bin/bash:readline",
                  "this kernel has no uprobe events"},
                 kernel);
  kernel.kernel_features = {};
  EXPECT_EQ(line_of("p /bin/bash:readline", kernel), "p:g/e /bin/bash:0xb2f10");
}

}  // namespace
}  // namespace kprobed::resolve
