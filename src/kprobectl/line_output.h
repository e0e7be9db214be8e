// SPDX-License-Identifier: Apache-2.0
//
// Standard output for a stream of lines: gathers them, writes them in large pieces, and never sits
// in a write that a signal cannot end (a paused pager would otherwise keep our probes in the
// kernel).
#pragma once

#include <string>

#include "kprobectl/stop_signal.h"

namespace kprobed::kprobectl {

class LineOutput {
 public:
  LineOutput(int fd, StopSignal& stop);

  /// Append lines here.
  std::string& buffer() { return buffer_; }

  /// Writes everything gathered; waits for a slow reader, but not past a stop signal. False once
  /// the reader is gone or a signal arrived before all was written: the rest waits for
  /// flush_last().
  bool flush();

  /// After the stop signal: tries for a second more, so that what was drained last is not lost to a
  /// reader that does read.
  bool flush_last();

  /// The reader closed its end (EPIPE, POLLERR) or the device is full.
  bool broken() const { return broken_; }
  /// What write(2) said when it broke.
  int broken_errno() const { return broken_errno_; }

  /// Asks without writing.
  void check_reader();

 private:
  bool write_all(bool stop_ends_it, int patience_ms);

  int fd_;
  StopSignal& stop_;
  std::size_t step_;  ///< bytes that a write surely takes after POLLOUT
  std::string buffer_;
  bool broken_ = false;
  int broken_errno_ = 0;
};

}  // namespace kprobed::kprobectl
