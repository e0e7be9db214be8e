// SPDX-License-Identifier: Apache-2.0
#include "probespec/parse.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "probespec/parse_arg.h"
#include "probespec/parse_condition.h"
#include "probespec/parse_head.h"
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

/// A line cut at its blanks, up to its comment.
struct CutLine {
  Token text;  ///< without the comment
  std::vector<Token> words;
  std::optional<Token> if_word;
  Token condition;  ///< what follows it
};

/// Where a comment begins from `at` on: at a '#' outside of quotes.
std::size_t comment_behind_quotes(std::string_view line, std::size_t at) {
  char quote = 0;
  for (; at < line.size(); ++at) {
    const char c = line[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '#') {
      break;
    }
  }
  return at;
}

/// "if", also with what a condition may begin with behind it: "if(a1 == 1)".
bool is_if(std::string_view word) {
  return begins_with(word, "if") && (word.size() == 2 || word[2] == '(' || word[2] == '!');
}

CutLine cut(const Token& line) {
  CutLine cut{line, {}, {}, line.after()};
  const std::string_view bytes = line.text();
  std::size_t at = 0;
  while ((at = bytes.find_first_not_of(kBlanks, at)) != std::string_view::npos) {
    const std::size_t end = std::min(bytes.find_first_of(" \t#", at), bytes.size());
    const Token word = line.part(at, end - at);
    if (word.empty()) {
      cut.text = line.part(0, at);
      return cut;
    }
    if (!cut.words.empty() && is_if(word.text())) {
      const std::size_t comment = comment_behind_quotes(bytes, at);
      cut.text = line.part(0, comment);
      cut.if_word = word.part(0, 2);
      cut.condition = line.part(at + 2, comment - at - 2);
      return cut;
    }
    cut.words.push_back(word);
    at = end;
  }
  return cut;
}

/// In the record a name stands for one field, so two arguments cannot share it, written or not.
Result<void> claim_name(std::vector<std::string>& taken, const FetchArg& arg, std::size_t index,
                        const Token& token) {
  if (std::holds_alternative<AllArguments>(arg.expr.base)) return {};  // resolving knows them
  std::string name = argument_name(arg, index);
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

/// One thing to look at, and how it is written in that kind of spec.
Error no_point(const Token& head, const ProbeSpec& spec) {
  const bool event = spec.mechanism == Mechanism::tracepoint;
  return blame(head.after(), ErrorCode::syntax, "where to probe is missing",
               format("name {}: {} {}", event ? "an event" : "a function", clipped(head.text()),
                      event ? "sched/sched_switch" : "vfs_read"));
}

bool is_all_arguments(const FetchArg& arg) {
  return std::holds_alternative<AllArguments>(arg.expr.base);
}

Result<ProbeSpec> parse_words(const CutLine& line) {
  const std::vector<Token>& words = line.words;
  KPROBED_TRY(auto spec, parse_head(words.front()));
  if (words.size() == 1) return no_point(words.front(), spec);
  KPROBED_TRY_VOID(parse_point(words[1], spec));

  std::vector<std::string> names;
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (spec.args.size() == kMaxArgs) {
      return blame(words[i], ErrorCode::too_many,
                   format("a probe takes at most {} fetchargs", kMaxArgs),
                   "set a second probe at the same place for the rest");
    }
    KPROBED_TRY(auto arg, parse_arg(words[i], spec));
    if (is_all_arguments(arg) &&
        std::any_of(spec.args.begin(), spec.args.end(), is_all_arguments)) {
      return blame(words[i], ErrorCode::name_used, "all arguments are asked for twice",
                   "leave this one out");
    }
    KPROBED_TRY_VOID(claim_name(names, arg, spec.args.size(), words[i]));
    spec.args.push_back(std::move(arg));
  }
  spec.span = cover(words.front().span(), words.back().span());
  if (line.if_word) {
    KPROBED_TRY(spec.condition, parse_condition(*line.if_word, line.condition));
    const std::size_t end = line.condition.text().find_last_not_of(kBlanks) + 1;
    spec.span = cover(spec.span, line.condition.part(0, end).span());
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
  const CutLine words = cut(whole);
  if (auto checked = check_bytes(words.text); !checked.ok()) {
    parsed.errors.push_back(std::move(checked).error());
    return;
  }
  if (words.words.empty()) return;
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
