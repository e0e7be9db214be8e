// SPDX-License-Identifier: Apache-2.0
#include "daemon/config.h"

#include <sys/un.h>

#include <array>
#include <bit>
#include <charconv>
#include <set>

#include "base/format.h"
#include "base/text.h"
#include "ringbuf/cpu_list.h"

namespace kprobed::daemon {
namespace {

using Complaint = std::optional<std::string>;  ///< what a value must be; nothing if it is that

/// "64M" is 67108864.
std::optional<std::uint64_t> parse_size(std::string_view text) {
  unsigned shift = 0;
  if (!text.empty()) {
    const std::size_t unit = std::string_view("KMG").find(text.back());
    if (unit != std::string_view::npos) {
      shift = 10 * (static_cast<unsigned>(unit) + 1);
      text.remove_suffix(1);
    }
  }
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data(), end, number);
  if (text.empty() || failed != std::errc() || rest != end) return std::nullopt;
  if (number > (UINT64_MAX >> shift)) return std::nullopt;
  return number << shift;
}

Complaint set_number(std::string_view text, std::uint64_t least, std::uint64_t most,
                     std::size_t& out) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data(), end, number);
  if (text.empty() || failed != std::errc() || rest != end || number < least || number > most) {
    return format("must be a number from {} to {}", least, most);
  }
  out = static_cast<std::size_t>(number);
  return {};
}

