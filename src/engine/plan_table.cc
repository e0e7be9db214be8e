// SPDX-License-Identifier: Apache-2.0
#include "engine/plan_table.h"

#include <algorithm>

namespace kprobed::engine {

void PlanTable::add(std::uint64_t perf_id, std::shared_ptr<const stream::EventPlan> plan,
                    std::shared_ptr<ModuleGate> gate) {
  add_gate(gate);
  rows_.insert(std::ranges::upper_bound(rows_, perf_id, {}, &Row::id),
               Row{perf_id, std::move(plan), std::move(gate)});
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
