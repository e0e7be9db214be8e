// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a format file and, after its first NUL, as a record's raw data: what parses has a
// plan that stays inside the record. libFuzzer and replay.cc call it.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "decode/field_plan.h"
#include "require.h"

namespace kprobed::decode {
namespace {

using fuzz::require;

bool inside(std::string_view part, Bytes whole) {
  const auto* first = reinterpret_cast<const std::byte*>(part.data());
  return part.empty() ||
         (first >= whole.data() && first + part.size() <= whole.data() + whole.size());
}

void check_record(const FieldPlan& plan, Bytes raw) {
  const auto all = values(plan, raw);
  require(all.ok() == (raw.size() >= plan.min_bytes), "a record that is long enough has values");
  if (!all.ok()) return;
  require(all->size() == plan.ops.size(), "each field has a value");
  for (const FieldOp& op : plan.ops) {
    if (op.shape.show != Show::text) continue;
    for (std::uint32_t i = 0; i < std::max(op.shape.count, 1U); ++i)
      require(inside(read_text(op, raw, plan.order, i).text, raw), "text lies inside the record");
  }
}

void check_any_bytes(Bytes bytes) {
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::size_t nul = std::min(all.find('\0'), all.size());
  const auto format = parse_format(all.substr(0, nul));
  if (!format.ok()) {
    require(format.error().code == ErrorCode::malformed, "what is no format file is malformed");
    return;
  }
  const Bytes raw = bytes.subspan(std::min(nul + 1, bytes.size()));
  for (const FormatField& field : format->fields)
    require(field.offset + field.size <= 65536, "a field lies inside the largest record");
  for (const std::uint8_t word_bytes : {std::uint8_t{4}, std::uint8_t{8}}) {
    for (const ByteOrder order : {ByteOrder::little, ByteOrder::big}) {
      const auto plan = compile(*format, every_field(*format), order, word_bytes);
      if (!plan.ok()) continue;
      require(plan->min_bytes <= 65536, "the least record is no larger than the largest");
      check_record(*plan, raw);
    }
  }
}

}  // namespace
}  // namespace kprobed::decode

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kprobed::decode::check_any_bytes({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
