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

bool LogCursor::take(LineBatch& out, std::size_t max_bytes, std::size_t max_lines) {
  const std::size_t begin = out.size();
  const auto may_go_on = [&] {
    return max_lines > 0 && out.size() - begin < max_bytes && !out.is_full();
  };
  while (const std::shared_ptr<const LogChunk> chunk = log_.chunk_at(next_)) {
    const std::uint64_t first = chunk->first_seq();
    if (first > next_ && may_go_on()) out.own(drop_line(first));
    if (!may_go_on()) return true;

    // Neighbouring lines that match go out as one piece.
    const std::vector<LogLine>& lines = chunk->lines;
    auto at = static_cast<std::size_t>(next_ - first);
    while (at < lines.size() && may_go_on()) {
      const std::size_t room = begin + max_bytes - out.size();
      const std::uint32_t run_begin = lines[at].begin;
      const std::size_t run_first = at;
      bool schema = false;
      for (; at < lines.size() && max_lines > 0; ++at, --max_lines) {
        const LogLine& line = lines[at];
        if (line.begin - run_begin >= room || !matcher_.matches(line)) break;
        schema = needs_schema(line);
        if (schema) break;
      }
      if (at != run_first) {
        counts_.matched += at - run_first;
        out.refer(chunk, chunk->text.data() + run_begin, lines[at - 1].end - run_begin);
      }
      if (schema) {
        out.own(directory_.schema_line(lines[at].probe));
        continue;
      }
      // What ended the run without being wanted: step over all of its kind.
      for (; at < lines.size() && max_lines > 0 && !matcher_.matches(lines[at]); ++at) {
        --max_lines;
        ++counts_.skipped;
      }
    }
    next_ = first + at;
  }
  return false;
}

bool LogCursor::take(std::string& out, std::size_t max_bytes, std::size_t max_lines) {
  LineBatch batch;
  const bool more = take(batch, max_bytes, max_lines);
  batch.copy_rest(0, out);
  return more;
}

std::string LogCursor::drop_line(std::uint64_t oldest) {
  std::string out = R"({"type":"dropped","from":)";
  append_number(next_, out);
  out += R"(,"to":)";
  append_number(oldest - 1, out);
  out += "}\n";
  counts_.dropped += oldest - next_;
  next_ = oldest;
  return out;
}

/// Is it the first event of its probe that this client sees? True once.
bool LogCursor::needs_schema(const LogLine& line) {
  if (!line.event || line.probe == last_probe_) return false;
  last_probe_ = line.probe;
  if (line.probe >= schema_sent_.size()) schema_sent_.resize(std::size_t{line.probe} + 1);
  if (schema_sent_[line.probe]) return false;
  schema_sent_[line.probe] = true;
  return true;
}

void LineBatch::own(std::string text) {
  own_.push_back(std::move(text));
  pieces_.push_back({own_.back().data(), own_.back().size(), true});
  bytes_ += own_.back().size();
}

void LineBatch::refer(const std::shared_ptr<const LogChunk>& chunk, const char* data,
                      std::size_t bytes) {
  if (chunks_.empty() || chunks_.back() != chunk) chunks_.push_back(chunk);
  pieces_.push_back({data, bytes, false});
  bytes_ += bytes;
}

void LineBatch::copy_rest(std::size_t bytes, std::string& out) const {
  out.reserve(out.size() + bytes_ - std::min(bytes, bytes_));
  for (const Piece& piece : pieces_) {
    const std::size_t skipped = std::min(bytes, piece.bytes);
    out.append(piece.data + skipped, piece.bytes - skipped);
    bytes -= skipped;
  }
}

std::size_t LineBatch::log_lines_after(std::size_t bytes) const {
  std::size_t lines = 0;
  for (const Piece& piece : pieces_) {
    const std::size_t skipped = std::min(bytes, piece.bytes);
    if (!piece.own) {
      lines += static_cast<std::size_t>(
          std::count(piece.data + skipped, piece.data + piece.bytes, '\n'));
    }
    bytes -= skipped;
  }
  return lines;
}

void LineBatch::clear() {
  pieces_.clear();
  chunks_.clear();
  own_.clear();
  bytes_ = 0;
}

LineMatcher::LineMatcher(LogFilter filter, const ProbeDirectory& directory)
    : filter_(std::move(filter)), directory_(directory) {
  std::sort(filter_.pids.begin(), filter_.pids.end());
  std::sort(filter_.skip_pids.begin(), filter_.skip_pids.end());
}

void LineMatcher::judge(std::uint32_t number) {
  if (number >= verdicts_.size()) verdicts_.resize(std::size_t{number} + 1);
  verdicts_[number] = name_matches(directory_.name(number)) ? Verdict::yes : Verdict::no;
}

bool LineMatcher::name_matches(const std::string& name) const {
  return std::any_of(filter_.probes.begin(), filter_.probes.end(), [&](const std::string& glob) {
    return ::fnmatch(glob.c_str(), name.c_str(), 0) == 0;
  });
}

bool LineMatcher::is_listed(std::uint32_t pid) const {
  const auto among = [pid](const std::vector<std::uint32_t>& pids) {
    return std::binary_search(pids.begin(), pids.end(), pid);
  };
  return (filter_.pids.empty() || among(filter_.pids)) && !among(filter_.skip_pids);
}

}  // namespace kprobed::stream
