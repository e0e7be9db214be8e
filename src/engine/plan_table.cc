// SPDX-License-Identifier: Apache-2.0
#include "engine/plan_table.h"

#include <algorithm>

namespace kprobed::engine {

void PlanTable::add(std::uint64_t perf_id, std::shared_ptr<const stream::EventPlan> plan) {
  rows_.insert(std::ranges::upper_bound(rows_, perf_id, {}, &Row::id),
               Row{perf_id, std::move(plan)});
}

void PlanTable::remove(const stream::EventPlan* plan) {
  std::erase_if(rows_, [plan](const Row& row) { return row.plan.get() == plan; });
}

const stream::EventPlan* PlanTable::find(std::uint64_t perf_id) const {
  const auto row = std::ranges::lower_bound(rows_, perf_id, {}, &Row::id);
  return row != rows_.end() && row->id == perf_id ? row->plan.get() : nullptr;
}

}  // namespace kprobed::engine
