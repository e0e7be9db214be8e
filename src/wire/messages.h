// SPDX-License-Identifier: Apache-2.0
//
// What clients ask and the daemon answers, as plain values. docs/protocol.md is their meaning;
// codec.h turns them into JSON lines and back. The wire only grows: fields are added, never
// renamed. The lines of a stream are in stream_lines.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"

namespace kprobed::wire {

inline constexpr int kSchemaVersion = 1;

// What a client may send; decode_request() holds to it.
inline constexpr std::size_t kMaxRequestBytes = std::size_t{1} << 20;  ///< one line, newline too
inline constexpr std::size_t kMaxSpecBytes = std::size_t{256} << 10;   ///< text of probes
inline constexpr std::size_t kMaxListItems = 1024;                     ///< probes, pids
inline constexpr std::size_t kMaxNameBytes = 256;                      ///< a name or glob, an id
inline constexpr std::uint32_t kMaxPid = 0x7fffffff;                   ///< pid_t
inline constexpr std::uint64_t kMaxForMs = 3'153'600'000'000;          ///< 100 years

/// Sent by the daemon on connect.
struct Hello {
  std::string version;  ///< of kprobed
  int schema = kSchemaVersion;
  std::string stream;  ///< stream id: new at every start of the daemon
  std::string host, arch, kernel;
  std::string clock = "monotonic";

  bool operator==(const Hello&) const = default;
};

// ---- requests ---------------------------------------------------------------------------------

/// Arms probes; all or nothing. uid 0.
struct AddRequest {
  std::string spec;                     ///< one or several lines of the probe language
  std::optional<std::uint64_t> for_ms;  ///< removed by itself after so long; 1 to kMaxForMs
  bool resolve = false;                 ///< follow the drift table
  bool disabled = false;                ///< armed but silent
  bool allow_oversize = false;
  bool exact = false;     ///< not to be sampled, whatever it costs
  bool persist = false;   ///< kept across restarts and reboots
  bool pending = false;   ///< unknown symbols are waited for
  bool progress = false;  ///< `progress` lines before the reply, while it takes a while

  bool operator==(const AddRequest&) const = default;
};
/// Which probes: names or globs, or all of them. Exactly one of the two.
struct Selection {
  std::vector<std::string> probes;
  bool all = false;

  bool operator==(const Selection&) const = default;
};
struct RemoveRequest {
  Selection which;
  bool progress = false;  ///< as in AddRequest
  bool operator==(const RemoveRequest&) const = default;
};
struct EnableRequest {
  Selection which;
  bool progress = false;  ///< as in AddRequest
  bool operator==(const EnableRequest&) const = default;
};
struct DisableRequest {
  Selection which;
  bool progress = false;  ///< as in AddRequest
  bool operator==(const DisableRequest&) const = default;
};
/// Makes the probes equal to the text: what is not in it is removed, what is new is armed; all or
/// nothing. An empty text clears. uid 0.
struct ApplyRequest {
  std::string spec;
  bool resolve = false;
  bool allow_oversize = false;
  bool progress = false;  ///< as in AddRequest

  bool operator==(const ApplyRequest&) const = default;
};
struct ListRequest {
  bool operator==(const ListRequest&) const = default;
};
struct CheckRequest {
  std::string spec;
  bool resolve = false;
  bool allow_oversize = false;

  bool operator==(const CheckRequest&) const = default;
};
struct StatusRequest {
  bool operator==(const StatusRequest&) const = default;
};
/// Where to go on: the stream and the last seq that was seen.
struct Resume {
  std::string stream;
  std::uint64_t seq = 0;

  bool operator==(const Resume&) const = default;
};
struct SubscribeRequest {
  std::vector<std::string> probes;  ///< globs; empty: all
  std::vector<std::uint32_t> pids;  ///< 1 to kMaxPid; empty: all
  std::optional<Resume> resume;     ///< else: from now on
  bool own = false;                 ///< also what the client's own process causes
  bool ledger = true;               ///< also `ledger` lines

  bool operator==(const SubscribeRequest&) const = default;
};
/// What has become of the hits of these probes; none named: of all.
struct LedgerRequest {
  std::vector<std::string> probes;
  bool operator==(const LedgerRequest&) const = default;
};
struct UnsubscribeRequest {
  bool operator==(const UnsubscribeRequest&) const = default;
};

using RequestBody = std::variant<AddRequest, RemoveRequest, EnableRequest, DisableRequest,
                                 ApplyRequest, ListRequest, CheckRequest, StatusRequest,
                                 LedgerRequest, SubscribeRequest, UnsubscribeRequest>;
struct Request {
  std::string id = "null";  ///< raw JSON (number, string or null), echoed
  RequestBody body;

