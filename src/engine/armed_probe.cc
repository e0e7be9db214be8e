// SPDX-License-Identifier: Apache-2.0
#include "engine/armed_probe.h"

#include <algorithm>
#include <cerrno>

#include "base/format.h"
#include "decode/format_file.h"
#include "stream/json_program.h"

namespace kprobed::engine {

namespace {

/// What is now in tracefs.
struct Lines {
  std::optional<tracefs::InstalledProbe> installed;
  std::string first;
  std::vector<resolve::ProbeMember> members;  ///< those of the probe's that the kernel took
  std::vector<std::string> refused;
};

/// Is it the place alone that the kernel did not like, so that the other members may do?
bool about_place(const tracefs::Refusal& refusal, const resolve::KernelLine& line) {
  if (refusal.sys_errno == 0) return false;
  if (refusal.column < 0) return refusal.code != ErrorCode::exhausted;
  // "p:GROUP/EVENT PLACE ARGS": beyond the second blank there are the arguments.
  const std::size_t place = line.text.find(' ');
  const std::size_t args = line.text.find(' ', place + 1);
  return static_cast<std::size_t>(refusal.column) < args;
}

Result<Lines> install_lines(const Machine& machine, const resolve::ResolvedProbe& probe,
                            const PrivateName& name) {
  Lines lines;
  if (probe.source == resolve::EventSource::existing) return lines;
  KPROBED_TRY_VOID(machine.check_arming(probe.source));
  const std::vector<resolve::KernelLine> wanted =
      resolve::compose_lines(probe, name.group, name.event);
  std::optional<Error> last;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const resolve::KernelLine& line = wanted[i];
    tracefs::Refusal refusal;
    Result<void> done;
    if (lines.installed) {
      done = lines.installed->add_line(line.text, &refusal);
    } else {
      auto installed = tracefs::InstalledProbe::install(
          machine.tracefs, events_file(probe.source), name.group, name.event, line.text, &refusal);
      if (installed.ok()) {
        lines.installed = std::move(installed).value();
        lines.first = line.text;
      } else {
        done = std::move(installed).error();
      }
    }
    if (done.ok()) {
      if (!probe.members.empty()) lines.members.push_back(probe.members[i]);
      continue;
    }
    Error error =
        refusal.sys_errno != 0 ? refusal_error(refusal, line, probe) : std::move(done).error();
    if (probe.members.empty() || !about_place(refusal, line)) return error;
    lines.refused.push_back(probe.members[i].symbol + ": " + error.message);
    last = std::move(error);
  }
  if (!lines.installed) return std::move(*last);
  return lines;
}

resolve::Remark refused_remark(const std::vector<std::string>& refused,
                               const resolve::ResolvedProbe& probe) {
  constexpr std::size_t kShown = 3;
  std::string shown;
  for (std::size_t i = 0; i < refused.size() && i < kShown; ++i) {
    shown += (i == 0 ? "" : "; ") + refused[i];
  }
  if (refused.size() > kShown) shown += "; ...";
  return {"skipped", format("the kernel refuses {} of the functions: {}", refused.size(), shown),
          "", probe.spec.point.span};
}

char kind_letter(const resolve::ResolvedProbe& probe) {
  switch (probe.spec.mechanism) {
    case probespec::Mechanism::fprobe:
      return 'f';
    case probespec::Mechanism::tracepoint:
    case probespec::Mechanism::event:
      return 't';
    case probespec::Mechanism::probe:
      break;
  }
  return probe.spec.kind == probespec::ProbeKind::entry ? 'p' : 'r';
}

std::shared_ptr<stream::EventPlan> make_plan(const resolve::ResolvedProbe& probe, std::string label,
                                             decode::FieldPlan fields,
                                             const std::vector<resolve::ProbeMember>& members) {
  auto plan = std::make_shared<stream::EventPlan>();
  plan->label.name = std::move(label);
  plan->label.kind = kind_letter(probe);
  plan->label.symbol = probe.source == resolve::EventSource::existing
                           ? probe.event_group + "/" + probe.event_name
                           : probe.symbol;
  plan->label.offset = probe.offset;
  plan->label.entry_shift = probe.entry_shift;
  plan->label.path = probe.path;
  plan->label.spec = probespec::print(probe.spec);
  plan->fields = std::move(fields);
  for (const resolve::ResolvedArg& arg : probe.args) {
    plan->notes.push_back({arg.unreadable, arg.c_type});
  }
  for (const resolve::ProbeMember& member : members) {
    plan->members.push_back({member.address, member.end, member.symbol});
  }
  plan->json = stream::compile_json(*plan);
  return plan;
}

}  // namespace

