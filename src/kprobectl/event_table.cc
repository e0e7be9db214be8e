// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/event_table.h"

#include <chrono>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "kprobectl/daemon.h"
#include "stream/append.h"
#include "stream/terminal_text.h"
#include "stream/text_columns.h"
#include "stream/text_lines.h"

namespace kprobed::kprobectl {

using namespace stream;  // NOLINT: this file goes on where stream/text_columns.h ends

namespace {

// As in stream/table_lines.cc; the test holds them against TableLines::header().
constexpr std::size_t kTimeWidth = 15, kCpuWidth = 4, kPidWidth = 8, kCommWidth = 15,
                      kProbeWidth = 24;

/// "2026-11-23T03:14:05.262389131Z" in ns since 1970.
std::optional<std::uint64_t> wall_ns(std::string_view time) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00.000000000Z";
  if (time.size() != kShape.size()) return std::nullopt;
  std::uint64_t parts[7] = {};
  std::size_t part = 0;
  for (std::size_t i = 0; i < time.size(); ++i) {
    if (kShape[i] != '0') {
      if (time[i] != kShape[i]) return std::nullopt;
      ++part;
    } else {
      if (time[i] < '0' || time[i] > '9') return std::nullopt;
      parts[part] = parts[part] * 10 + static_cast<std::uint64_t>(time[i] - '0');
    }
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(parts[0])),
                                         std::chrono::month(static_cast<unsigned>(parts[1])),
                                         std::chrono::day(static_cast<unsigned>(parts[2]))};
  if (!date.ok() || parts[0] < 1970 || parts[0] > 2261) return std::nullopt;
  const auto days =
      static_cast<std::uint64_t>(std::chrono::sys_days(date).time_since_epoch().count());
  return ((days * 24 + parts[3]) * 60 + parts[4]) * 60'000'000'000 + parts[5] * 1'000'000'000 +
         parts[6];
}

/// 0x1f, -31, "text", 'c', (fault)
void append_value(const wire::EventLine::Arg& arg, const std::string& value, bool fault,
                  std::string& out) {
  if (fault) {
    out += "(fault)";
    return;
  }
  const bool letter = arg.format == "character";
  const char* quote = letter ? "'" : arg.quoted ? "\"" : "";
  out += quote;
  append_for_terminal(value, arg.quoted && !letter, out);
  out += quote;
}

/// Arrays are {1,2}.
void append_arg(const wire::EventLine::Arg& arg, std::string& out) {
  if (!arg.array) return append_value(arg, arg.value, arg.fault, out);
  out += '{';
  for (const wire::EventLine::Arg::Element& element : arg.elements) {
    if (&element != arg.elements.data()) out += ',';
    append_value(arg, element.value, element.fault, out);
  }
  out += '}';
}

/// The 2009 form has no words for them.
wire::EventLine::Arg with_numbers(wire::EventLine::Arg arg) {
  if (arg.format != "boolean") return arg;
  const auto number = [](std::string& value) { value = value == "true" ? "1" : "0"; };
  number(arg.value);
  for (auto& element : arg.elements) number(element.value);
  return arg;
}

/// Events of returns have one, by name or by address.
bool has_caller(const wire::EventLine& event) {
  return event.kind == "r" || !event.caller.empty() || !event.caller_address.empty();
}

/// The symbol, else the address, else "?".
void append_place(const std::string& symbol, const std::string& address, std::string& out) {
  append_symbol(symbol.empty() ? address : symbol, std::nullopt, out);
}

void append_cpu(std::uint32_t cpu, std::string& out) {
  const std::size_t begin = out.size();
  out += ' ';
  append_number(cpu, out);
  align_right(begin, kCpuWidth, out);
}

struct News {
  std::string operator()(const wire::EventLine&) const { return {}; }
  std::string operator()(const wire::SchemaLine&) const { return {}; }
  std::string operator()(const wire::UnknownLine&) const { return {}; }
  std::string operator()(const wire::LostLine& line) const {
    return format("lost {} {}", line.count, line.count == 1 ? "event" : "events");
  }
  std::string operator()(const wire::DroppedLine& line) const {
    const std::uint64_t count = line.to - line.from + 1;
    return format("dropped {} {} (seq {} to {}): this reader was too slow", with_thousands(count),
                  count == 1 ? "line" : "lines", line.from, line.to);
  }
  std::string operator()(const wire::ProbeLine& line) const {
    std::string text = format("probe {}: {}", shown(line.probe), shown(line.state));
    if (!line.reason.empty()) text += format(" ({})", shown(line.reason));
    return text;
  }
  std::string operator()(const wire::CpuLine& line) const {
    std::string text = format("CPU {}: {}", line.cpu, shown(line.state));
    if (!line.reason.empty()) text += format(" ({})", shown(line.reason));
    return text;
  }
  /// A table shows what happens; what became of it all is what `kprobectl ledger` is for.
  std::string operator()(const wire::LedgerLine&) const { return {}; }
  std::string operator()(const wire::DiscardedLine& line) const {
    return format("{} {} of {} left out: {}", line.count, line.count == 1 ? "event" : "events",
                  shown(line.probe), shown(line.reason));
  }
  std::string operator()(const wire::SamplingLine& line) const {
    std::string text = format("probe {}: {}", shown(line.probe), shown(line.level));
    if (line.level == "sampled") text += format(", one hit in {}", line.period);
    if (line.hits != line.events) {
      text += format("; until here {} of {} hits", with_thousands(line.events),
                     with_thousands(line.hits));
    }
    if (!line.reason.empty()) text += format(" ({})", shown(line.reason));
    return text;
  }
  std::string operator()(const wire::ClockLine& line) const {
    return format("clock: the wall clock was set by {:+.6f} s",
                  static_cast<double>(line.step_ns) / 1e9);
  }
  std::string operator()(const wire::GapLine& line) const {
    std::string why = shown(line.reason);
    if (line.reason == wire::kGapRestart) why = "kprobed was restarted";
    if (line.reason == wire::kGapAhead) why = "that seq has never been in this stream";
    if (line.reason == wire::kGapTooOld) why = "that seq has left the log";
    return format("gap: {}; what was in between is missing, going on in stream {} from seq {}", why,
                  shown(line.stream), line.from);
  }
};

}  // namespace

