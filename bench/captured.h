// SPDX-License-Identifier: Apache-2.0
//
// Records that real kernels wrote (tests/data, each with its PROVENANCE) as input of the
// benchmarks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "decode/field_plan.h"
#include "stream/event_plan.h"

namespace kprobed::bench {

using ByteVector = std::vector<std::byte>;

/// One probe with its record.
struct Captured {
  stream::EventPlan plan;
  ByteVector record;
};

/// tests/data/KERNEL/kprobes/PROBE: its first record, and a plan of `wanted`.
Captured captured(std::string_view folder, const std::vector<decode::WantedField>& wanted);

/// The same record, with `text` in place of the string that `field` of it points at, which is the
/// last thing in it.
void replace_text(Captured& captured, std::size_t field, std::string_view text);

/// As many copies as a drained ring may hold, each 250 ns later than the one before, and with a
/// counter in `field`.
std::vector<ByteVector> many(const Captured& captured, std::size_t field, std::size_t count);

}  // namespace kprobed::bench
