// SPDX-License-Identifier: Apache-2.0
//
// Random and damaged input with fixed seeds. What is checked is that views stay inside their bytes
// and that nothing crashes; a sanitizer build sees the rest.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "decode/field_plan.h"
#include "decode/record.h"
#include "fixture.h"

namespace kprobed::decode {
namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t limit) { return random() % limit; }

/// Is `part` a piece of `whole`?
bool inside(const void* part, std::size_t size, Bytes whole) {
  const auto* first = static_cast<const std::byte*>(part);
  return size == 0 || (first >= whole.data() && first + size <= whole.data() + whole.size());
}

/// Some bytes of `bytes` become others.
void damage(ByteVector& bytes, Random& random) {
  for (std::size_t i = 1 + below(random, 4); i > 0 && !bytes.empty(); --i)
    bytes[below(random, bytes.size())] = static_cast<std::byte>(random());
}

void expect_views_inside(const Record& record, Bytes bytes) {
  if (const auto* sample = std::get_if<Sample>(&record)) {
    ASSERT_TRUE(inside(sample->raw.data(), sample->raw.size(), bytes));
  } else if (const auto* comm = std::get_if<CommChange>(&record)) {
    ASSERT_TRUE(inside(comm->comm.data(), comm->comm.size(), bytes));
  }
}

TEST(HostileBytes, RandomRecords) {
  Random random(1);
  std::size_t understood = 0;
  for (int i = 0; i < 200'000; ++i) {
    ByteVector bytes(8 + below(random, 120));
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    // A random header would never get past its own size.
    patch(bytes, 0, static_cast<std::uint32_t>(below(random, 12)));
    patch(bytes, 6, static_cast<std::uint16_t>(bytes.size()));
    if (bytes.size() >= 44 && random() % 2 == 0)
      patch(bytes, 40, static_cast<std::uint32_t>(below(random, 100)));
    const Record record = parse_record(bytes, random() % 8 == 0 ? ByteOrder::big : kHostOrder);
    expect_views_inside(record, bytes);
    if (!std::holds_alternative<Bad>(record)) ++understood;
  }
  EXPECT_GT(understood, 10'000u);  // or the inputs are too wild to test anything
}

TEST(HostileBytes, DamagedRecordsThroughTheirPlan) {
  Random random(2);
  const auto records = captured_records("host-6.18");
  const auto plan = compile(captured_format("host-6.18", "entry"),
                            {{"n", "n", Show::hex},
                             {"less", "less", Show::signed_number},
                             {"text", "text", Show::text},
                             {"empty", "empty", Show::text},
                             {"fault", "fault", Show::text}},
                            ByteOrder::little, 8);
  ASSERT_TRUE(plan.ok());
  std::size_t decoded = 0;
  for (int i = 0; i < 200'000; ++i) {
    ByteVector bytes = records[below(random, records.size())].bytes;
    damage(bytes, random);
    const Record record = parse_record(bytes);
    expect_views_inside(record, bytes);
    const auto* sample = std::get_if<Sample>(&record);
    if (sample == nullptr || sample->raw.size() < plan->min_bytes) continue;
    for (const FieldOp& op : plan->ops) {
      if (op.shape.show != Show::text) continue;
      const TextRef text = read_text(op, sample->raw, plan->order);
      ASSERT_TRUE(inside(text.text.data(), text.text.size(), sample->raw));
    }
    decoded += values(*plan, sample->raw).ok() ? 1 : 0;
  }
  EXPECT_GT(decoded, 10'000u);
}

/// Any shape, at any place below 64.
FieldOp random_op(Random& random) {
  FieldOp op;
  op.shape.show = static_cast<Show>(below(random, 8));
  op.bytes = static_cast<std::uint8_t>(1U << below(random, 4));
  op.offset = static_cast<std::uint32_t>(below(random, 64));
  op.relative = random() % 4 == 0;
  if (random() % 3 == 0) op.shape.count = static_cast<std::uint32_t>(1 + below(random, 64));
  if (op.shape.show == Show::text) {
    op.bytes = 4;
    if (random() % 2 == 0) op.shape.text_bytes = static_cast<std::uint32_t>(1 + below(random, 64));
  } else if (random() % 3 == 0) {
    op.shape.count = 0;
    op.shape.dynamic = true;
  }
  return op;
}

TEST(HostileBytes, RandomRawDataOfEveryShape) {
  Random random(4);
  std::size_t stray = 0, long_arrays = 0;
  for (int i = 0; i < 100'000; ++i) {
    FieldPlan plan;
    plan.order = random() % 2 == 0 ? ByteOrder::little : ByteOrder::big;
    plan.ops = {random_op(random)};
    const FieldOp& op = plan.ops[0];
    const std::size_t elements = std::max(op.shape.count, 1U);
    const std::size_t bytes =
        op.shape.dynamic ? 4 : elements * std::max<std::size_t>(op.bytes, op.shape.text_bytes);
    // Not a byte more than compile() demands, most times.
    ByteVector raw(op.offset + bytes + (random() % 4 == 0 ? below(random, 300) : 0));
    for (std::byte& byte : raw) byte = static_cast<std::byte>(random() % 4 == 0 ? random() : 0);
    const auto got = values(plan, raw);
    ASSERT_TRUE(got.ok());
    if (const auto* array = std::get_if<std::vector<Scalar>>(&got->at(0))) {
      ASSERT_LE(array->size(), std::max<std::size_t>(op.shape.count, raw.size()));
      long_arrays += array->size() > 10 ? 1 : 0;
      for (std::uint32_t n = 0; op.shape.show == Show::text && n < array->size(); ++n) {
        const TextRef text = read_text(op, raw, plan.order, n);
        ASSERT_TRUE(inside(text.text.data(), text.text.size(), raw));
      }
    } else {
      stray += std::get<Scalar>(got->at(0)) == Scalar(Malformed{}) ? 1 : 0;
    }
  }
  EXPECT_GT(stray, 1'000u);
  EXPECT_GT(long_arrays, 1'000u);
}

TEST(HostileBytes, DamagedFormatFiles) {
  Random random(3);
  const std::string files[] = {captured_text("5.10/format/array"),
                               captured_text("5.10/format/string_array"),
                               captured_text("6.1/format/bare")};
  const std::string spice = "field:;\t[]_ 09\n";
  std::size_t parsed = 0;
  for (int i = 0; i < 200'000; ++i) {
    const std::string& whole = files[below(random, std::size(files))];
    std::string text = whole.substr(0, 1 + below(random, whole.size()));
    // Little damage, near the fields, so that some files still parse.
    for (std::size_t n = below(random, 3); n > 0; --n)
      text[below(random, text.size())] =
          random() % 2 == 0 ? static_cast<char>(random()) : spice[below(random, spice.size())];
    const auto format = parse_format(text);
    if (!format.ok()) {
      ASSERT_EQ(format.error().code, ErrorCode::malformed);
      continue;
    }
    ++parsed;
    for (const FormatField& field : format->fields) ASSERT_LE(field.offset + field.size, 65536u);
    const FormatField& one = format->fields[below(random, format->fields.size())];
    const auto plan = compile(*format, {{"a", one.name, Show::hex}}, kHostOrder, 8);
    ASSERT_TRUE(!plan.ok() || plan->min_bytes <= 65536u);
    const auto all = compile(*format, every_field(*format), kHostOrder, 8);
    ASSERT_TRUE(!all.ok() || all->min_bytes <= 65536u);
  }
  EXPECT_GT(parsed, 10'000u);
}

}  // namespace
}  // namespace kprobed::decode
