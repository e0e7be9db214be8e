// SPDX-License-Identifier: Apache-2.0
//
// Files of probes: /etc/kprobed/probes.d/*.probes, read at start and at reload. Reading says what
// there is; that the probes become like that is the engine's (Control::apply_file).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/result.h"

namespace kprobed::daemon {

struct ProbeFiles {
  std::vector<std::shared_ptr<const Source>> files;  ///< by name; Source::name is the path
  std::vector<Error> problems;                       ///< of files that could not be read
  std::vector<std::string> paths;                    ///< of all, those included
  bool complete = true;  ///< false: the folder could not be listed, so that `paths` may lack some
};

/// `*.probes` in `directory`, in the order of their names. Nothing if there is no such folder.
ProbeFiles read_probe_files(const std::string& directory);

}  // namespace kprobed::daemon
