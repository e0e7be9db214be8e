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

void MappedRing::release() {
  __atomic_store_n(&control_page(base_).data_tail, reader_.tail(), __ATOMIC_RELEASE);
}

}  // namespace kprobed::ringbuf
