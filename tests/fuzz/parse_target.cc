// SPDX-License-Identifier: Apache-2.0
//
// What must hold for any bytes as a spec. libFuzzer, replay.cc over the corpus, and
// tests/probespec/hostile_test.cc with random bytes call it.
#include <cstdint>
#include <memory>
#include <string>

#include "base/text.h"
#include "probespec/parse.h"
#include "require.h"

namespace kprobed::probespec {
namespace {

using fuzz::require;

/// A known place inside an existing line.
bool inside(const Span& span, std::size_t lines) {
  return span.known() && span.line <= lines && span.begin <= span.end &&
         span.end <= line_text(span).size();
}

std::size_t lines_with_text(const std::vector<std::string_view>& lines) {
  std::size_t count = 0;
  for (std::string_view line : lines) {
    const bool refused_unread = line.size() > kMaxLineBytes + 1;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const std::string_view text = line.substr(0, line.find('#'));
    const bool has_text = text.find_first_not_of(" \t") != std::string_view::npos;
    if (refused_unread || line.size() > kMaxLineBytes || has_text) ++count;
  }
  return count;
}

}  // namespace

void check_any_text(std::string text) {
  const auto source = std::make_shared<const Source>(Source{"fuzz", std::move(text)});
  const auto lines = split_lines(source->text);
  const Parsed parsed = parse(source);

  require(parsed.specs.size() + parsed.errors.size() == lines_with_text(lines),
          "each line gives one spec or one error", source->text);
  for (const Error& error : parsed.errors) {
    require(inside(error.span, lines.size()), "an error stands inside its line", source->text);
    require(!error.message.empty() && !error.hint.empty(), "an error says what to do",
            source->text);
    require(error.message.size() + error.hint.size() < 500, "an error is short", source->text);
    require(!render(error).empty(), "an error can be shown", source->text);
  }
  for (const ProbeSpec& spec : parsed.specs) {
    require(inside(spec.span, lines.size()), "a spec stands inside its line", source->text);
    const std::string printed = print(spec);
    const auto again = std::make_shared<const Source>(Source{"printed", printed});
    const Parsed back = parse(again);
    require(back.errors.empty() && back.specs.size() == 1 &&
                without_spans(back.specs[0]) == without_spans(spec),
            "what is printed is read as the same spec", source->text);
    require(print(back.specs[0]) == printed, "printing is canonical", source->text);
  }
}

}  // namespace kprobed::probespec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kprobed::probespec::check_any_text(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
