// SPDX-License-Identifier: Apache-2.0
//
// What native tests do with rings of the running kernel.
#pragma once

#include <vector>

#include "base/byte_cursor.h"
#include "decode/record.h"
#include "ringbuf/mapped_ring.h"

namespace kprobed::ringbuf {

/// One ring on each CPU that is online.
Result<std::vector<MappedRing>> open_rings(const RingOptions& options);

/// A record that outlives the ring's memory.
class OwnedRecord {
 public:
  explicit OwnedRecord(Bytes bytes) : bytes_(bytes.begin(), bytes.end()) {}
  decode::Record parsed() const { return decode::parse_record(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

/// Everything that is in the ring now; it is empty afterwards.
std::vector<OwnedRecord> drain(MappedRing& ring);

/// The calling thread runs on that CPU from now on.
Result<void> pin_to(unsigned cpu);

/// Runs `task` in a child process, and gives what it returned: for tests that give up rights.
Result<std::string> in_child(std::string (*task)());

}  // namespace kprobed::ringbuf
