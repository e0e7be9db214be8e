// SPDX-License-Identifier: Apache-2.0
#include "stream/append.h"
#include "stream/event_place.h"
#include "stream/kernel_words.h"
#include "stream/terminal_text.h"
#include "stream/text_columns.h"
#include "stream/text_lines.h"

namespace kprobed::stream {
namespace {

// In bytes; what is longer pushes the rest of its line to the right.
constexpr std::size_t kTimeWidth = 15, kCpuWidth = 4, kPidWidth = 8, kCommWidth = 15,
                      kProbeWidth = 24;

/// TIME and CPU, which every row begins with.
void append_time_and_cpu(const decode::Stamp& stamp, WallClock& clock, std::string& out) {
  clock.append_local(stamp.time_ns, out);
  const std::size_t cpu = out.size();
  out += ' ';
  append_number(stamp.cpu, out);
  align_right(cpu, kCpuWidth, out);
}

/// " <- do_sys_open+0x4d"
void append_caller(const Event& event, const AddressNames& names, std::string& out) {
  const AddressNames::Place place = caller_of(event, names);
  out += " <- ";
  append_symbol(place.symbol, return_address(event), out);
  if (place.symbol.empty()) return;
  out += '+';
  append_hex(place.offset, out);
}

}  // namespace

std::string TableLines::header() {
  std::string out;
  const auto left = [&out](std::string_view title, std::size_t width) {
    const std::size_t begin = out.size();
    out += title;
    align_left(begin, width, out);
  };
  const auto right = [&out](std::string_view title, std::size_t width) {
    const std::size_t begin = out.size();
    out += title;
    align_right(begin, width, out);
  };
  left("TIME", kTimeWidth);
  right("CPU", kCpuWidth);
  right("PID", kPidWidth);
  out += ' ';
  left("COMM", kCommWidth);
  out += ' ';
  left("PROBE", kProbeWidth);
  out += " ARGUMENTS\n";
  return out;
}

bool TableLines::event(const Event& event, std::string& out) {
  const std::size_t begin = out.size();
  append_time_and_cpu(event.stamp, clock_, out);
  const std::size_t pid = out.size();
  out += ' ';
  append_number(event.stamp.pid, out);
  align_right(pid, kPidWidth, out);
  out += ' ';
  const std::size_t comm = out.size();
  append_comm(event.comm, out);
  align_left(comm, kCommWidth, out);
  out += ' ';
  const std::size_t probe = out.size();
  append_for_terminal(event.plan->label.name, false, out);
  align_left(probe, kProbeWidth, out);
  if (!event.plan->members.empty()) {
    out += " @";
    append_symbol(place_of(event).symbol, probed_address(event), out);
  }
  for (const decode::FieldOp& op : event.plan->fields.ops) {
    out += ' ';
    append_for_terminal(op.name, false, out);
    out += '=';
    if (!append_value(op, event, names_, Names::words, out)) {
      out.resize(begin);
      return false;
    }
  }
  if (is_return(event)) append_caller(event, names_, out);
  if (event.late) out += " (late)";
  out += '\n';
  return true;
}

void TableLines::lost(const LostNote& note, std::string& out) {
  append_time_and_cpu(note.stamp, clock_, out);
  out += "  lost ";
  append_number(note.count, out);
  out += note.count == 1 ? " event\n" : " events\n";
}

}  // namespace kprobed::stream