  bool operator==(const Request&) const = default;
};

/// "add", "remove", ...
std::string_view method_name(const RequestBody& body);

// ---- replies ----------------------------------------------------------------------------------

/// A note about a probe, pointing into the spec that was sent.
struct Note {
  std::string code, message, hint;
  std::uint32_t line = 0, begin = 0, end = 0;  ///< as a Span's; line 0: no position

  bool operator==(const Note&) const = default;
};

struct ProbeInfo {
  std::string name, spec, state;  ///< state: armed, disabled, held
  std::string kernel_line;
  std::string reason;  ///< of the state; may be empty
  std::string since;   ///< RFC 3339: when it came into that state
  std::string added;
  std::uint32_t owner_uid = 0;
  std::string origin;                       ///< "persist", or the path of a file of probes; else ""
  std::optional<std::uint64_t> expires_ms;  ///< from now
  unsigned cpus = 0;
  std::uint64_t hits = 0, published = 0;
  std::optional<std::uint64_t> missed;  ///< absent: this kind of probe has no such count
  std::optional<std::uint64_t> lost;    ///< absent: this kernel cannot tell whose
  /// Of its hits one in so many is recorded, 0 none; absent: all of them.
  std::optional<std::uint64_t> period;
  double rate = 0;  ///< events per second over the last few seconds
  std::optional<std::uint64_t> last_hit_ms_ago;
  std::vector<Note> notes;

  bool operator==(const ProbeInfo&) const = default;
};

struct AddReply {
  std::vector<ProbeInfo> probes;
  bool operator==(const AddReply&) const = default;
};
/// remove, enable, disable: whom it was done to.
struct NamesReply {
  std::vector<std::string> probes;
  bool operator==(const NamesReply&) const = default;
};
struct ApplyReply {
  std::vector<std::string> added, removed, kept;
  bool operator==(const ApplyReply&) const = default;
};
struct ListReply {
  std::vector<ProbeInfo> probes;
  bool operator==(const ListReply&) const = default;
};
/// As `kprobectl check` prints it.
struct CheckReply {
  std::string text;
  bool operator==(const CheckReply&) const = default;
};
struct SubscribeReply {
  std::string stream;
  std::uint64_t next_seq = 0;
  bool operator==(const SubscribeReply&) const = default;
};
struct EmptyReply {
  bool operator==(const EmptyReply&) const = default;
};

struct ClientInfo {
  std::uint32_t pid = 0, uid = 0;
  bool subscribed = false;
  std::uint64_t lag = 0, sent = 0, dropped = 0;  ///< lines

  bool operator==(const ClientInfo&) const = default;
};
struct StatusReply {
  std::string version, stream, kernel, arch;
  std::uint64_t uptime_ms = 0;
  std::vector<std::string>
      warnings;  ///< what the operator should know: no group, probes held back, ...
  unsigned cpus = 0;
  std::uint64_t ring_bytes = 0;         ///< of all rings
  unsigned ring_peak_percent = 0;       ///< how full the fullest ring was in the last seconds
  std::uint64_t event_bytes = 0;        ///< kernel memory of all events
  std::uint64_t kernel_memory_max = 0;  ///< for rings and events
  std::uint64_t descriptors = 0, descriptors_max = 0;  ///< of the daemon
  std::uint64_t log_bytes = 0, log_max_bytes = 0, log_oldest_seq = 0, log_next_seq = 0;
  std::uint64_t events_read = 0, events_published = 0, events_excluded = 0, events_malformed = 0,
                events_lost = 0, events_unclaimed = 0, events_discarded = 0;
  std::uint64_t side_band_lost = 0;  ///< records about tasks and modules, not events
  std::vector<ProbeInfo> probes;
  std::vector<ClientInfo> clients;

  bool operator==(const StatusReply&) const = default;
};

/// Where hits have gone; stream::LedgerTerms says which. What is absent is not known.
struct LedgerTerms {
  std::optional<std::uint64_t> hits, missed, unattached, kernel_dropped, seen, filtered,
      sampled_out, lost;
  std::uint64_t unclaimed = 0, read = 0, malformed = 0, excluded = 0, discarded = 0, held = 0,
                published = 0;
  std::optional<std::int64_t> unexplained;

  bool operator==(const LedgerTerms&) const = default;
};
struct ProbeLedger {
  std::string name, state;
  std::string event;  ///< that it shares with others; "": it has one for itself
  bool live = false;  ///< events may flow: not exact
  LedgerTerms terms;

  bool operator==(const ProbeLedger&) const = default;
};
/// Of an event that several probes share.
struct EventLedger {
  std::string event;
  std::vector<std::string> probes;
  bool live = false;
  LedgerTerms terms;