std::vector<decode::WantedField> wanted_fields(const resolve::ResolvedProbe& probe) {
  std::vector<decode::WantedField> wanted;
  for (const resolve::ResolvedArg& arg : probe.args) {
    wanted.push_back(
        {arg.name, arg.kernel_name, arg.shape, arg.unreadable, arg.c_type, arg.second_name});
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

Result<ArmedProbe> ArmedProbe::arm(const Machine& machine, const CpuRings& rings, Lane lane,
                                   const resolve::ResolvedProbe& probe, const PrivateName& name,
                                   std::string label) {
  KPROBED_TRY(Lines lines, install_lines(machine, probe, name));
  KPROBED_TRY(const std::string format_text,
              lines.installed ? lines.installed->format_text()
                              : machine.kernel->event_format(probe.event_group, probe.event_name));
  KPROBED_TRY(decode::EventFormat event_format, decode::parse_format(format_text));
  const arch::ArchAbi& abi = machine.kernel->abi();
  KPROBED_TRY(decode::FieldPlan fields,
              decode::compile(event_format, wanted_fields(probe), abi.byte_order, abi.word_bytes));
  KPROBED_TRY(auto event, ringbuf::AttachedEvent::open(event_format.id, rings.targets(lane)));
  if (!probe.filter.empty()) {
    auto set = event.set_filter(probe.filter);
    if (!set.ok()) {
      const Span span = probe.spec.condition ? probe.spec.condition->span : probe.spec.span;
      return std::move(set).error().at(span).while_doing(
          format("set the filter '{}'", probe.filter));
    }
  }
  const std::size_t count = lines.installed ? std::max<std::size_t>(lines.members.size(), 1) : 0;
  const bool shares = !group_signature(probe, 0, false).empty();
  ArmedProbe armed(
      std::make_shared<EventGroup>(std::move(lines.installed), count, std::move(event_format),
                                   std::move(event), lane, shares ? probe.address : 0),
      make_plan(probe, std::move(label), std::move(fields), lines.members));
  armed.address_ = shares ? probe.address : 0;
  armed.line_ = std::move(lines.first);
  if (shares) armed.place_ = tracefs::listed_place(probe.kernel_point);
  armed.filtered_ = !probe.filter.empty();
  if (!lines.refused.empty()) armed.refused_ = refused_remark(lines.refused, probe);
  return armed;
}

Result<ArmedProbe> ArmedProbe::join(std::shared_ptr<EventGroup> group, const Machine& machine,
                                    const resolve::ResolvedProbe& probe, std::string label) {
  const arch::ArchAbi& abi = machine.kernel->abi();
  KPROBED_TRY(decode::FieldPlan fields, decode::compile(group->event_format(), wanted_fields(probe),
                                                        abi.byte_order, abi.word_bytes));
  const tracefs::InstalledProbe& installed = *group->installed();
  resolve::KernelLine line = resolve::compose_line(probe, installed.group(), installed.event());
  KPROBED_TRY_VOID(group->add_line(line.text, probe.address, nullptr));
  ArmedProbe armed(std::move(group), make_plan(probe, std::move(label), std::move(fields), {}));
  armed.address_ = probe.address;
  armed.line_ = std::move(line.text);
  armed.place_ = tracefs::listed_place(probe.kernel_point);
  armed.filtered_ = !probe.filter.empty();
  return armed;
}

void ArmedProbe::use_places(const resolve::ResolvedProbe& probe) {
  std::vector<resolve::ProbeMember> members;
  for (const resolve::ProbeMember& member : probe.members) {
    // The kernel may have refused some of them.
    const bool taken = std::ranges::any_of(plan_->members, [&](const stream::MemberLabel& label) {
      return label.symbol == member.symbol;
    });
    if (taken) members.push_back(member);
  }
  auto plan = make_plan(probe, plan_->label.name, plan_->fields, members);
  plan->number = plan_->number;
  plan->tally = plan_->tally;
  plan_ = std::move(plan);
}

Result<void> ArmedProbe::disarm(ArmedProbe probe, std::chrono::milliseconds patience) {
  const std::shared_ptr<EventGroup> group = std::move(probe.group_);
  if (group.use_count() == 1) return group->close(patience);
  return group->remove_line(probe.line_, probe.address_, patience);
}

}  // namespace kprobed::engine
