// SPDX-License-Identifier: Apache-2.0
//
// The plain encoder against decode::values() and somebody else's JSON reader, and the fast one
// against the plain one, over random plans and random bytes.
#include "json_oracle.h"

#include <gtest/gtest.h>

#include <random>

#include "base/format.h"
#include "decode/field_plan.h"
#include "make_event.h"
#include "stream/json_encoder.h"
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

constexpr std::size_t kFixedBytes = 160;
constexpr std::uint64_t kKnown = 0x10000000, kHigh = 0x8000000000000000;  // functions' addresses

std::shared_ptr<const std::vector<decode::Enumerator>> random_enumerators(Randomness& random) {
  if (random.once_in(4)) return nullptr;
  std::vector<decode::Enumerator> all;
  for (std::int64_t value = -3; value < 10; ++value)
    if (random.once_in(2)) all.push_back({value, "E\"" + std::to_string(value)});
  return std::make_shared<const std::vector<decode::Enumerator>>(std::move(all));
}

std::size_t fixed_bytes(const decode::FieldOp& op) {
  if (op.shape.dynamic) return 4;
  const std::size_t one = op.shape.text_bytes != 0 ? op.shape.text_bytes : op.bytes;
  return one * std::max(op.shape.count, 1U);
}

decode::FieldOp random_op(std::string name, Randomness& random) {
  decode::FieldOp op;
  op.name = std::move(name);
  op.shape.show = static_cast<Show>(random.below(8));
  op.bytes = static_cast<std::uint8_t>(std::size_t{1} << random.below(4));
  if (random.once_in(3)) op.shape.count = static_cast<std::uint32_t>(1 + random.below(4));
  if (op.shape.show == Show::character) op.bytes = 1;
  if (op.shape.show == Show::enumeration) {
    op.shape.is_signed = random.once_in(2);
    op.shape.enumerators = random_enumerators(random);
  }
  if (op.shape.show == Show::text) {
    op.bytes = 4;
    if (random.once_in(3)) op.shape.text_bytes = static_cast<std::uint32_t>(1 + random.below(16));
    op.empty_is_fault = !random.once_in(4);
  } else if (random.once_in(6)) {
    op.shape.count = 0;
    op.shape.dynamic = true;
  }
  op.offset = static_cast<std::uint32_t>(random.below(kFixedBytes - fixed_bytes(op)));
  return op;
}

EventPlan random_plan(Randomness& random) {
  EventPlan plan;
  plan.label = {random.text(), "prft"[random.below(4)], random.text(), random.below(500),
                random.text()};
  if (random.once_in(4)) plan.label.path = "/bin/" + random.text();
  decode::FieldPlan& fields = plan.fields;
  fields.order = random.once_in(2) ? ByteOrder::little : ByteOrder::big;
  fields.word_bytes = random.once_in(2) ? 4 : 8;
  fields.min_bytes = kFixedBytes;
  if (plan.label.kind == 'r' || (plan.label.kind == 'f' && random.once_in(2)))
    fields.ret_ip = static_cast<std::uint32_t>(random.below(kFixedBytes - 8));
  for (std::size_t i = random.below(9); i > 0; --i)
    fields.ops.push_back(
        random_op(format("a\"rg{}", i), random));  // names are escaped like all else
  if (random.once_in(3)) {
    fields.ip = static_cast<std::uint32_t>(random.below(kFixedBytes - 8));
    for (std::uint64_t begin = 0; begin < 5; ++begin)
      plan.members.push_back({begin << 29, (begin << 29) + (1u << 28), random.text()});
  }
  plan.json = compile_json(plan);
  return plan;
}

/// Random bytes; most of the __data_loc words are made to point at something behind them, and some
/// numbers are those of known symbols and enumerators.
class RandomRaw {
 public:
  RandomRaw(const decode::FieldPlan& fields, Randomness& random)
      : order_(fields.order), random_(random), tail_(fields.order), raw_(kFixedBytes) {
    for (std::byte& byte : raw_) byte = random.byte();
    for (const decode::FieldOp& op : fields.ops)
      for (std::uint32_t i = 0; i < std::max(op.shape.count, 1U); ++i) fill(op, i);
    raw_.insert(raw_.end(), tail_.made().begin(), tail_.made().end());
  }
  std::vector<std::byte> take() { return std::move(raw_); }

