// SPDX-License-Identifier: Apache-2.0
//
// The records that kprobes of real kernels wrote (tests/data/KERNEL/kprobes), read again here: the
// line is the one that was written there, decode::values() agrees with it, and it says what the
// program that was traced had done.
#include <gtest/gtest.h>

#include "captured.h"
#include "json_oracle.h"
#include "make_event.h"
#include "stream/json_encoder.h"
#include "stream/json_lines.h"

namespace kprobed::stream {
namespace {

using test::Captured;
using test::ordered_json;

constexpr const char* kKernels[] = {"5.10", "6.1", "6.12"};

struct Row {
  const char* probe;
  const char* args;  ///< of each record: what is known of it, whatever the kernel
};

// What `puppet open 3 /fixture/` and `puppet dup3 3` do (tests/vm/puppet.c), in their order. The
// rest is addresses, and what happened to be in a register.
const Row kRows[] = {
    {"do_sys_openat2", R"([{"a1":"0xffffff9c","s":"/fixture/0"},
                           {"a1":"0xffffff9c","s":"/fixture/1"},
                           {"a1":"0xffffff9c","s":"/fixture/2"}])"},
    {"do_sys_openat2_ret", R"([{"rv":"0xfffffffffffffffe","rv32":-2},
                               {"rv":"0xfffffffffffffffe","rv32":-2},
                               {"rv":"0xfffffffffffffffe","rv32":-2}])"},
    {"__x64_sys_dup3", R"([{"di":-1,"si":0,"dx":0,"x":"0x0","w":"0x80000","c":"puppet"},
                           {"di":-2,"si":1,"dx":1,"x":"0x1","w":"0x80001","c":"puppet"},
                           {"di":-3,"si":2,"dx":2,"x":"0x2","w":"0x80002","c":"puppet"}])"},
    {"__x64_sys_dup3_2", "[{},{},{}]"},
    {"__x64_sys_dup3_3", R"([{"fault":null,"empty":"","raw":"\ufffd\ufffd\ufffd\ufffd"},
                             {"fault":null,"empty":"\u0001","raw":"\ufffd\ufffd\ufffd\ufffd"},
                             {"fault":null,"empty":"\u0002","raw":"\ufffd\ufffd\ufffd\ufffd"}])"},
};

TEST(CapturedRecordsTest, SayHereWhatTheySaidAtHome) {
  const test::FewNames names({});
  WallClock clock;
  JsonLines encoder(names, clock);
  JsonEncoder fast(names, clock);
  for (const std::string kernel : kKernels) {
    for (const Row& row : kRows) {
      const std::string folder = kernel + "/kprobes/" + row.probe;
      SCOPED_TRACE(folder);
      const Captured captured(folder);
      const auto known = ordered_json::parse(row.args);
      ASSERT_EQ(captured.records.size(), known.size());
      ASSERT_EQ(captured.lines.size(), known.size());
      std::string schema;
      encoder.schema(captured.plan, schema);
      EXPECT_EQ(schema, captured.schema);

      for (std::size_t i = 0; i < known.size(); ++i) {
        const auto line = test::say_again(captured, i, ByteOrder::little, encoder, fast);
        ASSERT_TRUE(line.is_object());
        const decode::Record record =
            decode::parse_record(captured.records[i].bytes, ByteOrder::little);
        auto values = decode::values(captured.plan.fields, std::get<decode::Sample>(record).raw);
        ASSERT_TRUE(values.ok()) << describe(values.error());
        test::expect_says(captured.plan.fields, *values, names, line);
        for (const auto& [name, value] : known[i].items()) EXPECT_EQ(line["args"][name], value);
      }
    }
  }
}

}  // namespace
}  // namespace kprobed::stream
