// SPDX-License-Identifier: Apache-2.0
#include "resolve/record_size.h"

#include "fake_kernel.h"
#include "resolve_test_support.h"

namespace kprobed::resolve {
namespace {

FakeKernel one_function() {
  return FakeKernel("ffffffff81000000 T _stext\nffffffff81000100 T f\nffffffff81001000 T _etext\n");
}

TEST(RecordSize, PacksFieldsAfterTheAddresses) {
  const FakeKernel kernel = one_function();
  struct Row {
    std::string_view text;
    std::size_t fixed, worst;
  };
  for (const Row& row : {
           Row{"p f", 16, 16},
           Row{"r f", 24, 24},
           Row{"r f rp", 24, 24},  // recorded anyway
           Row{"p f a1", 24, 24},
           Row{"p f a=%di:u8 b=%si", 25, 25},
           Row{"p f a1:string", 20, 20 + 4096},
           Row{"p f a1:string a2:ustring a3:u16", 26, 26 + 2 * 4096},
           Row{"p f $comm", 20, 36},
           Row{"p f x=\\\"abc\"", 20, 24},
           Row{"p f x=+0(a1):string[2]", 24, 24 + 2 * 4096},
           // What could be stale has hidden text beside it (padding.cc), here one and two.
           Row{"p f x=+0(a1):u16[4]", 24 + 4, 24 + 4 + 8 + 4},
           Row{"p f a1:string{60}", 76 + 8, 76 + 8 + 60 + 8},
           Row{"r f rv:string{60}", 84, 84},
       }) {
    auto probe = resolve_text(row.text, kernel);
    ASSERT_TRUE(probe.ok()) << render(probe.error());
    EXPECT_EQ(probe->fixed_bytes, row.fixed) << row.text;
    EXPECT_EQ(probe->worst_bytes, row.worst) << row.text;
  }
}

TEST(RecordSize, AgreesWithTheFormatFilesOfRealKernels) {
  // tests/data/*/format/mixed: path is the last field, at offset 44 with 4 bytes.
  FakeKernel kernel = one_function();
  kernel.symbols.push_back({"linux_proc_banner", "", 0xffffffff82000000, 'R'});
  auto probe = resolve_text(
      "p f small=$arg1:u8 wide=$arg3:u64 dfd=$arg1:s32 kstr=@linux_proc_banner:string "
      "path=+0($arg2):ustring",
      kernel);
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  const std::string format_text = read_data("6.1/format/mixed");
  const std::size_t line = format_text.find(" path;");
  const std::size_t offset = format_text.find("offset:", line);
  ASSERT_NE(offset, std::string::npos);
  EXPECT_EQ(probe->fixed_bytes, std::stoul(format_text.substr(offset + 7)) + 4);
}

TEST(CarriedBytes, MakesTheSizeWordAndTheRecordAMultipleOfEight) {
  struct Row {
    std::size_t record, carried;
  };
  for (const Row& row :
       {Row{16, 20}, Row{20, 20}, Row{21, 28}, Row{24, 28}, Row{8188, 8188}, Row{8189, 8196}}) {
    EXPECT_EQ(carried_bytes(row.record), row.carried) << row.record;
  }
}

TEST(RecordLimit, IsCertainOnlyWhereAFeatureProvesIt) {
  EXPECT_EQ(record_limit({.known = true, .group_only_names = true}), (RecordLimit{8192, 8192}));
  EXPECT_EQ(record_limit({.known = true}), (RecordLimit{2048, 8192}));
  EXPECT_EQ(record_limit({}), (RecordLimit{2048, 8192}));
}

TEST(Oversize, IsRemarkedWithTheWorstCase) {
  FakeKernel kernel = one_function();
  EXPECT_EQ(remarks_of("p f a1:string", kernel), "");
  EXPECT_EQ(remarks_of("p f a1:string a2:string", kernel), "oversize");
  auto probe = resolve_text("p f a1:string a2:string", kernel);
  ASSERT_TRUE(probe.ok());
  EXPECT_NE(probe->remarks[0].message.find("8,220 bytes; perf carries 8,192."), std::string::npos)
      << probe->remarks[0].message;

  kernel.kernel_features.group_only_names = false;
  EXPECT_EQ(remarks_of("p f a1", kernel), "");
  probe = resolve_text("p f a1:string", kernel);
  ASSERT_TRUE(probe.ok());
  ASSERT_EQ(probe->remarks.size(), 1u);
  EXPECT_NE(probe->remarks[0].message.find("2,048 on early 5.10 and 5.15 kernels and 8,192"),
            std::string::npos)
      << probe->remarks[0].message;
}

}  // namespace
}  // namespace kprobed::resolve
