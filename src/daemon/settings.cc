// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings.h"

#include <cerrno>

#include "base/file.h"

namespace kprobed::daemon {
namespace {

constexpr std::size_t kMaxConfigBytes = std::size_t{1} << 20;

Result<ConfigReading> read_config(const Options& options) {
  const std::string path = options.config.value_or(std::string(kConfigFile));
  Result<std::string> text = read_file(path, kMaxConfigBytes);
  if (text.ok()) {
    return parse_config(
        std::make_shared<const Source>(Source{.name = path, .text = std::move(text).value()}));
  }
  if (options.config) return std::move(text).error();
  ConfigReading defaults;
  if (text.error().sys_errno != ENOENT) defaults.problems.push_back(std::move(text).error());
  return defaults;
}

}  // namespace

Result<ConfigReading> read_settings(const Options& options) {
  KPROBED_TRY(ConfigReading reading, read_config(options));
  if (options.socket) reading.config.socket = *options.socket;
  if (options.group) reading.config.group = *options.group;
  if (options.log_level) reading.config.log_level = *options.log_level;
  return reading;
}

}  // namespace kprobed::daemon
