// SPDX-License-Identifier: Apache-2.0
//
// What an event's line must say, by decode::values() and somebody else's JSON reader.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "base/format.h"
#include "decode/field_plan.h"
#include "stream/event_plan.h"

namespace kprobed::stream::test {

using nlohmann::ordered_json;

/// By nlohmann's own decoder, not by ours.
inline bool is_utf8(const std::string& text) {
  try {
    (void)ordered_json(text).dump();
    return true;
  } catch (const ordered_json::type_error&) {
    return false;
  }
}

inline std::string as_hex(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) out += format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

/// "vfs_read+0x4/0x1f0 [module]", or the address.
inline std::string as_symbol(std::uint64_t address, const AddressNames& names) {
  const AddressNames::Place place = names.place_of(address);
  if (place.symbol.empty()) return format("0x{:x}", address);
  std::string text = format("{}+0x{:x}", place.symbol, place.offset);
  if (place.size != 0) text += format("/0x{:x}", place.size);
  if (!place.module.empty()) text += format(" [{}]", place.module);
  return text;
}

/// What the line must say of one value, or of one element of an array.
struct Expect {
  const std::string& name;  ///< in "faults" and "bytes": "path", "paths[1]"
  const ordered_json& line;
  const ordered_json& said;  ///< the value
  decode::Show show;
  const AddressNames& names;

  bool noted(const char* where) const { return line.contains(where) && line[where].contains(name); }

  void operator()(std::uint64_t value) const {
    ASSERT_TRUE(said.is_number_unsigned());
    EXPECT_EQ(said.get<std::uint64_t>(), value);
  }
  void operator()(std::int64_t value) const {
    ASSERT_TRUE(said.is_number_integer());
    EXPECT_EQ(said.get<std::int64_t>(), value);
  }
  void operator()(bool value) const {
    ASSERT_TRUE(said.is_boolean());
    EXPECT_EQ(said.get<bool>(), value);
  }
  void operator()(decode::Hex hex) const {
    EXPECT_EQ(said.get<std::string>(), show == decode::Show::symbol ? as_symbol(hex.value, names)
                                                                    : format("0x{:x}", hex.value));
  }
  void operator()(const std::string& text) const {
    ASSERT_TRUE(said.is_string());
    const auto shown = said.get<std::string>();
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
    EXPECT_TRUE(said.is_null());
    ASSERT_TRUE(noted("faults"));
    EXPECT_FALSE(noted("bytes"));
  }
  void operator()(decode::Malformed) const { FAIL() << "printed a malformed field"; }
};

/// Is there anything that no line can say?
inline bool is_malformed(const decode::Value& value) {
  const decode::Scalar malformed = decode::Malformed{};
  if (const auto* scalar = std::get_if<decode::Scalar>(&value)) return *scalar == malformed;
  const auto& elements = std::get<std::vector<decode::Scalar>>(value);
  return std::find(elements.begin(), elements.end(), malformed) != elements.end();
}

/// In the line's order.
inline std::vector<std::string> keys(const ordered_json& object) {
  std::vector<std::string> out;
  for (const auto& [key, value] : object.items()) out.push_back(key);
  return out;
}

inline std::vector<std::string> names_of(const decode::FieldPlan& fields) {
  std::vector<std::string> out;
  for (const decode::FieldOp& op : fields.ops) out.push_back(op.name);
  return out;
}

inline void expect_says(const decode::FieldOp& op, const decode::Value& value,
                        const AddressNames& names, const ordered_json& line) {
  const ordered_json& said = line["args"][op.name];
  if (const auto* scalar = std::get_if<decode::Scalar>(&value)) {
    std::visit(Expect{op.name, line, said, op.shape.show, names}, *scalar);
    return;
  }
  const auto& elements = std::get<std::vector<decode::Scalar>>(value);
  ASSERT_TRUE(said.is_array()) << op.name;
  ASSERT_EQ(said.size(), elements.size()) << op.name;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::string element = format("{}[{}]", op.name, i);
    std::visit(Expect{element, line, said[i], op.shape.show, names}, elements[i]);
  }
}

/// `line` has all of `fields`, in their order and no others, each with its value of `values`.
inline void expect_says(const decode::FieldPlan& fields, const std::vector<decode::Value>& values,
                        const AddressNames& names, const ordered_json& line) {
  EXPECT_EQ(keys(line["args"]), names_of(fields));
  for (std::size_t i = 0; i < fields.ops.size(); ++i)
    expect_says(fields.ops[i], values[i], names, line);
}

}  // namespace kprobed::stream::test