std::string stream_news(const wire::StreamLine& line) { return std::visit(News{}, line); }

std::string EventTable::header() { return TableLines::header(); }

void EventTable::append(const wire::StreamLine& line, std::string& out) {
  if (const auto* event = std::get_if<wire::EventLine>(&line)) return append_event(*event, out);
  const std::string news = stream_news(line);
  if (news.empty()) return;
  const std::size_t begin = out.size();
  if (const auto* lost = std::get_if<wire::LostLine>(&line)) {
    append_time(lost->time, out);
    append_cpu(lost->cpu, out);
  } else {
    if (const auto* probe = std::get_if<wire::ProbeLine>(&line)) append_time(probe->time, out);
    if (const auto* cpu = std::get_if<wire::CpuLine>(&line)) append_time(cpu->time, out);
    if (const auto* left = std::get_if<wire::DiscardedLine>(&line)) append_time(left->time, out);
    if (const auto* rate = std::get_if<wire::SamplingLine>(&line)) append_time(rate->time, out);
    if (const auto* clock = std::get_if<wire::ClockLine>(&line)) append_time(clock->time, out);
    align_left(begin, kTimeWidth + kCpuWidth, out);
  }
  out += "  ";
  out += news;
  out += '\n';
}

void EventTable::append_event(const wire::EventLine& event, std::string& out) {
  append_time(event.time, out);
  append_cpu(event.cpu, out);
  const std::size_t pid = out.size();
  out += ' ';
  append_number(event.pid, out);
  align_right(pid, kPidWidth, out);
  out += ' ';
  const std::size_t comm = out.size();
  append_comm(event.comm, out);
  align_left(comm, kCommWidth, out);
  out += ' ';
  const std::size_t probe = out.size();
  append_for_terminal(event.probe, false, out);
  align_left(probe, kProbeWidth, out);
  if (event.several) {
    out += " @";
    append_place(event.symbol, {}, out);
  }
  for (const wire::EventLine::Arg& arg : event.args) {
    out += ' ';
    append_for_terminal(arg.name, false, out);
    out += '=';
    append_arg(arg, out);
  }
  if (has_caller(event)) {
    out += " <- ";
    append_place(event.caller, event.caller_address, out);
    if (!event.caller.empty()) {
      out += '+';
      append_hex(event.caller_offset, out);
    }
  }
  if (event.late) out += " (late)";
  out += '\n';
}

void EventTable::append_time(const std::string& time, std::string& out) {
  const std::size_t begin = out.size();
  // Counted from 1970 instead of from the boot: WallClock's offset stays 0.
  if (const auto ns = wall_ns(time))
    clock_.append_local(*ns, out);
  else
    append_for_terminal(time, false, out);
  align_left(begin, kTimeWidth, out);
}

std::string EventTrace::header() { return TraceLines::header(); }

void EventTrace::append(const wire::StreamLine& line, std::string& out) {
  if (const auto* event = std::get_if<wire::EventLine>(&line)) return append_event(*event, out);
  if (const auto* lost = std::get_if<wire::LostLine>(&line)) {
    out += format("CPU:{} [LOST {} EVENTS]\n", lost->cpu, lost->count);
    return;
  }
  const std::string news = stream_news(line);
  if (!news.empty()) out += "# " + news + "\n";
}

// The columns of TraceLines (stream/trace_lines.cc).
void EventTrace::append_event(const wire::EventLine& event, std::string& out) {
  const std::size_t comm = out.size();
  append_comm(event.comm, out);
  align_right(comm, 16, out);
  const std::uint64_t usecs = event.ts / 1000 + (event.ts % 1000 + 500) / 1000;
  out += format("-{:<5} [{:03}] {:>5}.{:06}: ", event.tid, event.cpu, usecs / 1'000'000,
                usecs % 1'000'000);
  const bool tracepoint = event.kind == "t";
  if (has_caller(event)) {
    append_place(event.caller, event.caller_address, out);
    out += ": <-";
  } else {
    append_place(event.symbol, {}, out);
    out += tracepoint ? ":" : ": @";
  }
  if (!tracepoint) {
    append_place(event.symbol, {}, out);
    out += format("+{}", event.offset);
  }
  for (const wire::EventLine::Arg& arg : event.args) {
    out += ' ';
    append_arg(with_numbers(arg), out);
  }
  out += '\n';
}

}  // namespace kprobed::kprobectl
