// SPDX-License-Identifier: Apache-2.0
//
// The encoder against decode::values() and somebody else's JSON reader, over random plans and
// random bytes.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
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

/// By nlohmann's own decoder, not by ours.
bool is_utf8(const std::string& text) {
  try {
    (void)ordered_json(text).dump();
    return true;
  } catch (const ordered_json::type_error&) {
    return false;
  }
}

std::string as_hex(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) out += format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

/// What the line must say of one value.
struct Expect {
  const std::string& name;
  const ordered_json& line;

  const ordered_json& arg() const { return line.at("args").at(name); }
  bool noted(const char* where) const { return line.contains(where) && line[where].contains(name); }

  void operator()(std::uint64_t value) const {
    ASSERT_TRUE(arg().is_number_unsigned());
    EXPECT_EQ(arg().get<std::uint64_t>(), value);
  }
  void operator()(std::int64_t value) const {
    ASSERT_TRUE(arg().is_number_integer());
    EXPECT_EQ(arg().get<std::int64_t>(), value);
  }
  void operator()(decode::Hex hex) const {
    EXPECT_EQ(arg().get<std::string>(), format("0x{:x}", hex.value));
  }
  void operator()(const std::string& text) const {
    const auto shown = arg().get<std::string>();
    EXPECT_FALSE(noted("faults"));
    EXPECT_EQ(noted("bytes"), !is_utf8(text));
    if (is_utf8(text)) {
      EXPECT_EQ(shown, text);
    } else {
      EXPECT_NE(shown.find("\xef\xbf\xbd"), std::string::npos);
      EXPECT_EQ(line["bytes"][name].get<std::string>(), as_hex(text));
    }
  }
  void operator()(decode::Fault) const {
    EXPECT_TRUE(arg().is_null());
    ASSERT_TRUE(noted("faults"));
    EXPECT_FALSE(noted("bytes"));
  }
  void operator()(decode::Malformed) const { FAIL() << "printed a malformed field"; }
};

/// In the line's order.
std::vector<std::string> keys(const ordered_json& object) {
  std::vector<std::string> out;
  for (const auto& [key, value] : object.items()) out.push_back(key);
  return out;
}

std::vector<std::string> names_of(const decode::FieldPlan& fields) {
  std::vector<std::string> out;
  for (const decode::FieldOp& op : fields.ops) out.push_back(op.name);
  return out;
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
      EXPECT_EQ(keys(line["args"]), names_of(plan.fields));
      for (std::size_t i = 0; i < plan.fields.ops.size(); ++i) {
        std::visit(Expect{plan.fields.ops[i].name, line}, (*values)[i]);
      }

      EXPECT_EQ(line["ts"].get<std::uint64_t>(), event.stamp.time_ns);
      EXPECT_EQ(line["comm"].is_null(), comm.empty());
      EXPECT_EQ(line.contains("comm_bytes"), !is_utf8(comm));
      EXPECT_EQ(line.contains("caller"), plan.label.kind == 'r');
      EXPECT_EQ(line.contains("late"), event.late);
      faults += line.contains("faults");
      bytes += line.contains("bytes");

      // Two lines for people, and nothing in them that a terminal would obey.
      EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
      EXPECT_TRUE(is_utf8(text));
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
