// SPDX-License-Identifier: Apache-2.0
#include "daemon/probe_info.h"

#include <algorithm>

#include "stream/wall_clock.h"

namespace kprobed::daemon {
namespace {

constexpr std::uint64_t kNsPerMs = 1'000'000;

wire::Note to_wire(const resolve::Remark& remark) {
  wire::Note note;
  note.code = remark.code;
  note.message = remark.message;
  note.hint = remark.hint;
  if (remark.span.known()) {
    note.line = remark.span.line;
    note.begin = remark.span.begin;
    note.end = remark.span.end;
  }
  return note;
}

wire::LedgerTerms to_wire(const stream::LedgerTerms& terms) {
  return {.hits = terms.hits,
          .missed = terms.missed,
          .unattached = terms.unattached,
          .kernel_dropped = terms.kernel_dropped,
          .seen = terms.seen,
          .filtered = terms.filtered,
          .sampled_out = terms.sampled_out,
          .lost = terms.lost,
          .unclaimed = terms.unclaimed,
          .read = terms.read,
          .malformed = terms.malformed,
          .excluded = terms.excluded,
          .discarded = terms.discarded,
          .held = terms.held,
          .published = terms.published,
          .unexplained = stream::unexplained(terms)};
}

/// The name stands before positions in errors, where a client has nothing better to call its text.
std::shared_ptr<const Source> request_text(const std::string& spec) {
  return std::make_shared<const Source>(Source{.name = "spec", .text = spec});
}

/// What every request that brings specs has.
template <typename Request>
engine::AddRequest common_part(const Request& request, std::uint32_t owner_uid) {
  engine::AddRequest out;
  out.source = request_text(request.spec);
  out.owner_uid = owner_uid;
  out.follow_drift = request.resolve;
  out.allow_oversize = request.allow_oversize;
  return out;
}

}  // namespace

wire::ProbeInfo to_wire(const engine::ProbeStatus& status) {
  wire::ProbeInfo info;
  info.name = status.name;
  info.spec = status.spec;
  info.state = engine::word(status.state);
  info.kernel_line = status.kernel_line;
  info.reason = status.reason;
  info.since = wall_time(status.since_ns);
  info.added = wall_time(status.added_ns);
  info.owner_uid = status.owner_uid;
  info.origin = status.origin;
  if (status.expires_in) {
    // A removal that is due has not been done yet.
    info.expires_ms =
        static_cast<std::uint64_t>(std::max(status.expires_in->count(), std::int64_t{0}));
  }
  info.cpus = status.cpus;
  info.hits = status.hits;
  info.missed = status.missed;
  info.published = status.published;
  info.lost = status.lost;
  if (status.period != engine::kEveryHit) {
    info.period = status.period >= engine::kCountOnly ? 0 : status.period;
  }
  info.rate = status.rate;
  if (status.last_hit_ns_ago) info.last_hit_ms_ago = *status.last_hit_ns_ago / kNsPerMs;
  for (const resolve::Remark& remark : status.remarks) info.notes.push_back(to_wire(remark));
  return info;
}

std::vector<wire::ProbeInfo> to_wire(const std::vector<engine::ProbeStatus>& probes) {
  std::vector<wire::ProbeInfo> infos;
  infos.reserve(probes.size());
  for (const engine::ProbeStatus& probe : probes) infos.push_back(to_wire(probe));
  return infos;
}

wire::StatusReply to_wire(const engine::EngineStatus& status) {
  wire::StatusReply reply;
  reply.cpus = status.cpus;
  reply.ring_bytes = status.ring_bytes;
  reply.ring_peak_percent = status.ring_peak_percent;
  reply.event_bytes = status.event_bytes;
  reply.kernel_memory_max = status.kernel_memory_max;
  reply.descriptors = status.descriptors;
  reply.descriptors_max = status.descriptors_max;
  reply.events_read = status.counts.read;
  reply.events_published = status.counts.published;
  reply.events_excluded = status.counts.excluded;
  reply.events_malformed = status.counts.malformed;
  reply.events_lost = status.counts.lost;
  reply.events_unclaimed = status.counts.unclaimed;
  reply.events_discarded = status.counts.discarded;
  reply.side_band_lost = status.counts.side_band_lost;
  reply.probes = to_wire(status.probes);
  return reply;
}

wire::LedgerReply to_wire(const engine::LedgerReport& report) {
  wire::LedgerReply reply;
  for (const engine::ProbeLedger& one : report.probes) {
    reply.probes.push_back(
        {one.name, std::string(engine::word(one.state)), one.event, one.live, to_wire(one.terms)});
  }
  for (const engine::EventLedger& one : report.events) {
    reply.events.push_back({one.event, one.probes, one.live, to_wire(one.terms)});
  }
  for (const engine::CpuLost& one : report.lost) reply.cpus.push_back({one.cpu, one.lost});
  reply.events_unclaimed = report.counts.unclaimed;
  return reply;
}

wire::ApplyReply to_wire(const engine::ApplyOutcome& outcome) {
  return {.added = outcome.added, .removed = outcome.removed, .kept = outcome.kept};
}

engine::AddRequest to_engine(const wire::AddRequest& request, std::uint32_t owner_uid) {
  engine::AddRequest out = common_part(request, owner_uid);
  // decode_request() has held it to kMaxForMs, so the sign bit is free.
  if (request.for_ms) {
    out.keep_for = std::chrono::milliseconds(static_cast<std::int64_t>(*request.for_ms));
  }
  out.disabled = request.disabled;
  out.exact = request.exact;
  out.pending = request.pending;
  if (request.persist) out.origin = engine::kPersistent;
  return out;
}

engine::AddRequest to_engine(const wire::ApplyRequest& request, std::uint32_t owner_uid) {
  return common_part(request, owner_uid);
}

engine::AddRequest to_engine(const wire::CheckRequest& request, std::uint32_t owner_uid) {
  return common_part(request, owner_uid);
}

engine::Selection to_engine(const wire::Selection& which) {
  return {.globs = which.probes, .all = which.all};
}

std::string wall_time(std::uint64_t realtime_ns) {
  std::string text;
  if (realtime_ns == 0) return text;
  stream::WallClock clock;  // offset 0: what goes in is wall time already
  clock.append(realtime_ns, text);
  return text;
}

}  // namespace kprobed::daemon
