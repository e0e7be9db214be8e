// SPDX-License-Identifier: Apache-2.0
#include "engine/armed_probe.h"

#include <cerrno>

#include "base/format.h"
#include "decode/format_file.h"

namespace kprobed::engine {

namespace {

decode::Show show_of(probespec::BaseType type) {
  using enum probespec::BaseType;
  switch (type) {
    case u8:
    case u16:
    case u32:
    case u64:
      return decode::Show::unsigned_number;
    case s8:
    case s16:
    case s32:
    case s64:
      return decode::Show::signed_number;
    case string:
    case ustring:
      return decode::Show::text;
    case x8:
    case x16:
    case x32:
    case x64:
      break;
  }
  return decode::Show::hex;
}

}  // namespace

std::vector<decode::WantedField> wanted_fields(const resolve::ResolvedProbe& probe) {
  std::vector<decode::WantedField> wanted;
  for (const resolve::ResolvedArg& arg : probe.args) {
    wanted.push_back({arg.name, arg.kernel_name, show_of(arg.type)});
  }
  return wanted;
}

Error refusal_error(const tracefs::Refusal& refusal, const resolve::KernelLine& line,
                    const resolve::ResolvedProbe& probe) {
  Error error(refusal.code, refusal.meaning);
  error.hint = refusal.hint;
  // Where the kernel means something else by an errno than strerror(3) does, the sentence says it.
  const bool misleading = refusal.sys_errno == EILSEQ || refusal.sys_errno == EADDRNOTAVAIL;
  error.sys_errno = misleading ? 0 : refusal.sys_errno;
  const bool about_place = refusal.code == ErrorCode::symbol_not_found ||
                           refusal.code == ErrorCode::symbol_not_unique ||
                           refusal.code == ErrorCode::bad_address;
  if (refusal.column >= 0) {
    error.span = line.blame(static_cast<std::size_t>(refusal.column));
  } else {
    error.span = about_place ? probe.spec.point.span : line.whole;
  }
  return std::move(error).while_doing(format("the kernel refused '{}'", line.text));
}

Result<ArmedProbe> ArmedProbe::arm(const Machine& machine, const CpuRings& rings,
                                   const resolve::ResolvedProbe& probe, const PrivateName& name,
                                   std::string label) {
  const resolve::KernelLine line = resolve::compose_line(probe, name.group, name.event);
  tracefs::Refusal refusal;
  auto installed = tracefs::InstalledProbe::install(machine.tracefs, name.group, name.event,
                                                    line.text, &refusal);
  if (!installed.ok()) {
    if (refusal.sys_errno != 0) return refusal_error(refusal, line, probe);
    return std::move(installed).error();
  }
  KPROBED_TRY(const std::string format_text, installed->format_text());
  KPROBED_TRY(const decode::EventFormat event_format, decode::parse_format(format_text));
  const arch::ArchAbi& abi = machine.kernel->abi();
  KPROBED_TRY(decode::FieldPlan fields,
              decode::compile(event_format, wanted_fields(probe), abi.byte_order, abi.word_bytes));
  KPROBED_TRY(auto event, ringbuf::AttachedEvent::open(event_format.id, rings.probe_rings()));

  auto plan = std::make_shared<stream::EventPlan>();
  plan->label.name = std::move(label);
  plan->label.kind = probe.spec.kind == probespec::ProbeKind::entry ? 'p' : 'r';
  plan->label.symbol = probe.symbol;
  plan->label.offset = probe.offset;
  plan->label.spec = probespec::print(probe.spec);
  plan->fields = std::move(fields);
  return ArmedProbe(std::move(installed).value(), std::move(event), std::move(plan), line.text);
}

Result<void> ArmedProbe::disarm(ArmedProbe probe, std::chrono::milliseconds patience) {
  tracefs::InstalledProbe installed = std::move(probe.installed_);
  { ringbuf::AttachedEvent closing = std::move(probe.event_); }
  return installed.remove(patience);
}

}  // namespace kprobed::engine
