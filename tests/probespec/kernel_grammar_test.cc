// SPDX-License-Identifier: Apache-2.0
//
// The language against what real kernels took and refused (tests/data/<kernel>, with provenance).
#include <gtest/gtest.h>

#include <map>

#include "base/file.h"
#include "base/text.h"
#include "spec_text.h"

namespace kprobed::probespec {
namespace {

constexpr const char* kKernels[] = {"5.10", "6.1", "6.12"};

std::string captured(const std::string& kernel, const std::string& name) {
  auto text = read_file(std::string(KPROBED_TEST_DATA) + "/" + kernel + "/" + name);
  EXPECT_TRUE(text.ok()) << kernel << "/" << name;
  return text.ok() ? *text : "";
}

TEST(KernelGrammar, TakesWhatTheKernelsTook) {
  std::size_t taken = 0;
  for (const char* kernel : kKernels) {
    for (const char* file : {"definitions", "kprobe_events"}) {
      const std::string lines = captured(kernel, file);
      for (const std::string_view line : split_lines(lines)) {
        const std::string text(line);
        EXPECT_EQ(print(parse_one(text)), text);
        ++taken;
      }
    }
  }
  EXPECT_GE(taken, 75U);
}

/// "case: ..." -> what was written
std::map<std::string, std::string> read_refusals(const std::string& kernel) {
  std::map<std::string, std::string> cases;
  std::string name;
  const std::string lines = captured(kernel, "refusals");
  for (const std::string_view line : split_lines(lines)) {
    if (line.substr(0, 6) == "case: ") name = line.substr(6);
    if (line.substr(0, 7) == "wrote: ") cases[name] = line.substr(7);
  }
  return cases;
}

TEST(KernelGrammar, RefusesWhatTheyRefused) {
  const struct {
    const char* refusal;
    ErrorCode code;
  } rows[] = {
      {"return probe away from the entry", ErrorCode::wrong_place},
      {"bad type", ErrorCode::unknown_type},
      {"retval on an entry probe", ErrorCode::wrong_place},
      {"argument number out of range", ErrorCode::bad_number},
      {"dereference without brace", ErrorCode::syntax},
      {"dereference with bad offset", ErrorCode::bad_number},
      {"string of a register", ErrorCode::wrong_place},
      {"array too big", ErrorCode::bad_number},
      {"array not closed", ErrorCode::syntax},
      {"bad bitfield", ErrorCode::bad_number},
      {"maxactive too big", ErrorCode::bad_number},
      {"bad group name", ErrorCode::bad_name},
      {"bad event name", ErrorCode::bad_name},
      {"event name of 65 characters", ErrorCode::too_long},
      {"unknown command letter", ErrorCode::syntax},
      {"delete of an unknown event", ErrorCode::syntax},
      {"argument name of 33 characters", ErrorCode::too_long},
      {"argument name that is no identifier", ErrorCode::bad_name},
      {"argument name used twice", ErrorCode::name_used},
      {"reserved argument name", ErrorCode::bad_name},
      {"argument without expression", ErrorCode::syntax},
      {"argument of 64 bytes", ErrorCode::too_long},
  };
  for (const char* kernel : kKernels) {
    const auto cases = read_refusals(kernel);
    for (const auto& row : rows) {
      SCOPED_TRACE(std::string(kernel) + ": " + row.refusal);
      const auto found = cases.find(row.refusal);
      ASSERT_NE(found, cases.end());
      const Parsed parsed = parse_text(found->second);
      ASSERT_EQ(parsed.errors.size(), 1U);
      EXPECT_EQ(word(parsed.errors[0].code), word(row.code)) << parsed.errors[0].message;
    }
  }
}

// '$nothing' is no variable of the kernel's; here it may be a parameter's name, which only
// resolving can tell.
TEST(KernelGrammar, KnowsMoreNames) {
  for (const char* kernel : kKernels) {
    const std::string refused = read_refusals(kernel).at("unknown variable");
    const ProbeSpec spec = parse_one(refused);
    ASSERT_EQ(spec.args.size(), 1U) << refused;
    EXPECT_EQ(spec.args[0].expr.base, FetchBase(Named{"nothing", true}));
  }
}

}  // namespace
}  // namespace kprobed::probespec
