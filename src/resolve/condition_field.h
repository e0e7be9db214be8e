// SPDX-License-Identifier: Apache-2.0
//
// What a name in a condition is for the kernel's filter: which field of the record, and how it is
// compared there (kernel/trace/trace_events_filter.c, parse_pred).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "decode/value_shape.h"
#include "probespec/spec.h"
#include "resolve/kernel_view.h"
#include "resolve/resolved_probe.h"

namespace kprobed::resolve {

struct FilterField {
  enum class Kind : std::uint8_t { number, text };

  std::string kernel_name;
  Kind kind = Kind::number;
  unsigned bytes = 8;  ///< number: 1, 2, 4, 8
  bool is_signed = false;
  bool in_hex = false;   ///< how its values are written
  bool has_bits = true;  ///< number: '&' can be asked
  bool is_boolean = false, is_character = false;
  bool narrow = false;  ///< its C type has fewer bytes than the field
  std::shared_ptr<const std::vector<decode::Enumerator>> enumerators;
};

/// Looks in this order: an argument's output name, its expression as it was written, its name in
/// the kernel, a field of an existing event that is not recorded, words that every event has (comm,
/// cpu, tid; rp at a return). Errors carry comparison.field_span: not_found, wrong_place (nothing
/// that the kernel can compare).
Result<FilterField> find_filter_field(const probespec::Comparison& comparison,
                                      const probespec::ProbeSpec& spec,
                                      const std::vector<ResolvedArg>& args,
                                      const KernelView& kernel);

}  // namespace kprobed::resolve
