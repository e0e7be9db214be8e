// SPDX-License-Identifier: Apache-2.0
//
// The thread that hears first of modules and CPUs. It does nothing but look: a module's build must
// be read while that build is loaded, so the reader may not wait behind a slow call.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/unique_fd.h"
#include "watch/uevents.h"

namespace kprobed::watch {

/// A module was loaded at some time from `begin_ns` to `end_ns` (CLOCK_MONOTONIC), and this is
/// the build that was.
struct ModuleSeen {
  std::string name;
  std::optional<std::string> build_id;  ///< nullopt: it has none
  std::uint64_t begin_ns = 0, end_ns = 0;
};
/// A module was not loaded any more at `time_ns`.
struct ModuleLeft {
  std::string name;
  std::uint64_t time_ns = 0;
};
/// A CPU went offline or came back.
struct CpuChanged {
  unsigned cpu = 0;
  bool online = false;
};
/// Messages were lost: anything may have changed.
struct Overrun {};

using Change = std::variant<ModuleSeen, ModuleLeft, CpuChanged, Overrun>;

class Watcher {
 public:
  /// `report` is called on the watcher's thread. Without a uevent socket only look() leads to
  /// reports.
  explicit Watcher(std::function<void(Change)> report);
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  /// Looks at the module `name` at once, and reports it as seen or left. Any thread.
  void look(std::string name);

 private:
  void loop();
  void look_now(const std::string& name);
  void take(const Uevent& event);

  std::function<void(Change)> report_;
  std::optional<UeventSocket> socket_;
  UniqueFd wake_;  ///< eventfd
  std::mutex mutex_;
  std::vector<std::string> names_;
  bool stop_ = false;
  std::thread thread_;  ///< last: it uses all of the above
};

}  // namespace kprobed::watch
