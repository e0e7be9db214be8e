// SPDX-License-Identifier: Apache-2.0
//
// Captures what real kprobes write, for tests/data: arms the specs, runs the command, and leaves
// per probe what a test needs to read its records again without that kernel.
//
//   usage: capture_kprobes DIRECTORY SPEC... -- COMMAND [ARGUMENT...]
//
//   DIRECTORY/NAME/spec        as it was given
//                  definition  as it was written to kprobe_events
//                  format      the kernel's description of its records
//                  fields      what is wanted of them, one per line: name, kernel's name, how
//                  shown,
//                              and the field of the second half if there is one
//                  records     each PERF_RECORD_SAMPLE that COMMAND's process caused
//                  lines       what the encoder said here: the schema, then a line per record
//   DIRECTORY/machine          the architecture
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/format.h"
#include "decode/record.h"
#include "engine/clocks.h"
#include "engine/cpu_rings.h"
#include "engine/probe_set.h"
#include "probespec/parse.h"
#include "stream/json_lines.h"
#include "stream/task_table.h"
#include "symbols/task_names.h"
#include "tracefs/groups.h"

namespace kprobed::engine {
namespace {

struct Wish {
  std::filesystem::path directory;
  std::vector<std::string> specs;
  char** command = nullptr;
};

/// In lines like xxd's, as ringbuf's capture_records leaves them.
std::string dump(Bytes record) {
  std::string out = "sample";
  for (std::size_t at = 0; at < record.size(); ++at) {
    if (at % 16 == 0) out += format("\n  {:04x}:", at);
    out += format(" {:02x}", std::to_integer<unsigned>(record[at]));
  }
  return out + "\n";
}

Result<std::vector<resolve::ResolvedProbe>> resolve_all(const Machine& machine,
                                                        const std::vector<std::string>& specs) {
  std::vector<resolve::ResolvedProbe> probes;
  for (const std::string& text : specs) {
    probespec::Parsed parsed = probespec::parse(std::make_shared<Source>(Source{"spec", text}));
    if (!parsed.errors.empty()) return parsed.errors.front();
    if (parsed.specs.size() != 1) return Error(ErrorCode::usage, format("'{}' is no spec", text));
    KPROBED_TRY(auto probe, resolve::resolve(parsed.specs.front(), *machine.kernel, {}));
    probes.push_back(std::move(probe));
  }
  return probes;
}

/// Runs it on this process's CPU; its pid, once it has ended well.
Result<std::uint32_t> run_to_end(char** command) {
  const pid_t child = ::fork();
  if (child < 0) return system_error(errno, "fork");
  if (child == 0) {
    ::execvp(command[0], command);
    ::_exit(127);
  }
  int status = 0;
  if (::waitpid(child, &status, 0) < 0) return system_error(errno, "wait for the command");
  if (status != 0) return Error(ErrorCode::io, format("{} ended with {}", command[0], status));
  return static_cast<std::uint32_t>(child);
}

/// One probe's files.
class Capture {
 public:
  Capture(const std::filesystem::path& directory, const ArmedProbe& probe)
      : directory_(directory / probe.plan()->label.name), plan_(probe.plan()) {}

  const stream::EventPlan& plan() const { return *plan_; }

  /// What is known before the first event.
  Result<void> describe(const ArmedProbe& probe, const resolve::ResolvedProbe& resolved,
                        const std::string& spec, stream::JsonLines& encoder) {
    std::filesystem::create_directories(directory_);
    KPROBED_TRY(const std::string format_text, probe.installed()->format_text());
    std::ofstream(directory_ / "spec") << spec << "\n";
    std::ofstream(directory_ / "definition") << probe.line() << "\n";
    std::ofstream(directory_ / "format") << format_text;
    std::ofstream fields(directory_ / "fields");
    for (const decode::WantedField& field : wanted_fields(resolved)) {
      fields << format("{} {} {}{}{}\n", field.name, field.kernel_name,
                       decode::word(field.shape.show), field.second_name.empty() ? "" : " ",
                       field.second_name);
    }
    encoder.schema(*plan_, lines_);
    return {};
  }

  Result<void> add(Bytes record, const stream::Event& event, stream::JsonLines& encoder) {
    if (!encoder.event(event, lines_)) return Error(ErrorCode::malformed, "a sample was refused");
    records_ += dump(record);
    return {};
  }

