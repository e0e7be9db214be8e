// SPDX-License-Identifier: Apache-2.0
//
// The daemon's stream for people: the same table and the same 2009 form that `run` makes of its own
// events (stream/text_lines.h), made of wire lines. Whatever comes over the wire reaches the
// terminal only as text.
#pragma once

#include <string>

#include "stream/wall_clock.h"
#include "wire/stream_lines.h"

namespace kprobed::kprobectl {

/// TIME CPU PID COMM PROBE name=value ...; what happens to the stream stands in rows of its own.
class EventTable {
 public:
  static std::string header();
  void append(const wire::StreamLine& line, std::string& out);

 private:
  void append_event(const wire::EventLine& event, std::string& out);
  void append_time(const std::string& time, std::string& out);

  stream::WallClock clock_;
};

/// "           <...>-2376  [001]   262.389131: do_sys_open: @do_sys_open+0 0xffffff9c": what
/// happens to the stream stands in comments, "# ...", but for the kernel's own "CPU:1 [LOST 37
/// EVENTS]".
class EventTrace {
 public:
  static std::string header();
  static void append(const wire::StreamLine& line, std::string& out);

 private:
  static void append_event(const wire::EventLine& event, std::string& out);
};

/// What a line about the stream itself means, in a sentence; "" for events, schemas and lines of a
/// newer daemon.
std::string stream_news(const wire::StreamLine& line);

}  // namespace kprobed::kprobectl
