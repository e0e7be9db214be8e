// SPDX-License-Identifier: Apache-2.0
//
// The encoder against decode::values() and somebody else's JSON reader, over random plans and
// random bytes.
#include "json_oracle.h"

#include <gtest/gtest.h>

#include <random>

#include "base/format.h"
#include "decode/field_plan.h"
#include "make_event.h"
#include "stream/json_lines.h"
#include "stream/text_lines.h"

namespace kprobed::stream {
namespace {

using nlohmann::ordered_json;
using test::Show;

class Randomness {
 public:
  explicit Randomness(std::uint32_t seed) : engine_(seed) {}
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : engine_() % limit; }
  bool once_in(std::size_t n) { return below(n) == 0; }
  std::byte byte() { return static_cast<std::byte>(engine_()); }

  std::string text() {
    static const std::string_view kPieces[] = {"a",
                                               "bin",
                                               "/",
                                               "\"",
                                               "\\",
                                               "\n",
                                               "\x01",
                                               "\x7f",
                                               "\xc3\xa9",
                                               "\xff",
                                               "\xc3",
                                               "\xe2\x82",
                                               "\xed\xa0\x80",
                                               "\x80",
                                               "\xf0\x9f",
                                               "\xf0\x9f\x90\xa7"};
    std::string out;
    for (std::size_t left = below(6); left > 0; --left) {
      out += once_in(3) ? kPieces[below(std::size(kPieces))] : kPieces[below(3)];
    }
    return out;
  }

 private:
  std::mt19937 engine_;
};

constexpr std::size_t kFixedBytes = 96;

EventPlan random_plan(Randomness& random) {
  EventPlan plan;
  plan.label = {random.text(), random.once_in(2) ? 'p' : 'r', random.text(), random.below(500),
                random.text()};
  decode::FieldPlan& fields = plan.fields;
  fields.order = random.once_in(2) ? ByteOrder::little : ByteOrder::big;
  fields.word_bytes = random.once_in(2) ? 4 : 8;
  fields.min_bytes = kFixedBytes;
  if (plan.label.kind == 'r')
    fields.ret_ip = static_cast<std::uint32_t>(random.below(kFixedBytes - 8));
  for (std::size_t i = random.below(9); i > 0; --i) {
    decode::FieldOp op;
    op.name = format("a\"rg{}", i);  // the quote: names are escaped like all else
    op.show = static_cast<Show>(random.below(4));
    op.bytes = op.show == Show::text ? std::uint8_t{4}
                                     : static_cast<std::uint8_t>(std::size_t{1} << random.below(4));
    op.offset = static_cast<std::uint32_t>(random.below(kFixedBytes - 8));
    fields.ops.push_back(op);
  }
  return plan;
}

/// Random bytes; most of the __data_loc words are made to point at a text behind them.
std::vector<std::byte> random_raw(const decode::FieldPlan& fields, Randomness& random) {
  test::Maker tail(fields.order);
  std::vector<std::byte> raw(kFixedBytes);
  for (std::byte& byte : raw) byte = random.byte();
  for (const decode::FieldOp& op : fields.ops) {
    if (op.show != Show::text || random.once_in(40)) continue;
    const std::string text = random.text();
    test::Maker word(fields.order);
    word.u32(
        test::data_loc(kFixedBytes + tail.made().size(), random.once_in(8) ? 0 : text.size() + 1));
    std::copy(word.made().begin(), word.made().end(), raw.begin() + op.offset);
    tail.text(text).number(0, 1);
  }
  raw.insert(raw.end(), tail.made().begin(), tail.made().end());
  return raw;
}

TEST(JsonOracleTest, EveryFieldSaysWhatValuesSays) {
  Randomness random(2009'0319);
  const test::FewNames names({{0x10000000, "low"}, {0x8000000000000000, "high"}});
  WallClock clock;
  JsonLines lines(names, clock);
  TraceLines trace(names);
  TableLines table(names, clock);
  std::size_t encoded = 0, malformed = 0, faults = 0, bytes = 0;

  for (int plans = 0; plans < 400; ++plans) {
    const EventPlan plan = random_plan(random);
    for (int records = 0; records < 50; ++records) {
      const std::vector<std::byte> raw = random_raw(plan.fields, random);
      const std::string comm = random.text().substr(0, 15);
      Event event{&plan, {random.below(1u << 31), 1, 2, 3, 4}, raw, encoded, comm, false};
      event.late = random.once_in(5);
      SCOPED_TRACE(format("plan {} record {}", plans, records));

      auto values = decode::values(plan.fields, raw);
      ASSERT_TRUE(values.ok());
      const bool whole = std::none_of(values->begin(), values->end(), [](const auto& value) {
        return std::holds_alternative<decode::Malformed>(value);
      });
      std::string out, text;
      ASSERT_EQ(lines.event(event, out), whole);
      ASSERT_EQ(trace.event(event, text), whole);
      ASSERT_EQ(table.event(event, text), whole);
      if (!whole) {
        EXPECT_EQ(out + text, "");
        ++malformed;
        continue;
      }
      ++encoded;

      ASSERT_EQ(out.find('\n'), out.size() - 1);
      const ordered_json line = ordered_json::parse(out, nullptr, false);
      ASSERT_FALSE(line.is_discarded()) << out;
      test::expect_says(plan.fields, *values, line);

      EXPECT_EQ(line["ts"].get<std::uint64_t>(), event.stamp.time_ns);
      EXPECT_EQ(line["comm"].is_null(), comm.empty());
      EXPECT_EQ(line.contains("comm_bytes"), !test::is_utf8(comm));
      EXPECT_EQ(line.contains("caller"), plan.label.kind == 'r');
      EXPECT_EQ(line.contains("late"), event.late);
      faults += line.contains("faults");
      bytes += line.contains("bytes");

      // Two lines for people, and nothing in them that a terminal would obey.
      EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
      EXPECT_TRUE(test::is_utf8(text));
      EXPECT_TRUE(std::none_of(text.begin(), text.end(), [](char c) {
        return c != '\n' && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f);
      }));
      if (HasFailure()) FAIL() << out;
    }
  }
  // The random bytes were good for something.
  EXPECT_EQ(encoded + malformed, 20'000u);
  EXPECT_GT(encoded, 15'000u);
  EXPECT_GT(malformed, 200u);
  EXPECT_GT(faults, 1'000u);
  EXPECT_GT(bytes, 1'000u);
}

}  // namespace
}  // namespace kprobed::stream
