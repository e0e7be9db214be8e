// SPDX-License-Identifier: Apache-2.0
#include "decode/c_declaration.h"

#include "base/text.h"

namespace kprobed::decode {
namespace {

std::string_view without_prefix(std::string_view type, std::string_view prefix) {
  return type.starts_with(prefix) ? type.substr(prefix.size()) : type;
}

}  // namespace

std::optional<std::uint8_t> type_bytes(std::string_view type) {
  constexpr struct {
    std::string_view type;
    std::uint8_t bytes;
  } kTypes[] = {
      // probe_fetch_types[] of trace_probe.c, and what include/uapi/asm-generic has for them
      {"u8", 1},
      {"u16", 2},
      {"u32", 4},
      {"u64", 8},
      {"s8", 1},
      {"s16", 2},
      {"s32", 4},
      {"s64", 8},
      {"__u8", 1},
      {"__u16", 2},
      {"__u32", 4},
      {"__u64", 8},
      {"uint8_t", 1},
      {"uint16_t", 2},
      {"uint32_t", 4},
      {"uint64_t", 8},
      {"int8_t", 1},
      {"int16_t", 2},
      {"int32_t", 4},
      {"int64_t", 8},
      // C's own, alike on all of Linux
      {"char", 1},
      {"signed char", 1},
      {"unsigned char", 1},
      {"bool", 1},
      {"short", 2},
      {"unsigned short", 2},
      {"int", 4},
      {"unsigned", 4},
      {"unsigned int", 4},
      {"long long", 8},
      {"unsigned long long", 8},
  };
  type = without_prefix(type, "const ");
  for (const auto& row : kTypes)
    if (row.type == type) return row.bytes;
  return std::nullopt;
}

std::optional<std::uint8_t> type_bytes(std::string_view type, std::uint8_t word_bytes) {
  if (const auto bytes = type_bytes(type)) return bytes;
  const std::string_view bare = without_prefix(type, "const ");
  // struct cpumask is an array of longs (include/linux/cpumask_types.h).
  if (bare == "long" || bare == "unsigned long" || bare == "size_t" || bare == "cpumask_t" ||
      bare.ends_with('*'))
    return word_bytes;
  return std::nullopt;
}

bool is_char(std::string_view type) { return without_prefix(type, "const ") == "char"; }

std::string_view data_loc_element(std::string_view type) {
  type = without_prefix(without_prefix(type, "__data_loc "), "__rel_loc ");
  return trim(type.substr(0, type.find('[')));
}

}  // namespace kprobed::decode
