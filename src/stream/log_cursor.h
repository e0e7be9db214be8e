// SPDX-License-Identifier: Apache-2.0
//
// One client's place in the log and what it wants to see from there.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "stream/probe_directory.h"
#include "stream/stream_log.h"

namespace kprobed::stream {

/// What a client asked for. Lines about the stream itself (probe 0) always match; notes about a
/// probe match by its name alone.
struct LogFilter {
  std::vector<std::string> probes;       ///< globs (fnmatch(3)) on probe names; empty: all
  std::vector<std::uint32_t> pids;       ///< processes whose events match; empty: all
  std::vector<std::uint32_t> skip_pids;  ///< never events of these (the client itself)
  bool ledger = true;                    ///< also what becomes of probes' hits

  bool operator==(const LogFilter&) const = default;
};

/// Decides per line without asking for names twice: a verdict per probe number is remembered.
class LineMatcher {
 public:
  LineMatcher(LogFilter filter, const ProbeDirectory& directory);
  bool matches(const LogLine& line) {
    if (line.ledger && !filter_.ledger) return false;
    if (line.probe == 0) return true;
    return probe_matches(line.probe) && (!line.event || pid_matches(line.pid));
  }

 private:
  enum class Verdict : std::uint8_t { unknown, yes, no };
  bool probe_matches(std::uint32_t number) {
    if (filter_.probes.empty()) return true;
    if (number >= verdicts_.size() || verdicts_[number] == Verdict::unknown) judge(number);
    return verdicts_[number] == Verdict::yes;
  }
  bool pid_matches(std::uint32_t pid) const {
    // The commonest client wants all but itself.
    if (filter_.pids.empty() && filter_.skip_pids.size() <= 1)
      return filter_.skip_pids.empty() || filter_.skip_pids[0] != pid;
    return is_listed(pid);
  }
  void judge(std::uint32_t number);
  bool name_matches(const std::string& name) const;
  bool is_listed(std::uint32_t pid) const;

  LogFilter filter_;  ///< its pids sorted
  const ProbeDirectory& directory_;
  std::vector<Verdict> verdicts_;  ///< by probe number
};

/// Counted per client (DESIGN 8), each where it happens.
struct CursorCounts {
  std::uint64_t matched = 0;  ///< lines that matched the filter and were taken
  std::uint64_t skipped = 0;  ///< lines that were looked at and did not match
  std::uint64_t dropped = 0;  ///< lines that fell off unseen, whatever they were
};

/// Lines on their way out, mostly where they lie in the log. Keeps the chunks they are in, so it
/// should not live longer than it takes to send them.
class LineBatch {
 public:
  struct Piece {
    const char* data;
    std::size_t bytes;
    bool own = false;
  };
  /// Not more pieces than one sendmsg(2) takes (IOV_MAX is 1024).
  static constexpr std::size_t kMaxPieces = 512;

  const std::vector<Piece>& pieces() const { return pieces_; }
  std::size_t size() const { return bytes_; }
  bool is_full() const { return pieces_.size() + 2 >= kMaxPieces; }

  /// Text of nobody else's.
  void own(std::string text);
  /// Text inside of `chunk`.
  void refer(const std::shared_ptr<const LogChunk>& chunk, const char* data, std::size_t bytes);
  /// All that is left after the first `bytes`.
  void copy_rest(std::size_t bytes, std::string& out) const;
  /// Lines of the log that end behind the first `bytes`.
  std::size_t log_lines_after(std::size_t bytes) const;
  void clear();

 private:
  std::vector<Piece> pieces_;
  std::vector<std::shared_ptr<const LogChunk>> chunks_;
  std::deque<std::string> own_;
  std::size_t bytes_ = 0;
};

class LogCursor {
 public:
  /// Starts at `seq` (extent().next: only what comes; extent().oldest: all that is kept; 1: the
  /// same, with what has fallen off reported). A seq beyond extent().next, which nobody can have
  /// seen, counts as that. `log` and `directory` must outlive the cursor.
  LogCursor(const StreamLog& log, const ProbeDirectory& directory, LogFilter filter,
            std::uint64_t seq);

  /// Appends matching lines to `out`, at most about `max_bytes` (whole lines; one line more than
  /// that at most), looking at no more than about `max_lines` log lines. Where lines have fallen
  /// off since the last call, a line {"type":"dropped","from":A,"to":B} (both included) stands in
  /// their place. A probe's schema line goes out once, before its first event that matches. Returns
  /// true if there may be more at once.
  bool take(LineBatch& out, std::size_t max_bytes, std::size_t max_lines = 65536);
  /// The same, copied.
  bool take(std::string& out, std::size_t max_bytes, std::size_t max_lines = 65536);

  std::uint64_t next_seq() const { return next_; }
  const CursorCounts& counts() const { return counts_; }

 private:
  std::string drop_line(std::uint64_t oldest);
  bool needs_schema(const LogLine& line);

  const StreamLog& log_;
  const ProbeDirectory& directory_;
  LineMatcher matcher_;
  std::uint64_t next_;
  std::vector<bool> schema_sent_;  ///< by probe number
  std::uint32_t last_probe_ = 0;   ///< of the last event: its schema has been sent
  CursorCounts counts_;
};

}  // namespace kprobed::stream
