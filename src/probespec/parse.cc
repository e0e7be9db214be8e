// SPDX-License-Identifier: Apache-2.0
#include "probespec/parse.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "probespec/parse_arg.h"
#include "probespec/parse_kind.h"
#include "probespec/parse_point.h"
#include "probespec/token.h"

namespace kprobed::probespec {
namespace {

/// The kernel's isspace without what ends a line.
constexpr std::string_view kBlanks = " \t";

/// Only printable ASCII means something. Anything else is shown by its number: it may be invisible,
/// or look like another character.
Result<void> check_bytes(const Token& text) {
  const std::string_view bytes = text.text();
  const auto bad = std::find_if(bytes.begin(), bytes.end(), [](char c) {
    return c != '\t' && (c < ' ' || c > '~');  // also those that are negative as char
  });
  if (bad == bytes.end()) return {};
  const auto at = static_cast<std::size_t>(bad - bytes.begin());
  const std::size_t length = std::max<std::size_t>(1, utf8_sequence(bytes.substr(at)));
  std::string shown;
  for (const char c : bytes.substr(at, length)) {
    shown += format(" {:#04x}", static_cast<unsigned char>(c));
  }
  return blame(text.part(at, length), ErrorCode::syntax, "unexpected byte" + shown,
               "a spec is plain ASCII; text copied from a page may hold look-alikes");
}

std::vector<Token> cut_words(const Token& text) {
  std::vector<Token> words;
  const std::string_view bytes = text.text();
  std::size_t at = 0;
  while ((at = bytes.find_first_not_of(kBlanks, at)) != std::string_view::npos) {
    const std::size_t end = std::min(bytes.find_first_of(kBlanks, at), bytes.size());
    words.push_back(text.part(at, end - at));
    at = end;
  }
  return words;
}

/// In the record a name stands for one field, so two arguments cannot share it, written or not.
Result<void> claim_name(std::vector<std::string>& taken, const FetchArg& arg, const Token& token) {
  std::string name = argument_name(arg, taken.size());
  const auto is_taken = [&](std::string_view wanted) {
    return std::find(taken.begin(), taken.end(), wanted) != taken.end();
  };
  if (is_taken(name)) {
    const std::size_t written = arg.name.size();
    std::string free = "x";
    while (is_taken(free)) free += "x";
    return blame(written == 0 ? token : token.part(0, written), ErrorCode::name_used,
                 format("an argument before this one is named '{}' too", name),
                 format("give it a name of its own: {}={}", free,
                        token.text().substr(written == 0 ? 0 : written + 1)));
  }
  taken.push_back(std::move(name));
  return {};
}

Result<ProbeSpec> parse_words(const std::vector<Token>& words) {
  ProbeSpec spec;
  spec.span = cover(words.front().span(), words.back().span());
  KPROBED_TRY(spec.kind, parse_kind(words.front()));
  if (words.size() == 1) {
    return blame(words.front().after(), ErrorCode::syntax, "where to probe is missing",
                 format("name a function: {} vfs_read", words.front().text()));
  }
  KPROBED_TRY(spec.point, parse_point(words[1], spec.kind));

  std::vector<std::string> names;
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (spec.args.size() == kMaxArgs) {
      return blame(words[i], ErrorCode::too_many,
                   format("a probe takes at most {} fetchargs", kMaxArgs),
                   "set a second probe at the same place for the rest");
    }
    KPROBED_TRY(auto arg, parse_arg(words[i], spec.kind));
    KPROBED_TRY_VOID(claim_name(names, arg, words[i]));
    spec.args.push_back(std::move(arg));
  }
  return spec;
}

Error too_long(const Token& line, std::size_t bytes) {
  const Token excess = line.size() > kMaxLineBytes ? line.part(kMaxLineBytes) : line;
  return blame(excess, ErrorCode::too_long,
               format("the line has {} bytes, at most {} are taken", bytes, kMaxLineBytes),
               "set a second probe at the same place for some of the fetchargs");
}

void parse_line(const Line& line, Parsed& parsed) {
  const Token whole(line, 0, line.text.size());
  if (whole.size() > kMaxLineBytes) {
    parsed.errors.push_back(too_long(whole, whole.size()));
    return;
  }
  const Token text = whole.part(0, line.text.find('#'));
  if (auto checked = check_bytes(text); !checked.ok()) {
    parsed.errors.push_back(std::move(checked).error());
    return;
  }
  const std::vector<Token> words = cut_words(text);
  if (words.empty()) return;
  auto spec = parse_words(words);
  if (!spec.ok()) {
    parsed.errors.push_back(std::move(spec).error());
  } else if (const std::size_t bytes = print(*spec).size(); bytes > kMaxLineBytes) {
    // Printing makes addresses hexadecimal; what is printed must be readable again.
    parsed.errors.push_back(too_long(whole, bytes));
  } else {
    parsed.specs.push_back(std::move(spec).value());
  }
}

}  // namespace

Parsed parse(std::shared_ptr<const Source> source) {
  Parsed parsed;
  Line line;
  line.source = std::move(source);
  for (std::string_view text : split_lines(line.source->text)) {
    // Files written elsewhere end their lines with "\r\n".
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    line.text = text;
    ++line.number;
    parse_line(line, parsed);
  }
  return parsed;
}

}  // namespace kprobed::probespec
