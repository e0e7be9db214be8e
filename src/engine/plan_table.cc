// SPDX-License-Identifier: Apache-2.0
#include "engine/plan_table.h"

#include <algorithm>

#include "engine/event_group.h"

namespace kprobed::engine {

void GroupPlans::add(std::uint64_t address, std::shared_ptr<const stream::EventPlan> plan) {
  address_at_ = plan->fields.ip ? plan->fields.ip : plan->fields.func;
  word_bytes_ = plan->fields.word_bytes;
  order_ = plan->fields.order;
  auto tally = plan->tally;
  members_.push_back({address, std::move(plan), std::move(tally)});
}

void GroupPlans::add_leaving(std::uint64_t address, std::shared_ptr<stream::ProbeTally> tally) {
  members_.push_back({address, nullptr, std::move(tally)});
}

void GroupPlans::leave_unclaimed(Bytes raw) const {
  const Member* member = member_of(raw);
  const auto& tally = member != nullptr ? member->tally : strays_;
  if (tally) stream::bump(tally->unclaimed);
}

void GroupPlans::settle() { std::ranges::sort(members_, {}, &Member::address); }

const GroupPlans::Member* GroupPlans::member_of(Bytes raw) const {
  if (!address_at_ || raw.size() < *address_at_ + word_bytes_) return nullptr;
  const std::byte* at = raw.data() + *address_at_;
  const std::uint64_t address = word_bytes_ == 8 ? load<std::uint64_t>(at, order_)
                                                 : std::uint64_t{load<std::uint32_t>(at, order_)};
  const auto above = std::ranges::upper_bound(members_, address, {}, &Member::address);
  if (above == members_.begin()) return nullptr;
  const Member& nearest = *std::prev(above);
  return address - nearest.address < kAddressSlack ? &nearest : nullptr;
}

void PlanTable::add(std::uint64_t perf_id, std::shared_ptr<const stream::EventPlan> plan,
                    std::shared_ptr<ModuleGate> gate) {
  add_gate(gate);
  rows_.insert(std::ranges::upper_bound(rows_, perf_id, {}, &Row::id),
               Row{perf_id, std::move(plan), nullptr, std::move(gate)});
}

void PlanTable::add(std::uint64_t perf_id, std::shared_ptr<const GroupPlans> group) {
  rows_.insert(std::ranges::upper_bound(rows_, perf_id, {}, &Row::id),
               Row{perf_id, nullptr, std::move(group), nullptr});
}

void PlanTable::add_gate(const std::shared_ptr<ModuleGate>& gate) {
  if (gate && std::ranges::find(gates_, gate) == gates_.end()) gates_.push_back(gate);
}

void PlanTable::remove(const stream::EventPlan* plan) {
  std::erase_if(rows_, [plan](const Row& row) { return row.plan.get() == plan; });
}

const PlanTable::Row* PlanTable::find(std::uint64_t perf_id) const {
  const auto row = std::ranges::lower_bound(rows_, perf_id, {}, &Row::id);
  return row != rows_.end() && row->id == perf_id ? &*row : nullptr;
}

void PlanTable::hear_modules(const std::vector<std::uint64_t>& perf_ids,
                             std::shared_ptr<const ModuleEvent> event) {
  for (const std::uint64_t id : perf_ids) module_events_.emplace_back(id, event);
}

const ModuleEvent* PlanTable::module_event(std::uint64_t perf_id) const {
  for (const auto& [id, event] : module_events_) {
    if (id == perf_id) return event.get();
  }
  return nullptr;
}

}  // namespace kprobed::engine
