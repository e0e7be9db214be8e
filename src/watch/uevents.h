// SPDX-License-Identifier: Apache-2.0
//
// What the kernel broadcasts about its objects (lib/kobject_uevent.c): here modules and CPUs. A
// hint, never the whole truth: after suspend and resume no CPU is announced, a module whose init
// fails has no message, and a full socket drops some.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace kprobed::watch {

struct Uevent {
  std::string action;     ///< "add", "remove", "online", "offline"
  std::string subsystem;  ///< "module", "cpu"
  std::string name;       ///< the last part of its DEVPATH: "dummy", "cpu3"
  bool operator==(const Uevent&) const = default;
};

/// "add@/module/dummy\0ACTION=add\0DEVPATH=/module/dummy\0SUBSYSTEM=module\0...". nullopt for
/// anything that does not say all three, as udev's own messages on that socket do not.
std::optional<Uevent> parse_uevent(std::string_view message);

class UeventSocket {
 public:
  /// Needs no privilege, but a network namespace of the initial user namespace.
  static Result<UeventSocket> open();

  int fd() const { return fd_.get(); }

  struct Batch {
    std::vector<Uevent> events;
    bool overrun = false;  ///< the kernel had to drop some
  };
  /// All that is there now; does not wait. Only what the kernel itself has sent counts.
  Batch take();

 private:
  explicit UeventSocket(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace kprobed::watch
