// SPDX-License-Identifier: Apache-2.0
#include "tracefs/kprobe_events.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <thread>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"

namespace kprobed::tracefs {
namespace {

/// "p:GRP/EV PLACE REST"; nullopt for any other line.
std::optional<ListedProbe> parse_line(std::string_view line) {
  ListedProbe probe;
  probe.text = line;
  if (line.empty() || (line[0] != 'p' && line[0] != 'r')) return std::nullopt;
  probe.kind = line[0];
  const auto words = split_words(line);
  // "r10:": the return probe's effective maxactive, which the kernel adds to the listing.
  const std::size_t colon = words[0].find(':');
  if (colon == std::string_view::npos || words.size() < 2) return std::nullopt;
  const std::string_view maxactive = words[0].substr(1, colon - 1);
  if (maxactive.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const std::string_view name = words[0].substr(colon + 1);
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  probe.group = name.substr(0, slash);
  probe.event = name.substr(slash + 1);
  if (probe.group.empty() || probe.event.empty()) return std::nullopt;
  probe.place = words[1];
  if (words.size() > 2)
    probe.rest = line.substr(static_cast<std::size_t>(words[2].data() - line.data()));
  return probe;
}

/// What the kernel compares of a word when it looks for what to remove: it spells its own word into
/// a buffer of MAX_ARGSTR_LEN + 1 bytes (trace_kprobe_match_command_head,
/// trace_probe_match_command_args) and takes nothing longer. Seen: 5.10 and 6.12 cut both, 6.1 the
/// place but not the arguments.
constexpr std::size_t kCompared = 63;

std::string cut(std::string_view words) {
  std::string out;
  for (const std::string_view word : split_words(words)) {
    if (!out.empty()) out += ' ';
    out += word.substr(0, kCompared);
  }
  return out;
}

std::string removal_of(const ListedProbe& probe, std::string_view place, std::string_view rest) {
  return format("-:{}/{} {}{}{}", probe.group, probe.event, place, rest.empty() ? "" : " ", rest);
}

/// One write of one line; the errno is that of the write if `written` comes back true.
Result<void> write_line(const Tracefs& tracefs, std::string_view line, bool& written) {
  written = false;
  const std::string path = tracefs.path("kprobe_events");
  // Appending, and never O_TRUNC, which would delete everybody's probes (KERNEL-FACTS trap 9).
  KPROBED_TRY(const UniqueFd fd, open_file(path, O_WRONLY | O_APPEND));
  written = true;
  return write_once(fd.get(), std::string(line) + "\n", path);
}

/// The kernel reads these as something other than one line (trace_parse_run_command in
/// kernel/trace/trace.c): several commands, or one cut short by a comment.
Result<void> check_line(std::string_view line) {
  if (line.size() > kMaxLine) {
    return Error(ErrorCode::too_long, format("the line for the kernel has {} bytes, {} are allowed",
                                             line.size(), kMaxLine))
        .with_hint("fewer arguments, or shorter names");
  }
  if (trim(line).empty()) return Error(ErrorCode::syntax, "the line for the kernel is empty");
  if (line.find('\n') != std::string_view::npos) {
    return Error(ErrorCode::syntax, "the line for the kernel holds a newline");
  }
  if (line.find('#') != std::string_view::npos) {
    return Error(ErrorCode::syntax, "the kernel takes '#' for the beginning of a comment");
  }
  return {};
}

/// error_log as it is; "" where it cannot be read: then errnos must do. It is read before every
/// write, which alone says for sure what is new afterwards, and never cleared, since others read it
/// too. With a small buffer that costs 4 us (6.18, 8 entries), where a probe costs milliseconds.
std::string read_error_log(const Tracefs& tracefs) {
  std::string text;
  const auto fd = open_file(tracefs.path("error_log"), O_RDONLY);
  if (!fd.ok()) return text;
  std::array<char, 4096> buffer;
  // 8 entries of a command and a caret line each: more is no error_log.
  constexpr std::size_t kMost = std::size_t{8} * 4 * kMaxLine;
  while (text.size() < kMost) {
    const ssize_t got = ::read(fd->get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

/// The Error for a refusal. Where an errno's usual text speaks of something else ("Invalid or
/// incomplete multibyte or wide character", "Cannot assign requested address") ours stands alone.
Error refusal_error(const Refusal& why) {
  std::string message = why.meaning;
  if (!why.kernel_text.empty() && why.kernel_text != why.meaning) {
    message += format(" (kernel: \"{}\")", why.kernel_text);
  }
  const bool misleading = why.sys_errno == EILSEQ || why.sys_errno == EADDRNOTAVAIL;
  return Error(why.code, std::move(message))
      .with_errno(misleading ? 0 : why.sys_errno)
      .with_hint(why.hint);
}

enum class Removal : std::uint8_t { done, busy };

/// One try of every spelling.
Result<Removal> try_removal(const Tracefs& tracefs, const ListedProbe& probe) {
  for (const std::string& line : probe.removals()) {
    KPROBED_TRY_VOID(check_line(line));
    bool written = false;
    const auto done = write_line(tracefs, line, written);
    if (done.ok()) return Removal::done;
    if (!written) return done.error();
    if (done.error().sys_errno == EBUSY) return Removal::busy;
    if (done.error().sys_errno != ENOENT)
      return Error(done.error()).while_doing("write '" + line + "'");
  }
  // ENOENT says "no such probe", and so it does of one that we fail to spell as the kernel does.
  KPROBED_TRY(const auto listing, list(tracefs));
  const bool listed = std::any_of(listing.begin(), listing.end(),
                                  [&](const ListedProbe& p) { return p.text == probe.text; });
  if (listed) {
    return Error(ErrorCode::kernel_refused,
                 format("the kernel lists '{}' and does not find it again", probe.text))
        .with_errno(ENOENT);
  }
  return Removal::done;
}

}  // namespace

std::string ListedProbe::removal() const { return removal_of(*this, place, rest); }

std::vector<std::string> ListedProbe::removals() const {
  std::vector<std::string> lines;
  for (const auto& line :
       {removal(), removal_of(*this, cut(place), rest), removal_of(*this, cut(place), cut(rest)),
        removal_of(*this, place, cut(rest))}) {
    if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
  }
  return lines;
}

std::vector<ListedProbe> parse_listing(std::string_view text) {
  std::vector<ListedProbe> probes;
  for (const std::string_view line : split_lines(text)) {
    if (auto probe = parse_line(line)) probes.push_back(*std::move(probe));
  }
  return probes;
}

Result<std::vector<ListedProbe>> list(const Tracefs& tracefs) {
  KPROBED_TRY(const std::string text, read_file(tracefs.path("kprobe_events")));
  return parse_listing(text);
}

Result<void> append(const Tracefs& tracefs, std::string_view line, Refusal* refusal) {
  if (refusal != nullptr) *refusal = Refusal();
  KPROBED_TRY_VOID(check_line(line));
  const std::string log_before = read_error_log(tracefs);
  bool written = false;
  const auto done = write_line(tracefs, line, written);
  if (done.ok()) return {};
  if (!written || done.error().sys_errno == 0) return done.error();
  Refusal why = explain_refusal(line, done.error().sys_errno, log_before, read_error_log(tracefs));
  Error error = refusal_error(why);
  if (refusal != nullptr) *refusal = std::move(why);
  return std::move(error).while_doing(format("append to '{}'", tracefs.path("kprobe_events")));
}

Result<void> remove(const Tracefs& tracefs, const ListedProbe& probe,
                    std::chrono::milliseconds patience) {
  // The wait for RCU in a removal or a closing is 16 to 80 ms: asking more often gains nothing.
  constexpr std::chrono::milliseconds kPause(10);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    auto tried = try_removal(tracefs, probe);
    if (!tried.ok()) {
      return std::move(tried).error().while_doing(
          format("remove '{}/{}'", probe.group, probe.event));
    }
    if (*tried == Removal::done) return {};
    if (std::chrono::steady_clock::now() + kPause > deadline) {
      return Error(ErrorCode::busy, "the event is in use")
          .with_errno(EBUSY)
          .with_hint("some process has it open, or it is enabled in tracefs")
          .while_doing(format("remove '{}/{}'", probe.group, probe.event));
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace kprobed::tracefs
