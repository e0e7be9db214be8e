// SPDX-License-Identifier: Apache-2.0
//
// The addresses that the kernel itself puts before a probe's arguments (trace_probe.h:
// FIELD_STRING_IP, _FUNC, _RETIP).
#pragma once

#include <cstdint>
#include <optional>

#include "stream/event_plan.h"

namespace kprobed::stream {

inline std::optional<std::uint64_t> kernel_word(const Event& event,
                                                std::optional<std::uint32_t> offset) {
  if (!offset) return std::nullopt;
  const decode::FieldPlan& fields = event.plan->fields;
  const std::byte* at = event.raw.data() + *offset;  // min_bytes covers it
  if (fields.word_bytes == 4) return load<std::uint32_t>(at, fields.order);
  return load<std::uint64_t>(at, fields.order);
}

/// Where a return probe's function returned to; nullopt on an entry probe.
inline std::optional<std::uint64_t> return_address(const Event& event) {
  return kernel_word(event, event.plan->fields.ret_ip);
}

/// The probed instruction of an entry probe, the function of a return probe.
inline std::optional<std::uint64_t> probed_address(const Event& event) {
  const decode::FieldPlan& fields = event.plan->fields;
  return kernel_word(event, fields.ip ? fields.ip : fields.func);
}

}  // namespace kprobed::stream
