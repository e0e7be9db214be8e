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
#include "stream/json_encoder.h"
#include "stream/json_lines.h"
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

/// Record `i`, encoded here by both encoders: the same bytes, and of the same stamp and arguments
/// as at home. The line as JSON; null after a failure that leaves none.
inline ordered_json say_again(const Captured& captured, std::size_t i, ByteOrder order,
                              JsonLines& encoder, JsonEncoder& fast) {
  const auto home = ordered_json::parse(captured.lines[i]);
  const decode::Record record = decode::parse_record(captured.records[i].bytes, order);
  const auto* sample = std::get_if<decode::Sample>(&record);
  if (sample == nullptr) {
    ADD_FAILURE() << "record " << i << " is no sample";
    return {};
  }
  EXPECT_EQ(sample->stamp.time_ns, home["ts"]);
  EXPECT_EQ(sample->stamp.cpu, home["cpu"]);
  EXPECT_EQ(sample->stamp.pid, home["pid"]);
  EXPECT_EQ(sample->stamp.tid, home["tid"]);
  const Event event{.plan = &captured.plan,
                    .stamp = sample->stamp,
                    .raw = sample->raw,
                    .seq = home["seq"],
                    .comm = "puppet"};
  std::string text;
  LineBuffer fast_text;
  if (!encoder.event(event, text) || !fast.event(event, fast_text)) {
    ADD_FAILURE() << "record " << i << " is refused";
    return {};
  }
  EXPECT_EQ(fast_text.view(), text);
  EXPECT_EQ(arguments(text), arguments(captured.lines[i]));
  return ordered_json::parse(text);
}

}  // namespace kprobed::stream::test
