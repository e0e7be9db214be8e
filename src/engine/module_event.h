// SPDX-License-Identifier: Apache-2.0
//
// The kernel's own tracepoints about modules (include/trace/events/module.h), open in the side-band
// rings: they stand in the order of time with the samples of probes, as no other message does.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "decode/field_plan.h"
#include "engine/cpu_rings.h"
#include "engine/machine.h"
#include "ringbuf/attached_event.h"

namespace kprobed::engine {

/// How a sample of one of them is read.
struct ModuleEvent {
  bool load = false;  ///< module_load, before its init function; else module_free, after its exit
  decode::FieldPlan fields;

  /// "" for bytes that contradict themselves.
  std::string module_of(Bytes raw) const;
};

/// One of them, open.
struct HeardModuleEvent {
  std::shared_ptr<const ModuleEvent> event;
  ringbuf::AttachedEvent attached;
};

/// Opens and enables module_load and module_free. Errors: this kernel has no modules, or no such
/// tracepoints.
Result<std::vector<HeardModuleEvent>> hear_modules(const Machine& machine, const CpuRings& rings);

}  // namespace kprobed::engine