  bool operator==(const EventLedger&) const = default;
};
struct CpuLedger {
  unsigned cpu = 0;
  std::uint64_t lost = 0;  ///< told by `lost` lines

  bool operator==(const CpuLedger&) const = default;
};
/// matched = sent + dropped + pending, in lines of the log.
struct ClientLedger {
  std::uint32_t pid = 0, uid = 0;
  bool subscribed = false;
  std::uint64_t lines = 0;    ///< of the log since it subscribed
  std::uint64_t skipped = 0;  ///< that its filters left out
  std::uint64_t matched = 0;  ///< the others; those not yet looked at are among them
  std::uint64_t sent = 0, dropped = 0, pending = 0;
  std::int64_t unexplained = 0;

  bool operator==(const ClientLedger&) const = default;
};
struct LedgerReply {
  std::vector<ProbeLedger> probes;
  std::vector<EventLedger> events;
  std::vector<CpuLedger> cpus;
  std::vector<ClientLedger> clients;
  std::uint64_t events_unclaimed = 0;

  bool operator==(const LedgerReply&) const = default;
};

using ReplyBody = std::variant<AddReply, NamesReply, ApplyReply, ListReply, CheckReply,
                               SubscribeReply, StatusReply, LedgerReply, EmptyReply>;

/// How far a request has come that asked for it: any number of these lines before its reply.
struct Progress {
  std::uint64_t done = 0, all = 0;  ///< probes

  bool operator==(const Progress&) const = default;
};

// ---- errors -----------------------------------------------------------------------------------

/// An error as it travels: `data` of docs/protocol.md.
struct WireError {
  std::string code, message, hint;
  std::string source;                          ///< name of the text it points into; may be empty
  std::uint32_t line = 0, begin = 0, end = 0;  ///< as a Span's; line 0: no position
  int sys_errno = 0;                           ///< "errno" on the wire; 0: none

  bool operator==(const WireError&) const = default;
};

/// The message is the whole sentence: what was being done, and what the errno means.
WireError to_wire(const Error& error);

/// Back into an Error that render() shows. `sent` is the text the request carried as `spec` (null:
/// the position is dropped). sys_errno stays 0, since the message already says it. A code that is
/// newer than this program becomes `internal`.
Error from_wire(const WireError& error, std::shared_ptr<const Source> sent);

// ---- reports: what commands print with -o json
// ---------------------------------------------------

/// One argument of a probe that was checked.
struct CheckedArgument {
  std::string name;
  std::string meaning;      ///< "argument 1, in register di"
  std::string fetch, type;  ///< as the kernel gets them; "" where it has the value anyway
  std::string shown;        ///< "number", "hex", "text", ...
  unsigned count = 0;       ///< of elements; 0: no array
  std::string c_type;       ///< where BTF knows it
  std::string unreadable;   ///< what it is then: "null", "zero", "stale"; "": cannot happen
  std::uint32_t line = 0, begin = 0, end = 0;  ///< where it was written

  bool operator==(const CheckedArgument&) const = default;
};

/// A probe as it would be armed.
struct CheckedProbe {
  std::string name, spec;
  std::string module, symbol;             ///< what holds the instruction
  std::uint64_t offset = 0;               ///< from symbol
  std::string address;                    ///< "0x..."; "" where it cannot be seen
  std::string path;                       ///< of the program; "" in the kernel
  std::string event;                      ///< GROUP/EVENT of an event that is there already
  std::string condition;                  ///< the kernel's filter
  std::vector<std::string> kernel_lines;  ///< what would be written to tracefs
  std::uint64_t record_bytes = 0, worst_record_bytes = 0;
  /// check --measure: absent without it.
  std::optional<double> hits_per_second, cpu_share, line_bytes_per_second;
  std::vector<CheckedArgument> args;
  std::vector<Note> notes;

  bool operator==(const CheckedProbe&) const = default;
};

struct CheckReport {
  std::vector<CheckedProbe> probes;
  std::vector<WireError> errors;
  std::string not_here;  ///< why they could not be armed here and now; "" if they could

  bool operator==(const CheckReport&) const = default;
};

/// An instruction of a function.
struct ProbePlace {
  std::uint64_t offset = 0;
  unsigned bytes = 0;
  std::string text;     ///< "mov rax, rdi"
  std::string refused;  ///< why no probe can be set on it; "": one can

  bool operator==(const ProbePlace&) const = default;
};
struct DisassemblyReport {
  std::string module, symbol, address;
  std::vector<ProbePlace> instructions;
  std::string incomplete;  ///< why this is not all of it; "" if it is

  bool operator==(const DisassemblyReport&) const = default;
};

}  // namespace kprobed::wire
