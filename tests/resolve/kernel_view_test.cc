// SPDX-License-Identifier: Apache-2.0
#include "resolve/kernel_view.h"

#include <gtest/gtest.h>

#include "fake_kernel.h"

namespace kprobed::resolve {
namespace {

TEST(ParseReadme, TellsWhatRealKernelsHave) {
  struct Row {
    std::string file;  ///< captured: see tests/data/*/PROVENANCE
    KernelFeatures features;
  };
  for (const Row& row : {
           Row{"5.10/README",
               {.known = true,
               .argument_words = true,
               .return_arguments = false,
               .ustring = true,
               .btf_arguments = false,
               .group_only_names = false,
               .uprobes = true}},
           Row{"6.1/README",
               {.known = true,
               .argument_words = true,
               .return_arguments = false,
               .ustring = true,
               .btf_arguments = false,
               .group_only_names = true,
               .uprobes = true,
               .symstr_type = true}},
           Row{"6.12/README",
               {.known = true,
               .argument_words = true,
               .return_arguments = true,
               .ustring = true,
               .btf_arguments = true,
               .group_only_names = true,
               .uprobes = true,
               .fprobes = true,
               .tracepoint_probes = true,
               .char_type = true,
               .symstr_type = true}},
       }) {
    const std::string text = read_data(row.file);
    ASSERT_FALSE(text.empty()) << row.file;
    EXPECT_EQ(parse_readme(text), row.features) << row.file;
  }
}

TEST(ParseReadme, ReturnArgumentsNeedArgumentsAtAll) {
  // Kernels without $argN print the second line all the same.
  EXPECT_FALSE(parse_readme("\t fetcharg: %<register>, @<address>,\n"
                            "\t           $stack<index>, $stack, $retval, $comm,\n"
                            "\t     kernel return probes support: $retval, $arg<N>, $comm\n")
                   .return_arguments);
}

TEST(ParseReadme, TakesWordsOnlyWhereTheyMeanTheFeature) {
  // "char" is also a type of synthetic events' fields, and 'f[' and 't[' stand in other words.
  const KernelFeatures features = parse_readme(
      "\t    Format: hist:keys=<field1[,field2,...]>[if <filter>]\n"
      "\t    stype: u8/u16/u32/u64, s8/s16/s32/s64, pid_t,\n"
      "\t           [unsigned] char/int/long\n"
      "\t  example: set[:x] if[:y]\n");
  EXPECT_FALSE(features.char_type);
  EXPECT_FALSE(features.fprobes);
  EXPECT_FALSE(features.tracepoint_probes);
}

TEST(ParseReadme, OfOtherTextKnowsNothing) {
  EXPECT_EQ(parse_readme(""), KernelFeatures{});
  EXPECT_EQ(parse_readme("tracing mini-HOWTO:\n\n# echo 0 > tracing_on\n"), KernelFeatures{});
}

}  // namespace
}  // namespace kprobed::resolve
