// SPDX-License-Identifier: Apache-2.0
#include "daemon/probe_files.h"

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "wire/messages.h"

namespace kprobed::daemon {

ProbeFiles read_probe_files(const std::string& directory) {
  ProbeFiles found;
  std::error_code failed;
  for (auto entry = std::filesystem::directory_iterator(directory, failed);
       !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    if (name.ends_with(".probes") && !name.starts_with('.')) {
      found.paths.push_back(entry->path().string());
    }
  }
  if (failed && failed != std::errc::no_such_file_or_directory) {
    found.problems.push_back(system_error(failed.value(), "read '" + directory + "'"));
    found.complete = false;
  }
  std::ranges::sort(found.paths);
  for (const std::string& path : found.paths) {
    auto text = read_file(path, wire::kMaxSpecBytes);
    if (text.ok()) {
      found.files.push_back(
          std::make_shared<const Source>(Source{.name = path, .text = std::move(text).value()}));
    } else {
      found.problems.push_back(std::move(text).error());
    }
  }
  return found;
}

}  // namespace kprobed::daemon
