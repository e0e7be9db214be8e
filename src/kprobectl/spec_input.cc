// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/spec_input.h"

#include <algorithm>
#include <iterator>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"

namespace kprobed::kprobectl {

namespace {
constexpr std::size_t kMaxFileBytes = std::size_t{16} << 20;
}

Result<Sources> read_sources(const SpecInput& input) {
  Sources sources;
  const auto add = [&sources](std::string name, std::string text) {
    sources.push_back(std::make_shared<Source>(Source{std::move(name), std::move(text)}));
  };
  for (std::size_t i = 0; i < input.arguments.size(); ++i) {
    const std::string& text = input.arguments[i];
    // `kprobectl run p do_sys_open a1`: the shell has cut one spec into three.
    const std::string_view word = trim(text);
    if ((word == "p" || word == "r") && i + 1 < input.arguments.size()) {
      return Error(ErrorCode::usage, format("'{}' alone is not a spec", word))
          .with_hint(format("quote the whole spec: '{} {} ...'", word, input.arguments[i + 1]));
    }
    add(format("argument {}", i + 1), text);
  }
  for (const std::string& file : input.files) {
    const bool standard_input = file == "-";
    KPROBED_TRY(std::string text, read_file(standard_input ? "/dev/stdin" : file, kMaxFileBytes));
    add(standard_input ? "standard input" : file, std::move(text));
  }
  return sources;
}

probespec::Parsed parse_all(const Sources& sources) {
  probespec::Parsed all;
  for (const auto& source : sources) {
    probespec::Parsed more = probespec::parse(source);
    std::ranges::move(more.specs, std::back_inserter(all.specs));
    std::ranges::move(more.errors, std::back_inserter(all.errors));
  }
  return all;
}

Result<probespec::Parsed> read_specs(const SpecInput& input) {
  KPROBED_TRY(const Sources sources, read_sources(input));
  probespec::Parsed all = parse_all(sources);
  if (all.specs.empty() && all.errors.empty()) return no_probe_given();
  return all;
}

Error no_probe_given() {
  return Error(ErrorCode::usage, "no probe given")
      .with_hint("for example: 'p do_sys_openat2 a1 a2:ustring'");
}

}  // namespace kprobed::kprobectl
