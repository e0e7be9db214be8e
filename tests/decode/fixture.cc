// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>

#include "base/file.h"
#include "base/text.h"

namespace kprobed::decode {

std::string captured_text(const std::string& path) {
  auto text = read_file(std::string(KPROBED_TEST_DATA "/") + path);
  if (text.ok()) return std::move(text).value();
  ADD_FAILURE() << describe(text.error());
  return {};
}

EventFormat captured_format(const std::string& kernel, const std::string& name) {
  auto format = parse_format(captured_text(kernel + "/format/" + name));
  if (format.ok()) return std::move(format).value();
  ADD_FAILURE() << kernel << "/format/" << name << ": " << describe(format.error());
  return {};
}

std::vector<CapturedRecord> captured_records(const std::string& kernel) {
  std::vector<CapturedRecord> records;
  const std::string text = captured_text(kernel + "/records");
  for (const std::string_view line : split_lines(text)) {
    if (!line.starts_with(' ')) {
      records.push_back({std::string(line), {}});
    } else {
      const ByteVector bytes = from_hex(line.substr(line.find(':') + 1));
      records.back().bytes.insert(records.back().bytes.end(), bytes.begin(), bytes.end());
    }
  }
  return records;
}

ByteVector captured_record(const std::string& kernel, std::string_view name, std::size_t nth) {
  for (CapturedRecord& record : captured_records(kernel))
    if (record.name == name && nth-- == 0) return std::move(record.bytes);
  ADD_FAILURE() << "no such record of " << kernel << ": " << name;
  return {};
}

ByteVector from_hex(std::string_view text) {
  std::string digits(text);
  std::ranges::replace(digits, '|', ' ');
  ByteVector bytes;
  for (const std::string_view word : split_words(digits)) {
    unsigned value = 0;
    const auto [stopped, error] =
        std::from_chars(word.data(), word.data() + word.size(), value, 16);
    EXPECT_TRUE(error == std::errc{} && stopped == word.data() + word.size() && value < 256)
        << word;
    bytes.push_back(static_cast<std::byte>(value));
  }
  return bytes;
}

}  // namespace kprobed::decode
