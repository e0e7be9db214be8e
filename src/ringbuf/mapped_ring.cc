// SPDX-License-Identifier: Apache-2.0
#include "ringbuf/mapped_ring.h"

#include <linux/perf_event.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <utility>

#include "base/format.h"
#include "ringbuf/perf_event.h"
#include "ringbuf/refusal.h"

namespace kprobed::ringbuf {
namespace {

/// Of a trace event: PERF_MAX_TRACE_SIZE (8192 at most, include/linux/trace_events.h) and what is
/// around it, with the LOST record that may have to go before it.
constexpr std::uint64_t kLongestRecord = 8192 + 512;

std::size_t page_bytes() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

perf_event_mmap_page& control_page(void* base) { return *static_cast<perf_event_mmap_page*>(base); }

}  // namespace

Result<MappedRing> MappedRing::open(unsigned cpu, const RingOptions& options) {
  const std::size_t page = page_bytes();
  if (!std::has_single_bit(options.data_bytes) || options.data_bytes % page != 0)
    return Error(ErrorCode::bad_number,
                 format("a ring of {} bytes: it must be a power of two, and whole pages of {}",
                        options.data_bytes, page));
  KPROBED_TRY(UniqueFd leader, open_leader(cpu, options.side_band, options.wakeup_bytes));
  const std::size_t mapped_bytes = page + options.data_bytes;
  // Writable, or the kernel would overwrite what has not been read (perf_mmap: VM_WRITE).
  void* base = ::mmap(nullptr, mapped_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, leader.get(), 0);
  if (base == MAP_FAILED)
    return explain_mmap(errno, options.data_bytes, format("the ring of CPU {}", cpu));
  const Bytes data(static_cast<const std::byte*>(base) + page, options.data_bytes);
  return MappedRing(cpu, std::move(leader), base, mapped_bytes, data);
}

MappedRing::MappedRing(unsigned cpu, UniqueFd leader, void* base, std::size_t mapped_bytes,
                       Bytes data)
    : cpu_(cpu),
      leader_(std::move(leader)),
      base_(base),
      mapped_bytes_(mapped_bytes),
      reader_(data) {}

MappedRing::MappedRing(MappedRing&& other) noexcept
    : cpu_(other.cpu_),
      leader_(std::move(other.leader_)),
      base_(std::exchange(other.base_, nullptr)),
      mapped_bytes_(other.mapped_bytes_),
      reader_(std::move(other.reader_)) {}

MappedRing& MappedRing::operator=(MappedRing&& other) noexcept {
  // What was ours goes with `other`, and is unmapped by its destructor.
  std::swap(cpu_, other.cpu_);
  std::swap(leader_, other.leader_);
  std::swap(base_, other.base_);
  std::swap(mapped_bytes_, other.mapped_bytes_);
  std::swap(reader_, other.reader_);
  return *this;
}

MappedRing::~MappedRing() {
  if (base_ != nullptr) ::munmap(base_, mapped_bytes_);
}

Result<std::uint64_t> MappedRing::alive_ns() const { return read_alive_ns(leader_.get()); }

void MappedRing::snapshot() {
  reader_.advance_head(__atomic_load_n(&control_page(base_).data_head, __ATOMIC_ACQUIRE));
}

bool MappedRing::release() {
  perf_event_mmap_page& page = control_page(base_);
  const std::uint64_t before = page.data_tail;
  __atomic_store_n(&page.data_tail, reader_.tail(), __ATOMIC_SEQ_CST);
  // The head of after that, so that no writer can have come to the old tail unseen.
  const std::uint64_t head = __atomic_load_n(&page.data_head, __ATOMIC_ACQUIRE);
  return head - before + kLongestRecord > reader_.size();
}

}  // namespace kprobed::ringbuf
