// SPDX-License-Identifier: Apache-2.0
//
// From PERF_SAMPLE_IDENTIFIER to what is known about the probe that wrote the sample. (Never from
// common_type: the kernel reuses those ids at once, KERNEL-FACTS trap 17.)
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "stream/event_plan.h"

namespace kprobed::engine {

class PlanTable {
 public:
  void add(std::uint64_t perf_id, std::shared_ptr<const stream::EventPlan> plan);
  void remove(const stream::EventPlan* plan);

  /// nullptr for an id that is not ours (any more).
  const stream::EventPlan* find(std::uint64_t perf_id) const;

  bool empty() const { return rows_.empty(); }

 private:
  struct Row {
    std::uint64_t id;
    std::shared_ptr<const stream::EventPlan> plan;
  };
  std::vector<Row>
      rows_;  ///< sorted by id: perf hands ids out in ascending order, so adding appends
};

}  // namespace kprobed::engine
