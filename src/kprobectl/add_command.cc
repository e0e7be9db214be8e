// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/add_command.h"

#include "base/format.h"
#include "kprobectl/exit_code.h"
#include "kprobectl/progress_line.h"
#include "kprobectl/report.h"
#include "kprobectl/request_text.h"
#include "kprobectl/units.h"

namespace kprobed::kprobectl {

namespace {

/// What was parsed, and the text that goes to the daemon.
struct Checked {
  RequestText text;
  std::vector<probespec::ProbeSpec> specs;
};

/// Reads and parses; with an error everything that is wrong has been reported, and `status` says
/// how.
std::optional<Checked> read_and_check(const SpecInput& input, bool may_be_empty, int& status) {
  auto sources = read_sources(input);
  if (!sources.ok()) {
    status = report(sources.error());
    return std::nullopt;
  }
  probespec::Parsed parsed = parse_all(*sources);
  if (!parsed.errors.empty()) {
    status = report(parsed.errors);
    return std::nullopt;
  }
  if (parsed.specs.empty() && !may_be_empty) {
    status = report(no_probe_given());
    return std::nullopt;
  }
  Checked checked{.text = RequestText(std::move(sources).value()),
                  .specs = std::move(parsed.specs)};
  if (const std::size_t bytes = checked.text.joined()->text.size(); bytes > wire::kMaxSpecBytes) {
    status =
        report(Error(ErrorCode::usage, format("{} of probes, and kprobed takes {} at a time",
                                              size_text(bytes), size_text(wire::kMaxSpecBytes))));
    return std::nullopt;
  }
  return checked;
}

std::string cpus_text(unsigned cpus) { return format("{} {}", cpus, cpus == 1 ? "CPU" : "CPUs"); }

}  // namespace

std::string added_line(const wire::ProbeInfo& probe) {
  std::string line = format("{}: {}", shown(probe.name), shown(probe.state));
  if (probe.cpus != 0) line += " on " + cpus_text(probe.cpus);
  if (probe.expires_ms) line += ", for " + duration_text(*probe.expires_ms);
  if (!probe.reason.empty()) line += ": " + shown(probe.reason);
  return line + "\n";
}

const probespec::FetchArg* untyped_return_value(const std::vector<probespec::ProbeSpec>& specs) {
  for (const probespec::ProbeSpec& spec : specs) {
    if (spec.kind != probespec::ProbeKind::on_return) continue;
    for (const probespec::FetchArg& arg : spec.args) {
      if (!arg.type && arg.expr.derefs.empty() &&
          std::holds_alternative<probespec::ReturnValue>(arg.expr.base))
        return &arg;
    }
  }
  return nullptr;
}

int add(const AddOptions& options) {
  int status = kDone;
  const auto checked = read_and_check(options.input, /*may_be_empty=*/false, status);
  if (!checked) return status;
  auto daemon = connect(options.daemon, status);
  if (!daemon) return status;

  wire::AddRequest request{.spec = checked->text.joined()->text,
                           .for_ms = std::nullopt,
                           .resolve = options.follow_drift,
                           .disabled = options.disabled,
                           .allow_oversize = options.allow_oversize,
                           .exact = options.exact,
                           .persist = options.persist,
                           .pending = options.pending,
                           .progress = true};
  if (options.persist && options.keep_for) {
    return report(Error(ErrorCode::usage, "a probe is either --persist or --for a while"));
  }
  if (options.keep_for) request.for_ms = static_cast<std::uint64_t>(options.keep_for->count());
  auto reply =
      ask_showing<wire::AddReply>(*daemon, "armed", std::move(request), checked->text.joined());
  if (!reply.ok()) return report(checked->text.back(std::move(reply).error()));

  std::string answer;
  for (wire::ProbeInfo& probe : reply->probes) {
    // What is left of it has shrunk a little on the way here.
    if (probe.expires_ms && options.keep_for)
      probe.expires_ms = static_cast<std::uint64_t>(options.keep_for->count());
    answer += added_line(probe);
  }
  status = print_answer(answer);
  for (const wire::ProbeInfo& probe : reply->probes) {
    for (const wire::Note& note : probe.notes)
      report_note(checked->text.place(note.line, note.begin, note.end), note.message, note.hint);
  }
  if (const probespec::FetchArg* arg = untyped_return_value(checked->specs)) {
    const std::string_view word =
        line_text(arg->expr.span)
            .substr(arg->expr.span.begin, arg->expr.span.end - arg->expr.span.begin);
    report_note(arg->span, format("{} is shown in hex", word),
                format("{0}:s32 or {0}:s64 gives a number you can compare with < 0", word));
  }
  return status;
}

int apply(const ApplyOptions& options) {
  int status = kDone;
  const auto checked =
      read_and_check({.arguments = {}, .files = {options.file}}, /*may_be_empty=*/true, status);
  if (!checked) return status;
  auto daemon = connect(options.daemon, status);
  if (!daemon) return status;

  auto reply =
      ask_showing<wire::ApplyReply>(*daemon, "changed",
                                    wire::ApplyRequest{.spec = checked->text.joined()->text,
                                                       .resolve = options.follow_drift,
                                                       .allow_oversize = options.allow_oversize,
                                                       .progress = true},
                                    checked->text.joined());
  if (!reply.ok()) return report(checked->text.back(std::move(reply).error()));

  std::string answer;
  for (const std::string& name : reply->added) answer += "+" + shown(name) + "\n";
  for (const std::string& name : reply->removed) answer += "-" + shown(name) + "\n";
  for (const std::string& name : reply->kept) answer += "=" + shown(name) + "\n";
  return print_answer(answer);
}

}  // namespace kprobed::kprobectl