  Result<void> write() const {
    if (records_.empty()) return Error(ErrorCode::not_found, directory_.string() + ": no records");
    std::ofstream(directory_ / "records") << records_;
    std::ofstream(directory_ / "lines") << lines_;
    return {};
  }

 private:
  std::filesystem::path directory_;
  std::shared_ptr<const stream::EventPlan> plan_;
  std::string records_, lines_;
};

/// Everything is on one CPU, whose rings are already in order: no merge is needed, and the whole
/// record is at hand, which the pump does not give out.
Result<void> take_all(CpuRings& rings, const PlanTable& plans, std::uint32_t pid,
                      stream::JsonLines& encoder, std::vector<Capture>& captures) {
  stream::TaskTable tasks(symbols::read_task_name);
  std::uint64_t seq = 0;
  rings.snapshot();
  for (ringbuf::RingReader* reader : rings.readers()) {  // the side-band's names first
    for (Bytes bytes = reader->peek(); !bytes.empty(); bytes = reader->peek()) {
      const decode::Record record = decode::parse_record(bytes);
      if (const auto* comm = std::get_if<decode::CommChange>(&record)) tasks.on(*comm);
      const auto* sample = std::get_if<decode::Sample>(&record);
      if (sample != nullptr && sample->stamp.pid == pid) {
        const PlanTable::Row* row = plans.find(sample->stamp.id);
        const stream::EventPlan* plan = row != nullptr ? row->plan.get() : nullptr;
        const auto capture =
            std::ranges::find_if(captures, [&](const Capture& c) { return &c.plan() == plan; });
        if (capture == captures.end()) return Error(ErrorCode::internal, "a record of no probe");
        KPROBED_TRY_VOID(capture->add(bytes,
                                      {.plan = plan,
                                       .stamp = sample->stamp,
                                       .raw = sample->raw,
                                       .seq = ++seq,
                                       .comm = tasks.comm(sample->stamp.tid)},
                                      encoder));
      }
      reader->consume();
    }
  }
  rings.release();
  return {};
}

Result<void> run(const Wish& wish) {
  cpu_set_t cpu0;
  CPU_ZERO(&cpu0);
  CPU_SET(0, &cpu0);
  if (::sched_setaffinity(0, sizeof cpu0, &cpu0) != 0) return system_error(errno, "pin to CPU 0");

  KPROBED_TRY(const Machine machine, Machine::open_for_arming());
  KPROBED_TRY(const auto probes, resolve_all(machine, wish.specs));
  KPROBED_TRY(const tracefs::RunOwner owner, tracefs::own_identity());
  KPROBED_TRY(CpuRings rings, CpuRings::open(0));
  ProbeSet set(tracefs::run_group(owner), format("c{}_", ::getpid()));
  KPROBED_TRY_VOID(set.arm(machine, rings, probes, nullptr));

  const KernelNames names(machine.kernel->kallsyms().text_names());
  stream::WallClock clock;
  clock.set_offset(wall_clock_offset_ns());
  stream::JsonLines encoder(names, clock);
  std::vector<Capture> captures;
  for (std::size_t i = 0; i < probes.size(); ++i) {
    const ArmedProbe& probe = set.probes()[i];
    KPROBED_TRY_VOID(captures.emplace_back(wish.directory, probe)
                         .describe(probe, probes[i], wish.specs[i], encoder));
  }
  std::ofstream(wish.directory / "machine") << machine.kernel->abi().name << "\n";
  KPROBED_TRY(const std::uint32_t pid, run_to_end(wish.command));
  KPROBED_TRY_VOID(set.disable());
  KPROBED_TRY_VOID(take_all(rings, set.plans(), pid, encoder, captures));
  for (const Capture& capture : captures) KPROBED_TRY_VOID(capture.write());
  return set.disarm(std::chrono::seconds(5));
}

}  // namespace
}  // namespace kprobed::engine

int main(int argc, char** argv) {
  char** const end = argv + argc;
  char** const dashes = std::find(argv, end, std::string_view("--"));
  if (dashes - argv < 3 || end - dashes < 2) {
    ::fprintf(stderr, "usage: %s DIRECTORY SPEC... -- COMMAND [ARGUMENT...]\n", argv[0]);
    return 2;
  }
  const auto done = kprobed::engine::run(
      {.directory = argv[1], .specs = {argv + 2, dashes}, .command = dashes + 1});
  if (done.ok()) return 0;
  ::fprintf(stderr, "%s", kprobed::render(done.error()).c_str());
  return 1;
}
