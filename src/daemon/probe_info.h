// SPDX-License-Identifier: Apache-2.0
//
// The engine's values as those of the wire. Pure.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/control.h"
#include "wire/messages.h"

namespace kprobed::daemon {

wire::ProbeInfo to_wire(const engine::ProbeStatus& status);
std::vector<wire::ProbeInfo> to_wire(const std::vector<engine::ProbeStatus>& probes);
/// Without what only the daemon knows: version, stream, log, clients.
wire::StatusReply to_wire(const engine::EngineStatus& status);
wire::LedgerReply to_wire(const engine::LedgerReport& report);
wire::ApplyReply to_wire(const engine::ApplyOutcome& outcome);

engine::AddRequest to_engine(const wire::AddRequest& request, std::uint32_t owner_uid);
engine::AddRequest to_engine(const wire::ApplyRequest& request, std::uint32_t owner_uid);
engine::AddRequest to_engine(const wire::CheckRequest& request, std::uint32_t owner_uid);
engine::Selection to_engine(const wire::Selection& which);

/// RFC 3339 in UTC; "" for 0.
std::string wall_time(std::uint64_t realtime_ns);

}  // namespace kprobed::daemon
