// SPDX-License-Identifier: Apache-2.0
#include "captured.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "base/file.h"
#include "base/text.h"
#include "decode/format_file.h"
#include "decode/sample_layout.h"
#include "stream/json_program.h"

namespace kprobed::bench {
namespace {

constexpr std::size_t kRawAt = decode::kSampleHeadBytes + 4;
constexpr std::size_t kTimeAt = 24;

template <typename T>
T must(Result<T> result) {
  if (result.ok()) return std::move(result).value();
  std::cerr << describe(result.error()) << "\n";
  std::exit(1);
}

/// The first record of a file like xxd's.
ByteVector first_record(const std::string& text) {
  ByteVector bytes;
  bool begun = false;
  for (const std::string_view line : split_lines(text)) {
    if (!line.starts_with(' ')) {
      if (begun) break;
      begun = true;
      continue;
    }
    for (const std::string_view word : split_words(line.substr(line.find(':') + 1))) {
      unsigned value = 0;
      std::from_chars(word.data(), word.data() + word.size(), value, 16);
      bytes.push_back(static_cast<std::byte>(value));
    }
  }
  return bytes;
}

template <typename T>
void patch(ByteVector& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

}  // namespace

Captured captured(std::string_view folder, const std::vector<decode::WantedField>& wanted) {
  const std::string path = std::string(KPROBED_TEST_DATA "/") + std::string(folder);
  Captured out;
  out.record = first_record(must(read_file(path + "/records")));
  const auto format = must(decode::parse_format(must(read_file(path + "/format"))));
  out.plan.fields = must(decode::compile(format, wanted, ByteOrder::little, 8));
  const std::string name(folder.substr(folder.rfind('/') + 1));
  out.plan.label = {
      .name = name, .kind = 'p', .symbol = name, .offset = 0, .spec = "p " + name, .path = ""};
  if (out.plan.fields.ret_ip) out.plan.label.kind = 'r';
  out.plan.json = stream::compile_json(out.plan);
  return out;
}

void replace_text(Captured& captured, std::size_t field, std::string_view text) {
  ByteVector& record = captured.record;
  const std::size_t word_at = kRawAt + captured.plan.fields.ops[field].offset;
  std::uint32_t word = 0;
  std::memcpy(&word, record.data() + word_at, 4);
  const std::size_t text_at = kRawAt + (word & 0xffff);
  record.resize(text_at);
  for (const char c : text) record.push_back(static_cast<std::byte>(c));
  record.push_back(std::byte{0});
  while (record.size() % 8 != 0) record.push_back(std::byte{0});
  patch(record, word_at, static_cast<std::uint32_t>((text.size() + 1) << 16 | (word & 0xffff)));
  patch(record, decode::kSampleHeadBytes, static_cast<std::uint32_t>(record.size() - kRawAt));
  patch(record, 6, static_cast<std::uint16_t>(record.size()));
}

std::vector<ByteVector> many(const Captured& captured, std::size_t field, std::size_t count) {
  std::vector<ByteVector> all(count, captured.record);
  const decode::FieldOp& op = captured.plan.fields.ops[field];
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t time = 0;
    std::memcpy(&time, all[i].data() + kTimeAt, 8);
    patch(all[i], kTimeAt, time + i * 250);
    const std::uint64_t value = 1'000 + 7 * i;
    std::memcpy(all[i].data() + kRawAt + op.offset, &value, op.bytes);
  }
  return all;
}

}  // namespace kprobed::bench
