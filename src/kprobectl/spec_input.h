// SPDX-License-Identifier: Apache-2.0
//
// Specs as a user gives them: arguments of the command line, files, standard input.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "probespec/parse.h"

namespace kprobed::kprobectl {

struct SpecInput {
  std::vector<std::string> arguments;  ///< each holds one spec, or several lines
  std::vector<std::string> files;      ///< "-" is standard input
};

using Sources = std::vector<std::shared_ptr<const Source>>;

/// The texts in order, files after arguments. Errors: a file that cannot be read, a spec that the
/// shell has cut into words.
Result<Sources> read_sources(const SpecInput& input);

/// All specs in order, and all errors in them.
probespec::Parsed parse_all(const Sources& sources);

/// Both. Errors are in `errors` of the result; an Error proper is one of read_sources(), or no spec
/// at all.
Result<probespec::Parsed> read_specs(const SpecInput& input);

/// "no probe given", with an example.
Error no_probe_given();

}  // namespace kprobed::kprobectl
