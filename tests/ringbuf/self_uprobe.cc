// SPDX-License-Identifier: Apache-2.0
#include "self_uprobe.h"

#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "arch/arch_abi.h"
#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "decode/format_file.h"

namespace kprobed::ringbuf {
namespace {

constexpr char kTracefs[] = "/sys/kernel/tracing";
constexpr std::string_view kGroupPrefix = "kprobed_test_";

std::string file(const std::string& name) { return format("{}/{}", kTracefs, name); }

Result<void> append(const std::string& line) {
  const std::string path = file("uprobe_events");
  KPROBED_TRY(const UniqueFd fd, open_file(path, O_WRONLY | O_APPEND));
  return write_once(fd.get(), line + "\n", path);
}

/// Removes what runs that crashed have left: events of our groups whose process is gone.
Result<void> sweep() {
  KPROBED_TRY(const std::string events, read_file(file("uprobe_events")));
  for (const std::string_view line : split_lines(events)) {
    const std::string_view event = line.substr(0, line.find(' ')).substr(2);
    if (!event.starts_with(kGroupPrefix)) continue;
    const auto pid =
        parse_number(event.substr(kGroupPrefix.size(), event.find('/') - kGroupPrefix.size()));
    if (pid && ::kill(static_cast<pid_t>(*pid), 0) != 0 && errno == ESRCH)
      KPROBED_TRY_VOID(append(format("-:{}", event)));
  }
  return {};
}

/// An address of this program as offset in its file, which is how uprobes are placed.
struct FileOffset {
  std::uintptr_t address;
  std::uint64_t offset = 0;
  bool found = false;
};

int match_segment(dl_phdr_info* object, std::size_t, void* wanted) {
  auto& place = *static_cast<FileOffset*>(wanted);
  for (unsigned i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
    if (segment.p_type != PT_LOAD || place.address < begin ||
        place.address >= begin + segment.p_filesz)
      continue;
    place.offset = place.address - begin + segment.p_offset;
    place.found = true;
    return 1;
  }
  return 0;
}

Result<std::string> own_path() {
  std::string path(4096, '\0');
  const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
  if (length < 0) return system_error(errno, "read '/proc/self/exe'");
  path.resize(static_cast<std::size_t>(length));
  return path;
}

}  // namespace

extern "C" [[gnu::noinline, gnu::noipa]] std::uint64_t kprobed_probe_me(std::uint64_t n,
                                                                        const char*, const char*,
                                                                        const char*, std::int32_t) {
  return n + 1;
}

Result<SelfUprobe> SelfUprobe::define(char kind, const std::string& name, const std::string& args) {
  FileOffset place{.address = reinterpret_cast<std::uintptr_t>(&kprobed_probe_me)};
  ::dl_iterate_phdr(match_segment, &place);
  if (!place.found) return Error(ErrorCode::internal, "kprobed_probe_me is in no segment");
  return define_line(kind, name, place.offset, args);
}

Result<SelfUprobe> SelfUprobe::define_at(char kind, const std::string& name, std::uint64_t offset) {
  return define_line(kind, name, offset, "");
}

Result<SelfUprobe> SelfUprobe::define_line(char kind, const std::string& name, std::uint64_t offset,
                                           const std::string& args) {
  KPROBED_TRY_VOID(sweep());
  KPROBED_TRY(const std::string program, own_path());
  SelfUprobe probe;
  const std::string event = format("{}{}/{}", kGroupPrefix, ::getpid(), name);
  probe.line_ = format("{}:{} {}:{} {}", kind, event, program, hex(offset), args);
  KPROBED_TRY_VOID(append(probe.line_));
  probe.event_ = event;
  KPROBED_TRY(probe.format_text_, read_file(file(format("events/{}/format", event))));
  KPROBED_TRY(const decode::EventFormat event_format, decode::parse_format(probe.format_text_));
  probe.id_ = event_format.id;
  return probe;
}

SelfUprobe::SelfUprobe(SelfUprobe&& other) noexcept
    : event_(std::exchange(other.event_, {})),
      line_(std::move(other.line_)),
      format_text_(std::move(other.format_text_)),
      id_(other.id_) {}

SelfUprobe::~SelfUprobe() {
  if (event_.empty()) return;
  // What cannot be removed now, the next run's sweep() removes.
  (void)append(format("-:{}", event_)).ok();
}

std::string all_arguments() {
  const auto argument = [](unsigned n) { return arch::argument_fetch(*arch::host(), n); };
  return format(
      "n={0}:u64 tiny={0}:u8 half={0}:u16 word={0}:x32 less={4}:s32 text=+0({1}):string "
      "empty=+0({2}):string fault=+0({3}):string",
      argument(1), argument(2), argument(3), argument(4), argument(5));
}

}  // namespace kprobed::ringbuf
