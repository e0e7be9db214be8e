// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a perf record: what is found in it lies inside of it. libFuzzer and replay.cc call
// it.
#include <cstdint>

#include "decode/record.h"
#include "require.h"

namespace kprobed::decode {
namespace {

using fuzz::require;

bool inside(const void* part, std::size_t size, Bytes whole) {
  const auto* first = static_cast<const std::byte*>(part);
  return size == 0 || (first >= whole.data() && first + size <= whole.data() + whole.size());
}

struct CheckViews {
  Bytes whole;
  void operator()(const Sample& sample) const {
    require(inside(sample.raw.data(), sample.raw.size(), whole), "raw data lies in its record");
  }
  void operator()(const CommChange& change) const {
    require(inside(change.comm.data(), change.comm.size(), whole), "a name lies in its record");
    require(change.comm.find('\0') == change.comm.npos, "a name ends at its NUL");
  }
  void operator()(const Bad& bad) const { require(!bad.reason.empty(), "a refusal has a reason"); }
  void operator()(const auto&) const {}
};

void check_any_bytes(Bytes bytes) {
  for (const ByteOrder order : {ByteOrder::little, ByteOrder::big}) {
    const Record record = parse_record(bytes, order);
    std::visit(CheckViews{bytes}, record);
    const bool timeless =
        std::holds_alternative<Bad>(record) || std::holds_alternative<Other>(record);
    require(!timeless || time_of(record) == 0, "what has no time has time 0");
  }
}

}  // namespace
}  // namespace kprobed::decode

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kprobed::decode::check_any_bytes({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