Complaint set_socket(std::string_view value, Config& config) {
  if (auto bad = check_socket_path(value)) return bad;
  config.socket = value;
  return {};
}
Complaint set_group(std::string_view value, Config& config) {
  if (value.empty() || value.find_first_of(" \t:") != std::string_view::npos) {
    return "must be the name of a group";
  }
  config.group = value;
  return {};
}
Complaint set_log_level(std::string_view value, Config& config) {
  const auto level = parse_log_level(value);
  if (!level) return format("must be {}", kLogLevels);
  config.log_level = *level;
  return {};
}
Complaint set_max_clients(std::string_view value, Config& config) {
  return set_number(value, 1, 10'000, config.max_clients);
}
Complaint set_max_probes(std::string_view value, Config& config) {
  return set_number(value, 1, 100'000, config.max_probes);
}
Complaint set_folder(std::string_view value, std::string& out) {
  if (value.empty() || value.front() != '/') return "must be an absolute path";
  while (value.size() > 1 && value.back() == '/') value.remove_suffix(1);
  out = value;
  return {};
}
Complaint set_probes_dir(std::string_view value, Config& config) {
  return set_folder(value, config.probes_dir);
}
Complaint set_state_dir(std::string_view value, Config& config) {
  return set_folder(value, config.state_dir);
}
Complaint set_log_size(std::string_view value, Config& config) {
  const auto size = parse_size(value);
  // A program of 32 bits has 3 GiB in all.
  constexpr std::uint64_t kMost = sizeof(std::size_t) == 8 ? 16ULL << 30 : 1ULL << 30;
  if (!size || *size < (1ULL << 20) || *size > kMost) {
    return format("must be a size from 1M to {}G", kMost >> 30);
  }
  config.log_size = static_cast<std::size_t>(*size);
  return {};
}
Complaint set_ring_size(std::string_view value, Config& config) {
  if (value == "auto") {
    config.ring_size = 0;
    return {};
  }
  const auto size = parse_size(value);
  if (!size || !std::has_single_bit(*size) || *size < (64ULL << 10) || *size > (64ULL << 20)) {
    return "must be auto, or a power of two from 64K to 64M";
  }
  config.ring_size = static_cast<std::size_t>(*size);
  return {};
}

Complaint set_kernel_memory(std::string_view value, Config& config) {
  if (value == "auto") {
    config.kernel_memory = 0;
    return {};
  }
  const auto size = parse_size(value);
  if (!size || *size < (1ULL << 20) || *size > (64ULL << 30)) {
    return "must be auto, or a size from 1M to 64G";
  }
  config.kernel_memory = *size;
  return {};
}

Complaint set_cpus(std::string_view value, Config& config) {
  config.cpus.clear();
  if (value == "all") return {};
  auto cpus = ringbuf::parse_cpu_list(value);
  if (!cpus.ok()) return "must be all, or a list of CPUs as 0-3,8";
  config.cpus = std::move(cpus).value();
  return {};
}

Complaint set_governor(std::string_view value, Config& config) {
  if (value != "on" && value != "off") return "must be on or off";
  config.budget.on = value == "on";
  return {};
}
/// "5%" is 0.05.
Complaint set_share(std::string_view value, double& out) {
  constexpr std::size_t kMost = 10'000;  // a hundred CPUs
  std::size_t number = 0;
  if (!value.ends_with('%') || set_number(value.substr(0, value.size() - 1), 1, kMost, number)) {
    return format("must be a share of one CPU, from 1% to {}%", kMost);
  }
  out = static_cast<double>(number) / 100;
  return {};
}
Complaint set_probe_cpu(std::string_view value, Config& config) {
  return set_share(value, config.budget.probe_share);
}
Complaint set_total_cpu(std::string_view value, Config& config) {
  return set_share(value, config.budget.total_share);
}
Complaint set_probe_events(std::string_view value, Config& config) {
  std::size_t number = 0;
  if (auto bad = set_number(value, 0, 1'000'000'000, number)) return bad;
  config.budget.events = number;
  return {};
}
Complaint set_probe_bytes(std::string_view value, Config& config) {
  const auto size = parse_size(value);
  if (!size) return "must be a size such as 10M; 0 is no limit";
  config.budget.line_bytes = *size;
  return {};
}

struct Setting {
  std::string_view section, key;
  Complaint (*set)(std::string_view value, Config& config);
};
constexpr std::array<Setting, 16> kSettings = {{
    {"daemon", "socket", set_socket},
    {"daemon", "group", set_group},
    {"daemon", "log_level", set_log_level},
    {"daemon", "max_clients", set_max_clients},
    {"daemon", "max_probes", set_max_probes},
    {"daemon", "probes_dir", set_probes_dir},
    {"daemon", "state_dir", set_state_dir},
    {"stream", "log_size", set_log_size},
    {"stream", "ring_size", set_ring_size},
    {"stream", "kernel_memory", set_kernel_memory},
    {"stream", "cpus", set_cpus},
    {"governor", "governor", set_governor},
    {"governor", "probe_cpu", set_probe_cpu},
    {"governor", "total_cpu", set_total_cpu},
    {"governor", "probe_events", set_probe_events},
    {"governor", "probe_bytes", set_probe_bytes},
}};

class Reader {
 public:
  explicit Reader(std::shared_ptr<const Source> source) : source_(std::move(source)) {}

  ConfigReading read() {
    for (const std::string_view line : split_lines(source_->text)) {
      ++line_number_;
      line_ = line;
      read_line(trim(line));
    }
    return std::move(reading_);
  }

 private:
  void read_line(std::string_view text) {
    if (text.empty() || text.front() == '#') return;
    if (text.front() == '[') return read_section(text);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
      return complain(text, "neither [section] nor 'key = value'");
    }
    const std::string_view key = trim(text.substr(0, equals));
    std::string_view value = trim(text.substr(equals + 1));
    // An empty value is blamed at the line's end.
    if (value.empty()) value = text.substr(text.size());
    read_setting(key.empty() ? text.substr(0, equals + 1) : key, value);
  }

  void read_section(std::string_view text) {
    if (text.back() != ']') {
      section_known_ = false;
      return complain(text, "']' is missing");
    }
    section_ = trim(text.substr(1, text.size() - 2));
    section_known_ = false;
    for (const Setting& setting : kSettings) section_known_ |= setting.section == section_;
    if (!section_known_) complain(text, format("unknown section '{}', ignored", section_));
  }

  void read_setting(std::string_view key, std::string_view value) {
    if (!section_known_) {
      // What stands in an unknown section has been said with the section.
      if (section_.empty()) complain(key, format("setting '{}' is in no section, ignored", key));
      return;
    }
    for (const Setting& setting : kSettings) {
      if (setting.section != section_ || setting.key != key) continue;
      if (!seen_.insert(setting.key).second) {
        complain(key, format("'{}' is set again; this one counts", key));
      }
      if (const Complaint bad = setting.set(value, reading_.config)) {
        complain(value, format("{} {}; ignored", key, *bad));
      }
      return;
    }
    complain(key, format("unknown setting '{}' in [{}], ignored", key, section_));
  }

  /// `part` is a piece of line_.
  void complain(std::string_view part, std::string message) {
    const auto begin = static_cast<std::uint32_t>(part.data() - line_.data());
    const auto end = begin + static_cast<std::uint32_t>(part.size());
    reading_.problems.push_back(
        Error(ErrorCode::syntax, std::move(message)).at(Span{source_, line_number_, begin, end}));
  }

  std::shared_ptr<const Source> source_;
  ConfigReading reading_;
  std::string_view line_, section_;
  std::uint32_t line_number_ = 0;
  bool section_known_ = false;
  std::set<std::string_view> seen_;
};

}  // namespace

ConfigReading parse_config(std::shared_ptr<const Source> text) {
  return Reader(std::move(text)).read();
}

std::optional<LogLevel> parse_log_level(std::string_view word) {
  if (word == "error") return LogLevel::error;
  if (word == "warning") return LogLevel::warning;
  if (word == "info") return LogLevel::info;
  if (word == "debug") return LogLevel::debug;
  return std::nullopt;
}

std::optional<std::string> check_socket_path(std::string_view path) {
  // unix(7): sun_path with its terminating zero.
  constexpr std::size_t kMost = sizeof(sockaddr_un::sun_path) - 1;
  if (path.empty() || path.front() != '/') return "must be an absolute path";
  if (path.size() > kMost) return format("must be a path of at most {} bytes", kMost);
  return std::nullopt;
}

std::vector<std::string> needing_restart(const Config& before, const Config& now) {
  std::vector<std::string> names;
  if (before.socket != now.socket) names.emplace_back("socket");
  if (before.group != now.group) names.emplace_back("group");
  if (before.max_clients != now.max_clients) names.emplace_back("max_clients");
  if (before.max_probes != now.max_probes) names.emplace_back("max_probes");
  if (before.state_dir != now.state_dir) names.emplace_back("state_dir");
  if (before.log_size != now.log_size) names.emplace_back("log_size");
  if (before.ring_size != now.ring_size) names.emplace_back("ring_size");
  if (before.kernel_memory != now.kernel_memory) names.emplace_back("kernel_memory");
  if (before.cpus != now.cpus) names.emplace_back("cpus");
  if (before.budget != now.budget) names.emplace_back("[governor]");
  return names;
}

}  // namespace kprobed::daemon
