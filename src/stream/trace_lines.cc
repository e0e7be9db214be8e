// SPDX-License-Identifier: Apache-2.0
#include "stream/append.h"
#include "stream/event_place.h"
#include "stream/kernel_words.h"
#include "stream/text_columns.h"
#include "stream/text_lines.h"

namespace kprobed::stream {

std::string TraceLines::header() {
  return "# tracer: nop\n"
         "#\n"
         "#           TASK-PID    CPU#    TIMESTAMP  FUNCTION\n"
         "#              | |       |          |         |\n";
}

bool TraceLines::event(const Event& event, std::string& out) {
  const std::size_t begin = out.size();
  append_task_and_time(event, out);
  append_function(event, out);
  for (const decode::FieldOp& op : event.plan->fields.ops) {
    out += ' ';
    if (!append_value(op, event, names_, Names::numbers, out)) {
      out.resize(begin);
      return false;
    }
  }
  out += '\n';
  return true;
}

void TraceLines::lost(const LostNote& note, std::string& out) {
  out += "CPU:";
  append_number(note.stamp.cpu, out);
  out += " [LOST ";
  append_number(note.count, out);
  out += " EVENTS]\n";
}

// "%16s-%-5d [%03d] %5lu.%06lu: " in kernel/trace/trace_output.c of 2009.
void TraceLines::append_task_and_time(const Event& event, std::string& out) {
  const std::size_t comm = out.size();
  append_comm(event.comm, out);
  align_right(comm, 16, out);
  out += '-';
  const std::size_t tid = out.size();
  append_number(event.stamp.tid, out);
  align_left(tid, 5, out);
  out += " [";
  if (event.stamp.cpu < 1000)
    append_padded(event.stamp.cpu, 3, out);
  else
    append_number(event.stamp.cpu, out);
  out += "] ";

  // Rounded, as ns2usecs() of kernel/trace/trace.c does; in parts, since time_ns + 500 may wrap.
  const std::uint64_t ns = event.stamp.time_ns;
  const std::uint64_t usecs = ns / 1000 + (ns % 1000 + 500) / 1000;
  const std::size_t seconds = out.size();
  append_number(usecs / 1'000'000, out);
  align_right(seconds, 5, out);
  out += '.';
  append_padded(usecs % 1'000'000, 6, out);
  out += ": ";
}

/// "do_sys_open: @do_sys_open+0", "sys_open: <-do_sys_open+0", "sched/sched_switch:"
void TraceLines::append_function(const Event& event, std::string& out) const {
  const EventPlace place = place_of(event);
  const std::optional<std::uint64_t> probed = probed_address(event);
  if (!has_offset(event.plan->label)) {
    append_symbol(place.symbol, probed, out);
    out += ':';
    return;
  }
  if (is_return(event)) {
    append_symbol(caller_of(event, names_).symbol, return_address(event), out);
    out += ": <-";
  } else {
    const bool unnamed = place.symbol.empty() && probed;
    append_symbol(unnamed ? name_address(event, *probed, names_).symbol : place.symbol, probed,
                  out);
    out += ": @";
  }
  append_symbol(place.symbol, probed, out);
  out += '+';
  append_number(place.offset, out);
}

}  // namespace kprobed::stream
