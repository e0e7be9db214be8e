// SPDX-License-Identifier: Apache-2.0
#include "engine/event_group.h"

#include "base/format.h"
#include "engine/clocks.h"
#include "tracefs/event_lines.h"

namespace kprobed::engine {

std::string group_signature(const resolve::ResolvedProbe& probe, std::uint32_t owner_uid,
                            bool exact) {
  if (probe.source != resolve::EventSource::kprobe || !probe.members.empty() ||
      !probe.module.empty() || probe.address == 0) {
    return {};
  }
  std::string signature = format("{} {} {} {} [{}]", exact ? "exact" : "any",
                                 probe.spec.kind == probespec::ProbeKind::entry ? 'p' : 'r',
                                 probe.spec.max_active, owner_uid, probe.filter);
  for (const resolve::ResolvedArg& arg : probe.args) {
    if (arg.source != resolve::ValueSource::fetcharg) continue;
    signature += format(" {}:{}", arg.kernel_name, arg.kernel_type);
    if (!arg.second_name.empty()) signature += format(" {}:{}", arg.second_name, arg.kernel_type);
  }
  for (const std::string& hidden : probe.padding) signature += " " + hidden;
  return signature;
}

bool is_apart(const std::set<std::uint64_t>& others, std::uint64_t address) {
  // A sample belongs to the nearest address before it.
  const auto above = others.lower_bound(address);
  if (above != others.end() && *above - address < kAddressSlack) return false;
  return above == others.begin() || address - *std::prev(above) >= kAddressSlack;
}

EventGroup::EventGroup(std::optional<tracefs::InstalledProbe> installed, std::size_t lines,
                       decode::EventFormat event_format, ringbuf::AttachedEvent opened, Lane lane,
                       std::uint64_t address)
    : installed_(std::move(installed)),
      lines_(lines),
      format_(std::move(event_format)),
      event_(std::move(opened)),
      lane_(lane) {
  if (address != 0 && installed_) addresses_.insert(address);
}

Result<void> EventGroup::enable() {
  if (enabled_) return {};
  KPROBED_TRY_VOID(event_.enable());
  enabled_ = true;
  silenced_ = false;
  return {};
}

Result<void> EventGroup::disable() {
  enabled_ = false;
  silenced_ = true;
  auto done = event_.disable();
  disabled_ns_ = monotonic_ns();
  return done;
}

Result<void> EventGroup::join(const ringbuf::RingTarget& ring) {
  if (event_.is_on(ring.cpu)) return {};
  enabled_ = false;  // not everywhere
  return event_.join(ring);
}

Result<void> EventGroup::move_to(Lane lane, const CpuRings& rings) {
  if (lane == lane_) return {};
  auto moved = event_.redirect(rings.targets(lane));
  // Where a CPU refused to go to the fast ring, the bulk ring must be looked at as before.
  if (lane == Lane::bulk || moved.ok()) lane_ = lane;
  return moved;
}

bool EventGroup::takes(std::uint64_t address) const {
  return !shut_ && !silenced_ && !addresses_.empty() && is_apart(addresses_, address);
}

Result<void> EventGroup::add_line(const std::string& line, std::uint64_t address,
                                  tracefs::Refusal* refusal) {
  KPROBED_TRY_VOID(installed_->add_line(line, refusal));
  ++lines_;
  addresses_.insert(address);
  was_shared_ = true;
  return {};
}

Result<void> EventGroup::remove_line(const std::string& line, std::uint64_t address,
                                     std::chrono::milliseconds patience) {
  auto removed = installed_->remove_line(line, patience);
  if (!removed.ok()) {
    shut_ = true;  // it goes on firing: its samples are nobody's, and nobody may take its place
    return removed;
  }
  addresses_.erase(address);
  --lines_;
  return {};
}

Result<void> EventGroup::close(std::chrono::milliseconds patience) {
  { const ringbuf::AttachedEvent closing = std::move(event_); }
  return installed_ ? installed_->remove(patience) : Result<void>();
}

void EventGroup::tracefs_moved_to(const tracefs::Tracefs& tracefs) {
  if (installed_) installed_->moved_to(tracefs);
}

}  // namespace kprobed::engine
