// SPDX-License-Identifier: Apache-2.0
//
// A trace event that native tests can fire at will: a uprobe on a function of this very program.
// Each is an event of its own: a live uprobe event must never be edited (KERNEL-FACTS 24).
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace kprobed::ringbuf {

/// What the uprobes sit on. Does nothing but exist.
extern "C" std::uint64_t kprobed_probe_me(std::uint64_t n, const char* text, const char* empty,
                                          const char* unreadable, std::int32_t less);

/// One line in uprobe_events under the group kprobed_test_PID; the destructor removes it.
class SelfUprobe {
 public:
  /// `kind` is 'p' or 'r', `args` as in uprobe_events. The error tells if tracefs is not there.
  static Result<SelfUprobe> define(char kind, const std::string& name, const std::string& args);

  /// Without arguments, at a place of this program that need not be one.
  static Result<SelfUprobe> define_at(char kind, const std::string& name, std::uint64_t offset);

  SelfUprobe(SelfUprobe&& other) noexcept;
  SelfUprobe& operator=(SelfUprobe&&) = delete;
  ~SelfUprobe();

  const std::string& line() const { return line_; }
  const std::string& format_text() const { return format_text_; }
  std::uint32_t id() const { return id_; }

 private:
  SelfUprobe() = default;
  static Result<SelfUprobe> define_line(char kind, const std::string& name, std::uint64_t offset,
                                        const std::string& args);

  std::string event_;  ///< "GROUP/NAME"; empty once moved from
  std::string line_, format_text_;
  std::uint32_t id_ = 0;
};

/// All five arguments of kprobed_probe_me, several sizes of the first.
std::string all_arguments();

}  // namespace kprobed::ringbuf
