// SPDX-License-Identifier: Apache-2.0
#include "engine/module_event.h"

#include "decode/format_file.h"

namespace kprobed::engine {

std::string ModuleEvent::module_of(Bytes raw) const {
  if (raw.size() < fields.min_bytes || fields.ops.empty()) return {};
  const decode::TextRef name = decode::read_text(fields.ops.front(), raw, fields.order);
  return name.state == decode::TextRef::State::ok ? std::string(name.text) : std::string();
}

Result<std::vector<HeardModuleEvent>> hear_modules(const Machine& machine, const CpuRings& rings) {
  const arch::ArchAbi& abi = machine.kernel->abi();
  std::vector<HeardModuleEvent> heard;
  for (const bool load : {true, false}) {
    KPROBED_TRY(const std::string text,
                machine.kernel->event_format("module", load ? "module_load" : "module_free"));
    KPROBED_TRY(const decode::EventFormat event_format, decode::parse_format(text));
    std::vector<decode::WantedField> wanted;
    for (decode::WantedField& field : decode::every_field(event_format)) {
      if (field.kernel_name == "name") wanted.push_back(std::move(field));
    }
    KPROBED_TRY(decode::FieldPlan fields,
                decode::compile(event_format, wanted, abi.byte_order, abi.word_bytes));
    if (fields.ops.empty()) return Error(ErrorCode::not_found, "module tracepoints have no name");
    KPROBED_TRY(auto attached,
                ringbuf::AttachedEvent::open(event_format.id, rings.side_band_rings()));
    auto event = std::make_shared<ModuleEvent>();
    event->load = load;
    event->fields = std::move(fields);
    heard.push_back({std::move(event), std::move(attached)});
  }
  for (HeardModuleEvent& one : heard) KPROBED_TRY_VOID(one.attached.enable());
  return heard;
}

}  // namespace kprobed::engine
