// SPDX-License-Identifier: Apache-2.0
//
// What tests/capture/capture_kprobes left of one probe, ready to be read again.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "../decode/fixture.h"
#include "arch/arch_abi.h"
#include "base/text.h"
#include "json_oracle.h"
#include "stream/event_plan.h"
#include "stream/json_program.h"

namespace kprobed::stream::test {

inline decode::Show show_named(std::string_view word) {
  if (word == "unsigned") return decode::Show::unsigned_number;
  if (word == "signed") return decode::Show::signed_number;
  if (word == "hex") return decode::Show::hex;
  EXPECT_EQ(word, "text");
  return decode::Show::text;
}

/// The lines of "fields": name, the kernel's name, how shown, and the second half's field.
inline std::vector<decode::WantedField> wanted_fields(const std::string& text) {
  std::vector<decode::WantedField> wanted;
  for (const std::string_view line : split_lines(text)) {
    const auto words = split_words(line);
    EXPECT_TRUE(words.size() == 3 || words.size() == 4) << line;
    if (words.size() < 3) continue;
    wanted.push_back({std::string(words[0]), std::string(words[1]), {show_named(words[2])}});
    if (words.size() > 3) wanted.back().second_name = words[3];
  }
  return wanted;
}

/// One probe's folder, as capture_kprobes left it on a machine of that architecture.
struct Captured {
  EventPlan plan;
  std::vector<decode::CapturedRecord> records;
  std::string schema;              ///< as written at home
  std::vector<std::string> lines;  ///< the same, one for each record

  explicit Captured(const std::string& folder, std::string_view machine = "x86_64")
      : records(decode::captured_records(folder)) {
    const std::string said_at_home = decode::captured_text(folder + "/lines");
    for (const std::string_view line : split_lines(said_at_home)) {
      (schema.empty() ? schema : lines.emplace_back()) = std::string(line) + "\n";
    }
    const auto said = ordered_json::parse(schema, nullptr, false);
    const auto format = decode::parse_format(decode::captured_text(folder + "/format"));
    const arch::ArchAbi* abi = arch::find(machine);
    if (said.is_discarded() || !format.ok() || abi == nullptr) {
      ADD_FAILURE() << folder;
      return;
    }
    plan.label = {said["probe"], said["kind"].get<std::string>()[0], said["symbol"], said["offset"],
                  said["spec"]};
    const auto fields =
        decode::compile(*format, wanted_fields(decode::captured_text(folder + "/fields")),
                        abi->byte_order, abi->word_bytes);
    if (fields.ok()) {
      plan.fields = *fields;
      plan.json = compile_json(plan);
    } else {
      ADD_FAILURE() << folder << ": " << describe(fields.error());
    }
  }
};

/// What an event's line says of its arguments: args, and faults and bytes where there are any.
inline std::string arguments(const std::string& line) {
  const std::size_t at = line.find(R"(,"args":{)");
  EXPECT_NE(at, std::string::npos) << line;
  return at == std::string::npos ? std::string() : line.substr(at);
}

}  // namespace kprobed::stream::test
