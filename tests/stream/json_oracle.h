// SPDX-License-Identifier: Apache-2.0
//
// What an event's line must say, by decode::values() and somebody else's JSON reader.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "base/format.h"
#include "decode/field_plan.h"

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

/// `line` has all of `fields`, in their order and no others, each with its value of `values`.
inline void expect_says(const decode::FieldPlan& fields, const std::vector<decode::Value>& values,
                        const ordered_json& line) {
  EXPECT_EQ(keys(line["args"]), names_of(fields));
  for (std::size_t i = 0; i < fields.ops.size(); ++i) {
    std::visit(Expect{fields.ops[i].name, line}, values[i]);
  }
}

}  // namespace kprobed::stream::test
