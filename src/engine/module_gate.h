// SPDX-License-Identifier: Apache-2.0
//
// What samples of probes in one module mean. The kernel arms a `MOD:` line again before anybody
// knows that the module has come back, maybe as another build, of which the line records something
// else. So samples of a stay of the module are held until somebody has looked which build that is,
// and said for each probe whether it fits.
//
//       stay 1            stay 2                stay 3
//    ----------| freed ------------| freed ---------------------->  time
//        loaded          loaded                loaded
//                                  ^ samples may come from here on: the kernel arms the lines
//                                    before it tells of the load (KERNEL-FACTS 5)
//
// Used by the pump's thread only, once it has been given away by who made it; but for unjudged().
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace kprobed::engine {

class ModuleGate {
 public:
  explicit ModuleGate(std::string module) : module_(std::move(module)) {}

  const std::string& module() const { return module_; }

  /// module:module_load and module:module_free, in the order of time. A later look at the module
  /// counts for a stay only if it began after the load: what is seen of it before is the one that
  /// is going away. In the first stay any look counts, since it may be older than this gate.
  void loaded(std::uint64_t time_ns);
  void freed(std::uint64_t time_ns);
  /// Such records may have been lost before `time_ns`: from there on nothing is taken for known.
  void doubt(std::uint64_t time_ns);

  /// A probe, by its number in the directory: does what it records mean what its plan says?
  using Fit = std::pair<std::uint32_t, bool>;
  /// Somebody saw the module in the kernel, all the time from `begin_ns` to `end_ns`.
  struct Sighting {
    std::uint64_t begin_ns = 0, end_ns = 0;
    std::vector<Fit> fits;
    bool complete = true;  ///< of every probe that has this gate
  };
  /// To be called once all records until `end_ns` have been told. False if it belongs to no stay.
  bool judge(const Sighting& sighting);
  /// Has the stay that is going on begun, and nobody said yet what fits it? Then the module must be
  /// looked at (again: a look that came too early, or a lost record, tells nothing). Any thread.
  bool unjudged() const { return unjudged_.load(std::memory_order_relaxed); }
  /// Nobody will look any more at stays that had ended by `time_ns`.
  void close(std::uint64_t time_ns);

  enum class Pass : std::uint8_t { open, held, shut };
  struct Way {
    Pass pass = Pass::held;
    std::uint32_t generation = 1;
  };
  /// What becomes of a sample of the probe `number`.
  Way way_of(std::uint32_t number, std::uint64_t time_ns) const;

 private:
  struct Stay {
    std::uint32_t generation = 1;
    std::uint64_t end_ns = UINT64_MAX;  ///< included
    std::uint64_t loaded_ns = UINT64_MAX;
    bool closed = false;    ///< whom nobody has judged yet is not judged any more
    std::vector<Fit> fits;  ///< by number
  };
  void begin_stay(std::uint64_t end_of_last_ns, std::uint64_t loaded_ns);

  std::string module_;
  std::atomic<bool> unjudged_{false};
  std::deque<Stay> stays_ = {Stay{.loaded_ns = 0, .fits = {}}};  ///< the last is going on
};

}  // namespace kprobed::engine
