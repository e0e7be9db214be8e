// SPDX-License-Identifier: Apache-2.0
#include "watch/modules.h"

#include <gtest/gtest.h>

namespace kprobed::watch {
namespace {

TEST(Modules, ByNameWithWhetherTheyAreLive) {
  const auto modules = parse_modules(
      "nf_nat 57344 1 nft_nat, Live 0xffffffffc0a1b000\n"
      "dummy 16384 0 - Unloading 0xffffffffc0a11000 (E-)\n"
      "coming 16384 1 - Loading 0x0000000000000000 (E+)\n"
      "no module at all\n"
      "\n");
  const std::vector<LoadedModule> want = {
      {"coming", 16384, "0x0000000000000000", false},
      {"dummy", 16384, "0xffffffffc0a11000", false},
      {"nf_nat", 57344, "0xffffffffc0a1b000", true},
  };
  EXPECT_EQ(modules, want);
}

}  // namespace
}  // namespace kprobed::watch
