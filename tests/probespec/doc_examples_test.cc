// SPDX-License-Identifier: Apache-2.0
//
// docs/spec.md promises: each line of a ```spec block is taken, each line of a ```spec-error block
// is refused with the code that its comment names, and the ```error block is what a user sees.
#include <gtest/gtest.h>

#include <map>

#include "base/file.h"
#include "base/text.h"
#include "spec_text.h"

namespace kprobed::probespec {
namespace {

struct Example {
  std::size_t line = 0;  ///< of the document
  std::string text;
};

/// The lines of the fenced blocks of the document, by the word after the fence.
std::map<std::string, std::vector<Example>> read_examples() {
  auto document = read_file(KPROBED_SPEC_DOCUMENT);
  EXPECT_TRUE(document.ok());
  if (!document.ok()) return {};
  std::map<std::string, std::vector<Example>> examples;
  std::string block;
  std::size_t number = 0;
  for (const std::string_view line : split_lines(*document)) {
    ++number;
    if (line.substr(0, 3) == "```") {
      block = block.empty() ? std::string(line) : "";
    } else if (!block.empty() && !trim(line).empty()) {
      examples[block.substr(3)].push_back({number, std::string(line)});
    }
  }
  EXPECT_EQ(block, "") << "a block is not closed";
  return examples;
}

TEST(DocExamples, SpecsAreTaken) {
  const auto examples = read_examples()["spec"];
  std::size_t specs = 0;
  for (const Example& example : examples) {
    const Parsed parsed = parse_text(example.text);
    for (const Error& error : parsed.errors) {
      ADD_FAILURE() << "docs/spec.md:" << example.line << ":\n" << render(error);
    }
    specs += parsed.specs.size();
  }
  EXPECT_GT(specs, 30U);
}

TEST(DocExamples, MistakesAreRefusedWithTheirCode) {
  const auto examples = read_examples()["spec-error"];
  EXPECT_GT(examples.size(), 15U);
  for (const Example& example : examples) {
    const Parsed parsed = parse_text(example.text);
    ASSERT_EQ(parsed.errors.size(), 1U) << "docs/spec.md:" << example.line;
    const std::size_t comment = example.text.find('#');
    ASSERT_NE(comment, std::string::npos) << "docs/spec.md:" << example.line;
    EXPECT_EQ(word(parsed.errors[0].code), trim(std::string_view(example.text).substr(comment + 1)))
        << "docs/spec.md:" << example.line << ": " << parsed.errors[0].message;
  }
}

TEST(DocExamples, AnErrorLooksAsShown) {
  const auto lines = read_examples()["error"];
  ASSERT_EQ(lines.size(), 4U);
  const auto source = std::make_shared<const Source>(Source{"probes", lines[1].text.substr(2)});
  const Parsed parsed = parse(source);
  ASSERT_EQ(parsed.errors.size(), 1U);
  std::string shown;
  for (const Example& line : lines) shown += line.text + "\n";
  EXPECT_EQ(render(parsed.errors[0]), shown);
}

}  // namespace
}  // namespace kprobed::probespec
