// SPDX-License-Identifier: Apache-2.0
#include "engine/zeroing.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "decode/field_plan.h"
#include "decode/record.h"
#include "ringbuf/attached_event.h"
#include "tracefs/installed_probe.h"

namespace kprobed::engine {

namespace {

/// Keeps the calling thread on the CPU where it is.
class PinnedHere {
 public:
  PinnedHere() {
    CPU_ZERO(&before_);
    const int cpu = ::sched_getcpu();
    if (cpu < 0 || ::sched_getaffinity(0, sizeof before_, &before_) != 0) return;
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(static_cast<unsigned>(cpu), &only);
    if (::sched_setaffinity(0, sizeof only, &only) == 0) cpu_ = cpu;
  }
  ~PinnedHere() {
    if (cpu_ >= 0) (void)::sched_setaffinity(0, sizeof before_, &before_);
  }
  PinnedHere(const PinnedHere&) = delete;
  PinnedHere& operator=(const PinnedHere&) = delete;

  int cpu() const { return cpu_; }  ///< -1: could not

 private:
  cpu_set_t before_;
  int cpu_ = -1;
};

/// The `v` of the next record that this thread wrote; nullopt if there is none.
std::optional<std::uint64_t> own_value(ringbuf::MappedRing& ring, const decode::FieldPlan& plan) {
  std::optional<std::uint64_t> value;
  const auto self = static_cast<std::uint32_t>(::gettid());
  ring.snapshot();
  for (Bytes bytes = ring.reader().peek(); !bytes.empty(); bytes = ring.reader().peek()) {
    const decode::Record record = decode::parse_record(bytes);
    const auto* sample = std::get_if<decode::Sample>(&record);
    if (sample != nullptr && sample->stamp.tid == self && sample->raw.size() >= plan.min_bytes) {
      value = decode::read_number(plan.ops.at(0), sample->raw.data(), plan.order);
    }
    ring.reader().consume();
  }
  ring.release();
  return value;
}

/// Arms `line` (without its "p:GROUP/EVENT SYMBOL"), calls getppid, and returns what `v` came as.
Result<std::uint64_t> value_of(const Machine& machine, std::vector<ringbuf::MappedRing>& rings,
                               const std::string& group, std::string_view event,
                               std::string_view fetchargs) {
  const arch::ArchAbi& abi = machine.kernel->abi();
  const unsigned offset = machine.kernel->features().entries_refused ? abi.entry_sled_bytes : 0u;
  const std::string line =
      format("p:{}/{} {}sys_getppid+{} {}", group, event, abi.syscall_prefix, offset, fetchargs);
  // In this order: descriptors close before the line goes.
  KPROBED_TRY(auto installed,
              tracefs::InstalledProbe::install(machine.tracefs, tracefs::EventsFile::kprobe, group,
                                               event, line, nullptr));
  KPROBED_TRY(const std::string text, installed.format_text());
  KPROBED_TRY(const decode::EventFormat event_format, decode::parse_format(text));
  decode::WantedField wanted;
  wanted.name = wanted.kernel_name = "v";
  KPROBED_TRY(const decode::FieldPlan plan,
              decode::compile(event_format, {wanted}, abi.byte_order, abi.word_bytes));
  KPROBED_TRY(auto attached, ringbuf::AttachedEvent::open(event_format.id, rings));
  KPROBED_TRY_VOID(attached.enable());
  (void)::syscall(SYS_getppid);
  KPROBED_TRY_VOID(attached.disable());
  const std::optional<std::uint64_t> value = own_value(rings.front(), plan);
  if (!value) return Error(ErrorCode::kernel_refused, "the probe of the self-test did not fire");
  return *value;
}

bool trusts_in_zero(const resolve::ResolvedProbe& probe) { return !probe.padding.empty(); }

}  // namespace

Result<Zeroing> try_zeroing(const Machine& machine, const std::string& group) {
  const arch::ArchAbi& abi = machine.kernel->abi();
  if (machine.kernel->find(std::string(abi.syscall_prefix) + "sys_getppid", "").empty()) {
    return Error(ErrorCode::unsupported, "this kernel's getppid has another name");
  }
  const PinnedHere here;
  if (here.cpu() < 0) return Error(ErrorCode::unsupported, "the self-test cannot stay on one CPU");
  std::vector<ringbuf::MappedRing> rings;
  constexpr std::size_t kRingBytes = 64 * 1024;
  KPROBED_TRY(auto ring,
              ringbuf::MappedRing::open(
                  static_cast<unsigned>(here.cpu()),
                  {.data_bytes = kRingBytes, .side_band = false, .wakeup_bytes = kRingBytes / 2}));
  rings.push_back(std::move(ring));
  const bool wide = abi.word_bytes == 8;
  const std::string_view type = wide ? "x64" : "x32";
  KPROBED_TRY(const std::uint64_t pattern,
              value_of(machine, rings, group, "zeroing_pattern",
                       format("v=\\{}:{}", wide ? "0x5a5a5a5a5a5a5a5a" : "0x5a5a5a5a", type)));
  const auto padded = [&](std::string_view event, std::string_view address) {
    return value_of(
        machine, rings, group, event,
        format("v=@{}:{} z=\\\"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\":string", address, type));
  };
  // Nothing is mapped in the first page (mmap_min_addr), nor where the kernel keeps its error
  // pointers (IS_ERR, include/linux/err.h).
  KPROBED_TRY(const std::uint64_t null, padded("zeroing_null", "0x8"));
  KPROBED_TRY(const std::uint64_t error,
              padded("zeroing_error", wide ? "0xffffffffffffff00" : "0xffffff00"));
  return Zeroing{.works = pattern != 0 && null == 0, .always_zero = error == 0};
}

void ZeroingTest::settle(const Machine& machine, std::vector<resolve::ResolvedProbe>& probes) {
  if (std::ranges::none_of(probes, trusts_in_zero)) return;
  if (!found_) {
    const Result<Zeroing> tried = try_zeroing(machine, group_);
    found_ = tried.ok() ? *tried : Zeroing{};
  }
  if (found_->works && found_->always_zero) return;
  for (resolve::ResolvedProbe& probe : probes) {
    if (!trusts_in_zero(probe)) continue;
    if (found_->works) {
      resolve::distrust_padding(probe);
    } else {
      resolve::forget_padding(probe);
    }
  }
}

}  // namespace kprobed::engine