 private:
  void fill(const decode::FieldOp& op, std::uint32_t element) {
    if (op.shape.show == Show::text && op.shape.text_bytes == 0) {
      if (random_.once_in(60)) return;
      const std::string text = random_.text();
      point(op.offset + 4 * element, random_.once_in(5) ? 0 : text.size() + 1);
      tail_.text(text).number(0, 1);
    } else if (op.shape.dynamic) {
      if (random_.once_in(60)) return;
      const std::size_t length = random_.below(4);
      point(op.offset, length * op.bytes);
      for (std::size_t i = 0; i < length; ++i) tail_.number(number(op), op.bytes);
    } else if (op.shape.show != Show::text && random_.once_in(2)) {
      test::Maker value(order_);
      put(op.offset + element * op.bytes, value.number(number(op), op.bytes));
    }
  }

  std::uint64_t number(const decode::FieldOp& op) {
    if (op.shape.show == Show::symbol)
      return (random_.once_in(2) ? kKnown : kHigh) + random_.below(300);
    return random_.below(12) - 3;
  }

  void point(std::size_t at, std::size_t length) {
    test::Maker word(order_);
    put(at, word.u32(test::data_loc(kFixedBytes + tail_.made().size(), length)));
  }

  void put(std::size_t at, const test::Maker& bytes) {
    std::copy(bytes.made().begin(), bytes.made().end(),
              raw_.begin() + static_cast<std::ptrdiff_t>(at));
  }

  ByteOrder order_;
  Randomness& random_;
  test::Maker tail_;
  std::vector<std::byte> raw_;
};

/// The names of a program's addresses: none.
const test::FewNames kNoNames({});

TEST(JsonOracleTest, EveryFieldSaysWhatValuesSays) {
  Randomness random(2009'0319);
  const test::FewNames names({{kKnown, "low"}, {kHigh, "hi\"gh [mod]"}});
  WallClock clock;
  JsonLines lines(names, clock);
  JsonEncoder encoder(names, clock);
  LineBuffer fast;
  TraceLines trace(names);
  TableLines table(names, clock);
  std::size_t encoded = 0, malformed = 0, faults = 0, bytes = 0, symbols = 0, named = 0;

  for (int plans = 0; plans < 400; ++plans) {
    const EventPlan plan = random_plan(random);
    for (int records = 0; records < 50; ++records) {
      const std::vector<std::byte> raw = RandomRaw(plan.fields, random).take();
      const std::string comm = random.text().substr(0, 15);
      Event event{&plan, {random.below(1u << 31), 1, 2, 3, 4}, raw, encoded, comm, false};
      event.late = random.once_in(5);
      SCOPED_TRACE(format("plan {} record {}", plans, records));

      auto values = decode::values(plan.fields, raw);
      ASSERT_TRUE(values.ok());
      const bool whole = std::none_of(values->begin(), values->end(), test::is_malformed);
      std::string out, text;
      ASSERT_EQ(lines.event(event, out), whole);
      fast.clear();
      ASSERT_EQ(encoder.event(event, fast), whole);
      ASSERT_EQ(fast.view(), out);
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
      const bool in_program = !plan.label.path.empty();
      test::expect_says(plan.fields, *values, in_program ? kNoNames : names, line);

      EXPECT_EQ(line["ts"].get<std::uint64_t>(), event.stamp.time_ns);
      EXPECT_EQ(line["comm"].is_null(), comm.empty());
      EXPECT_EQ(line.contains("comm_bytes"), !test::is_utf8(comm));
      EXPECT_EQ(line.contains("caller"), plan.fields.ret_ip.has_value());
      EXPECT_EQ(line.contains("offset"), plan.label.kind != 't');
      EXPECT_EQ(line.contains("path"), in_program);
      EXPECT_EQ(line.contains("late"), event.late);
      faults += line.contains("faults");
      bytes += line.contains("bytes");
      symbols += out.find(R"(low+0x)") != out.npos || out.find(R"(gh+0x)") != out.npos;
      named += out.find(R"(E\")") != out.npos;

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
  EXPECT_GT(symbols, 1'000u);
  EXPECT_GT(named, 1'000u);
}

}  // namespace
}  // namespace kprobed::stream
