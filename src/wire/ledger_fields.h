// SPDX-License-Identifier: Apache-2.0
//
// The part of fields.h that is about ledgers: a term that is not known is left out.
#pragma once

#include "wire/is.h"
#include "wire/messages.h"
#include "wire/stream_lines.h"

namespace kprobed::wire {

void describe(auto& v, Is<LedgerTerms> auto& m) {
  v.field("hits", m.hits);
  v.field("missed", m.missed);
  v.field("unattached", m.unattached);
  v.field("kernel_dropped", m.kernel_dropped);
  v.field("seen", m.seen);
  v.field("filtered", m.filtered);
  v.field("sampled_out", m.sampled_out);
  v.field("lost", m.lost);
  v.field("unclaimed", m.unclaimed);
  v.field("read", m.read);
  v.field("malformed", m.malformed);
  v.field("excluded", m.excluded);
  v.field("discarded", m.discarded);
  v.field("held", m.held);
  v.field("published", m.published);
  v.field("unexplained", m.unexplained);
}

void describe(auto& v, Is<ProbeLedger> auto& m) {
  v.required("name", m.name);
  v.field("state", m.state);
  v.sparse("event", m.event);
  v.sparse("live", m.live);
  describe(v, m.terms);
}

void describe(auto& v, Is<EventLedger> auto& m) {
  v.required("event", m.event);
  v.field("probes", m.probes);
  v.sparse("live", m.live);
  describe(v, m.terms);
}

void describe(auto& v, Is<CpuLedger> auto& m) {
  v.required("cpu", m.cpu);
  v.required("lost", m.lost);
}

void describe(auto& v, Is<ClientLedger> auto& m) {
  v.field("pid", m.pid);
  v.field("uid", m.uid);
  v.field("subscribed", m.subscribed);
  v.field("lines", m.lines);
  v.field("skipped", m.skipped);
  v.field("matched", m.matched);
  v.field("sent", m.sent);
  v.field("dropped", m.dropped);
  v.field("pending", m.pending);
  v.field("unexplained", m.unexplained);
}

void describe(auto& v, Is<LedgerReply> auto& m) {
  v.required("probes", m.probes);
  v.field("events", m.events);
  v.field("cpus", m.cpus);
  v.field("clients", m.clients);
  v.field("events_unclaimed", m.events_unclaimed);
}

void describe(auto& v, Is<LedgerLine> auto& m) {
  v.required("seq", m.seq);
  v.required("time", m.time);
  v.field("ts", m.ts);
  v.sparse("probe", m.probe);
  v.sparse("event", m.event);
  v.sparse("live", m.live);
  describe(v, m.terms);
}

}  // namespace kprobed::wire
