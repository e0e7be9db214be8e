// SPDX-License-Identifier: Apache-2.0
//
// The thread that drains the rings into the log. It never waits for the kernel's slow calls, nor
// for a client. Control hands it immutable plan tables; nothing else crosses but announcements.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "engine/cpu_rings.h"
#include "engine/plan_table.h"
#include "engine/pump.h"
#include "stream/stream_log.h"

namespace kprobed::engine {

class PumpThread {
 public:
  /// Starts at once. `published` is called on this thread and must not block. `log` must outlive
  /// this.
  static Result<std::unique_ptr<PumpThread>> start(CpuRings rings, stream::StreamLog& log,
                                                   std::function<void()> published);
  ~PumpThread();  ///< drains once more, then ends

  /// For arming: descriptors to redirect to.
  const CpuRings& rings() const { return rings_; }

  /// From its next round on. `names` resolves addresses for these plans.
  void use(std::shared_ptr<const PlanTable> plans,
           std::shared_ptr<const stream::AddressNames> names);

  /// Puts a `probe` line into the stream: before the events of a probe that is enabled after this,
  /// behind those of one whose plan was taken away before.
  void announce(stream::ProbeNote note, std::uint32_t number);

  /// Waits until all that was in the rings at the call has been drained.
  void settle();

  PumpCounts counts() const;

  /// How full the fullest ring has been since the last call, in percent.
  unsigned take_ring_peak();

 private:
  PumpThread(CpuRings rings, stream::StreamLog& log, std::function<void()> published,
             UniqueFd wake);
  void loop();
  void wake();

  CpuRings rings_;
  stream::StreamLog& log_;
  std::function<void()> published_;
  UniqueFd wake_;  ///< eventfd

  mutable std::mutex mutex_;
  std::condition_variable drained_;
  std::shared_ptr<const PlanTable> plans_ = std::make_shared<const PlanTable>();
  std::shared_ptr<const stream::AddressNames> names_;
  std::vector<std::pair<stream::ProbeNote, std::uint32_t>> announcements_;
  std::uint64_t rounds_asked_ = 0, rounds_done_ = 0;
  PumpCounts counts_;
  unsigned ring_peak_ = 0;
  bool stop_ = false;

  std::thread thread_;  ///< last: it uses all of the above
};

}  // namespace kprobed::engine
