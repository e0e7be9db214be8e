// SPDX-License-Identifier: Apache-2.0
//
// kprobed.conf(5) as a value. Reading it is pure and never fails: what is unknown or wrong is a
// warning that points at it, and its default is used, so that a typing error never keeps the daemon
// from starting.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/governor.h"

namespace kprobed::daemon {

inline constexpr std::string_view kConfigFile = "/etc/kprobed/kprobed.conf";

enum class LogLevel : std::uint8_t { error, warning, info, debug };
inline constexpr std::string_view kLogLevels = "error, warning, info or debug";
std::optional<LogLevel> parse_log_level(std::string_view word);

struct Config {
  // [daemon]
  std::string socket = "/run/kprobed/kprobed.sock";
  std::string group = "kprobed";
  LogLevel log_level = LogLevel::info;
  std::size_t max_clients = 256;
  std::size_t max_probes = 1000;
  std::string probes_dir = "/etc/kprobed/probes.d";
  std::string state_dir = "/var/lib/kprobed";
  // [stream]
  std::size_t log_size = std::size_t{64} << 20;  ///< bytes
  std::size_t ring_size = 0;                     ///< bytes per CPU; 0: auto
  std::uint64_t kernel_memory = 0;               ///< bytes for rings and events; 0: auto
  std::vector<unsigned> cpus;                    ///< ascending; empty: all

  // [governor]
  engine::Budget budget;

  bool operator==(const Config&) const = default;
};

struct ConfigReading {
  Config config;
  std::vector<Error> problems;  ///< in the file's order, each with its Span
};

ConfigReading parse_config(std::shared_ptr<const Source> text);

/// Why `path` cannot be a socket's; nothing if it can: "must be absolute", ...
std::optional<std::string> check_socket_path(std::string_view path);

/// The settings in which `now` differs from `before` and which only a restart takes over.
std::vector<std::string> needing_restart(const Config& before, const Config& now);

}  // namespace kprobed::daemon
