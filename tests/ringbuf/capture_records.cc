// SPDX-License-Identifier: Apache-2.0
//
// Captures format files and perf records of the running kernel for tests/data: one record of each
// kind this program reads, from uprobes on itself. usage: capture_records DIRECTORY
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/format.h"
#include "decode/record.h"
#include "ringbuf/attached_event.h"
#include "self_uprobe.h"

namespace kprobed::ringbuf {
namespace {

void print_hex(std::ostream& out, std::string_view name, Bytes bytes) {
  out << name;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % 16 == 0) out << format("\n  {:04x}:", i);
    out << format(" {:02x}", std::to_integer<unsigned>(bytes[i]));
  }
  out << "\n";
}

/// Prints the records that are about this process; what else happens on the CPU is nobody's.
void print_own(std::ostream& out, MappedRing& ring) {
  const auto self = static_cast<std::uint32_t>(::getpid());
  ring.snapshot();
  for (Bytes bytes = ring.reader().peek(); !bytes.empty(); bytes = ring.reader().peek()) {
    const decode::Record record = decode::parse_record(bytes);
    if (std::holds_alternative<decode::Sample>(record)) print_hex(out, "sample", bytes);
    if (std::holds_alternative<decode::Lost>(record)) print_hex(out, "lost", bytes);
    if (const auto* comm = std::get_if<decode::CommChange>(&record); comm && comm->pid == self)
      print_hex(out, "comm", bytes);
    if (const auto* fork = std::get_if<decode::Fork>(&record); fork && fork->ppid == self)
      print_hex(out, "fork", bytes);
    if (const auto* exit = std::get_if<decode::Exit>(&record); exit && exit->stamp.pid != self)
      print_hex(out, "exit", bytes);
    ring.reader().consume();
  }
  ring.release();
}

Result<void> run(const std::filesystem::path& directory) {
  cpu_set_t cpu0;
  CPU_ZERO(&cpu0);
  CPU_SET(0, &cpu0);
  if (::sched_setaffinity(0, sizeof cpu0, &cpu0) != 0) return system_error(errno, "pin to CPU 0");

  KPROBED_TRY(const SelfUprobe entry, SelfUprobe::define('p', "entry", all_arguments()));
  KPROBED_TRY(const SelfUprobe ret, SelfUprobe::define('r', "ret", "rv=$retval:u64"));
  const RingOptions options{.data_bytes = 4096, .side_band = true};
  std::vector<MappedRing> rings;
  KPROBED_TRY(MappedRing ring, MappedRing::open(0, options));
  rings.push_back(std::move(ring));
  KPROBED_TRY(AttachedEvent entries, AttachedEvent::open(entry.id(), rings));
  KPROBED_TRY(AttachedEvent returns, AttachedEvent::open(ret.id(), rings));

  std::filesystem::create_directories(directory / "format");
  std::ofstream(directory / "format/entry") << entry.format_text();
  std::ofstream(directory / "format/ret") << ret.format_text();
  std::ofstream(directory / "definitions") << entry.line() << "\n" << ret.line() << "\n";
  utsname system{};
  ::uname(&system);
  std::ofstream(directory / "PROVENANCE")
      << "Captured from a real kernel by tests/ringbuf/capture_records; not edited.\n"
      << format("kernel: {} {} {} {}\n", system.sysname, system.release, system.version,
                system.machine);

  std::ofstream out(directory / "records");
  KPROBED_TRY_VOID(entries.enable());
  KPROBED_TRY_VOID(returns.enable());
  // An address below mmap_min_addr: the kernel's read of it fails.
  const char* const unreadable = nullptr;
  kprobed_probe_me(0x1122334455667788, "/etc/passwd", "", unreadable, -100);
  ::prctl(PR_SET_NAME, "capture comm");
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  print_own(out, rings[0]);

  KPROBED_TRY_VOID(entries.disable());
  for (unsigned i = 0; i < 1000; ++i) kprobed_probe_me(i, "", "", "", 0);
  rings[0].snapshot();
  while (!rings[0].reader().peek().empty()) rings[0].reader().consume();
  rings[0].release();
  kprobed_probe_me(1000, "", "", "", 0);
  print_own(out, rings[0]);
  return {};
}

}  // namespace
}  // namespace kprobed::ringbuf

int main(int argc, char** argv) {
  if (argc != 2) {
    ::fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
    return 2;
  }
  const auto done = kprobed::ringbuf::run(argv[1]);
  if (done.ok()) return 0;
  ::fprintf(stderr, "%s", kprobed::render(done.error()).c_str());
  return 1;
}
