// SPDX-License-Identifier: Apache-2.0
#include "tracefs/event_lines.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <thread>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"

namespace kprobed::tracefs {
namespace {

/// One write of one line; the errno is that of the write if `written` comes back true.
Result<void> write_line(const Tracefs& tracefs, EventsFile file, std::string_view line,
                        bool& written) {
  written = false;
  const std::string path = tracefs.path(file_name(file));
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

enum class Removal : std::uint8_t { done, busy, not_found };

/// One try of one spelling.
Result<Removal> try_spelling(const Tracefs& tracefs, EventsFile file, const std::string& line) {
  KPROBED_TRY_VOID(check_line(line));
  bool written = false;
  const auto done = write_line(tracefs, file, line, written);
  if (done.ok()) return Removal::done;
  if (!written) return done.error();
  if (done.error().sys_errno == EBUSY) return Removal::busy;
  if (done.error().sys_errno == ENOENT) return Removal::not_found;
  return Error(done.error()).while_doing("write '" + line + "'");
}

/// ENOENT says "no such probe"; so it does of one that we fail to spell as the kernel does.
Result<Removal> check_gone(const Tracefs& tracefs, EventsFile file,
                           const std::function<bool(const ListedProbe&)>& wanted) {
  KPROBED_TRY(const auto listing, list(tracefs, file));
  const auto still = std::find_if(listing.begin(), listing.end(), wanted);
  if (still == listing.end()) return Removal::done;
  return Error(ErrorCode::kernel_refused,
               format("the kernel lists '{}' and does not find it again", still->text))
      .with_errno(ENOENT);
}

/// One try of each spelling, until one finds something to remove.
Result<Removal> try_removal(const Tracefs& tracefs, EventsFile file,
                            const std::vector<std::string>& spellings,
                            const std::function<bool(const ListedProbe&)>& wanted) {
  for (const std::string& line : spellings) {
    KPROBED_TRY(const Removal tried, try_spelling(tracefs, file, line));
    if (tried != Removal::not_found) return tried;
  }
  return check_gone(tracefs, file, wanted);
}

/// `attempt` until it is done (true), finds nothing (false), fails, or `patience` is over.
Result<bool> keep_trying(const std::function<Result<Removal>()>& attempt,
                         std::chrono::milliseconds patience) {
  // The wait for RCU in a removal or a closing is 16 to 80 ms: asking more often gains nothing.
  constexpr std::chrono::milliseconds kPause(10);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    KPROBED_TRY(const Removal tried, attempt());
    if (tried != Removal::busy) return tried == Removal::done;
    if (std::chrono::steady_clock::now() + kPause > deadline) {
      return Error(ErrorCode::busy, "the event is in use")
          .with_errno(EBUSY)
          .with_hint("some process has it open, or it is enabled in tracefs");
    }
    std::this_thread::sleep_for(kPause);
  }
}

/// KERNEL-FACTS 24: a line of a uprobe event that has others must not go while the event is open.
Result<void> check_alone(const Tracefs& tracefs, EventsFile file, std::string_view group,
                         std::string_view event) {
  if (file != EventsFile::uprobe) return {};
  KPROBED_TRY(const auto listing, list(tracefs, file));
  const auto lines = std::count_if(listing.begin(), listing.end(), [&](const ListedProbe& p) {
    return p.group == group && p.event == event;
  });
  if (lines <= 1) return {};
  return Error(ErrorCode::kernel_refused,
               format("{} uprobes share the event, and one of them is not ours", lines))
      .with_hint(
          "removing one of them while some process has the event open crashes the kernel; once "
          "none has, write '-:GROUP/EVENT' into uprobe_events");
}

Result<void> remove_lines(const Tracefs& tracefs, EventsFile file, std::string_view group,
                          std::string_view event, const std::vector<std::string>& spellings,
                          const std::function<bool(const ListedProbe&)>& wanted,
                          std::chrono::milliseconds patience) {
  auto removed = check_alone(tracefs, file, group, event);
  if (removed.ok()) {
    const auto tried =
        keep_trying([&] { return try_removal(tracefs, file, spellings, wanted); }, patience);
    if (!tried.ok()) removed = tried.error();
  }
  if (removed.ok()) return {};
  return std::move(removed).error().while_doing(format("remove '{}/{}'", group, event));
}

}  // namespace

Result<void> append(const Tracefs& tracefs, EventsFile file, std::string_view line,
                    Refusal* refusal) {
  if (refusal != nullptr) *refusal = Refusal();
  KPROBED_TRY_VOID(check_line(line));
  const std::string log_before = read_error_log(tracefs);
  bool written = false;
  const auto done = write_line(tracefs, file, line, written);
  if (done.ok()) return {};
  if (!written || done.error().sys_errno == 0) return done.error();
  Refusal why =
      explain_refusal(file, line, done.error().sys_errno, log_before, read_error_log(tracefs));
  Error error = refusal_error(why);
  if (refusal != nullptr) *refusal = std::move(why);
  return std::move(error).while_doing(format("append to '{}'", tracefs.path(file_name(file))));
}

Result<void> remove(const Tracefs& tracefs, const ListedProbe& probe,
                    std::chrono::milliseconds patience) {
  return remove_lines(
      tracefs, probe.file, probe.group, probe.event, probe.removals(),
      [&](const ListedProbe& p) { return p.text == probe.text; }, patience);
}

Result<bool> remove_as_spelled(const Tracefs& tracefs, const ListedProbe& probe,
                               std::chrono::milliseconds patience) {
  const std::string line = probe.removal();
  return keep_trying([&] { return try_spelling(tracefs, probe.file, line); }, patience);
}

Result<void> remove_event(const Tracefs& tracefs, EventsFile file, std::string_view group,
                          std::string_view event, std::chrono::milliseconds patience) {
  return remove_lines(
      tracefs, file, group, event, {format("-:{}/{}", group, event)},
      [&](const ListedProbe& p) { return p.group == group && p.event == event; }, patience);
}

}  // namespace kprobed::tracefs
