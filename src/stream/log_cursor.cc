// SPDX-License-Identifier: Apache-2.0
#include "stream/log_cursor.h"

#include <fnmatch.h>

#include <algorithm>

#include "stream/append.h"

namespace kprobed::stream {

LogCursor::LogCursor(const StreamLog& log, const ProbeDirectory& directory, LogFilter filter,
                     std::uint64_t seq)
    : log_(log),
      directory_(directory),
      matcher_(std::move(filter), directory),
      next_(std::clamp(seq, std::uint64_t{1}, log.extent().next)) {}

bool LogCursor::take(std::string& out, std::size_t max_bytes, std::size_t max_lines) {
  const std::size_t begin = out.size();
  const auto may_go_on = [&] { return max_lines > 0 && out.size() - begin < max_bytes; };
  // The chunk is let go before take() returns, so that a client that stands still keeps no memory.
  while (const std::shared_ptr<const LogChunk> chunk = log_.chunk_at(next_)) {
    const std::uint64_t first = chunk->first_seq();
    if (first > next_ && may_go_on()) report_drop(first, out);
    if (!may_go_on()) return true;
    for (auto at = static_cast<std::size_t>(next_ - first); at < chunk->lines.size() && may_go_on();
         ++at) {
      const LogLine& line = chunk->lines[at];
      if (matcher_.matches(line)) {
        if (line.event && send_schema(line.probe, out) && !may_go_on()) break;
        out.append(chunk->text, line.begin, line.end - line.begin);
        ++counts_.matched;
      }
      ++next_;
      --max_lines;
    }
  }
  return false;
}

void LogCursor::report_drop(std::uint64_t oldest, std::string& out) {
  out += R"({"type":"dropped","from":)";
  append_number(next_, out);
  out += R"(,"to":)";
  append_number(oldest - 1, out);
  out += "}\n";
  counts_.dropped += oldest - next_;
  next_ = oldest;
}

/// False if this client has had it.
bool LogCursor::send_schema(std::uint32_t probe, std::string& out) {
  if (probe >= schema_sent_.size()) schema_sent_.resize(std::size_t{probe} + 1);
  if (schema_sent_[probe]) return false;
  schema_sent_[probe] = true;
  out += directory_.schema_line(probe);
  return true;
}

LineMatcher::LineMatcher(LogFilter filter, const ProbeDirectory& directory)
    : filter_(std::move(filter)), directory_(directory) {
  std::sort(filter_.pids.begin(), filter_.pids.end());
  std::sort(filter_.skip_pids.begin(), filter_.skip_pids.end());
}

bool LineMatcher::matches(const LogLine& line) {
  if (line.probe == 0) return true;
  return probe_matches(line.probe) && (!line.event || pid_matches(line.pid));
}

bool LineMatcher::probe_matches(std::uint32_t number) {
  if (filter_.probes.empty()) return true;
  if (number >= verdicts_.size()) verdicts_.resize(std::size_t{number} + 1);
  Verdict& verdict = verdicts_[number];
  if (verdict == Verdict::unknown) {
    verdict = name_matches(directory_.name(number)) ? Verdict::yes : Verdict::no;
  }
  return verdict == Verdict::yes;
}

bool LineMatcher::name_matches(const std::string& name) const {
  return std::any_of(filter_.probes.begin(), filter_.probes.end(), [&](const std::string& glob) {
    return ::fnmatch(glob.c_str(), name.c_str(), 0) == 0;
  });
}

bool LineMatcher::pid_matches(std::uint32_t pid) const {
  const auto among = [pid](const std::vector<std::uint32_t>& pids) {
    return std::binary_search(pids.begin(), pids.end(), pid);
  };
  return (filter_.pids.empty() || among(filter_.pids)) && !among(filter_.skip_pids);
}

}  // namespace kprobed::stream
