// SPDX-License-Identifier: Apache-2.0
//
// What probes may take, and will: machines of up to 256 CPUs, which need not be there.
#include "engine/kernel_budget.h"

#include <gmock/gmock.h>

#include "base/format.h"
#include "engine/cpu_rings.h"

namespace kprobed::engine {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::uint64_t kKiB = 1024, kMiB = 1024 * kKiB, kGiB = 1024 * kMiB;

/// What is left of a machine's memory for probes' events, and how many find room on all CPUs.
std::uint64_t events_that_fit(std::size_t cpus, std::uint64_t setting, std::uint64_t machine_bytes,
                              std::size_t page) {
  const std::uint64_t budget = setting != 0 ? setting : default_kernel_memory(machine_bytes);
  const std::uint64_t rings = ring_sizes_within(budget, cpus, page).mapped(page) * cpus;
  const std::uint64_t max = kernel_memory_limit(setting, machine_bytes, rings, cpus);
  KernelDemand demand{.events = 0, .per_cpu = 0, .cpus = cpus, .ring_bytes = rings};
  const KernelSupply supply{.memory_used = 0, .memory_max = max};
  do {
    ++demand.per_cpu;
  } while (check_memory(demand, supply).ok());
  return demand.per_cpu - 1;
}

TEST(KernelBudget, RingsAndEventsOfMachinesOfAllSizes) {
  const struct {
    std::size_t cpus;
    std::uint64_t machine_bytes, setting;
    std::size_t page;
    RingSizes rings;
    std::uint64_t max;     ///< for rings and events
    std::uint64_t events;  ///< of probes that find room
  } rows[] = {
      // What one CPU's rings have at most, and a machine's at most.
      {1, 16 * kGiB, 0, 4096, {2 * kMiB, 512 * kKiB, 64 * kKiB}, 64 * kMiB, 47'635},
      {2, 16 * kGiB, 0, 4096, {2 * kMiB, 512 * kKiB, 64 * kKiB}, 64 * kMiB, 22'816},
      {16, 64 * kGiB, 0, 4096, {2 * kMiB, 512 * kKiB, 64 * kKiB}, 64 * kMiB, 1'100},
      {32, 64 * kGiB, 0, 4096, {kMiB, 256 * kKiB, 64 * kKiB}, 64 * kMiB, 519},
      {64, 256 * kGiB, 0, 4096, {512 * kKiB, 128 * kKiB, 64 * kKiB}, 64 * kMiB, 228},
      {256, 512 * kGiB, 0, 4096, {128 * kKiB, 32 * kKiB, 16 * kKiB}, 64 * kMiB, 46},
      // 1 % of less memory.
      {2, kGiB, 0, 4096, {2 * kMiB, 512 * kKiB, 64 * kKiB}, kGiB / 100, 1'969},
      {2, 256 * kMiB, 0, 4096, {512 * kKiB, 128 * kKiB, 64 * kKiB}, 256 * kMiB / 100, 445},
      {4, 256 * kMiB, 0, 4096, {256 * kKiB, 64 * kKiB, 32 * kKiB}, 256 * kMiB / 100, 215},
      {256, 4 * kGiB, 0, 4096, {64 * kKiB, 16 * kKiB, 16 * kKiB}, 4 * kGiB / 100, 37},
      // Rings cannot be smaller: the rest is beside them.
      {256, kGiB, 0, 4096, {64 * kKiB, 16 * kKiB, 16 * kKiB}, 41'117'696, 32},
      {256, 512 * kGiB, 0, 65536, {64 * kKiB, 64 * kKiB, 64 * kKiB}, 113'469'440, 32},
      // As the operator says.
      {256, 512 * kGiB, kGiB, 4096, {2 * kMiB, 512 * kKiB, 64 * kKiB}, kGiB, 1'100},
      {256, 512 * kGiB, 64 * kMiB, 4096, {128 * kKiB, 32 * kKiB, 16 * kKiB}, 64 * kMiB, 46},
      {2, 16 * kGiB, kMiB, 4096, {256 * kKiB, 64 * kKiB, 32 * kKiB}, kMiB, 107},
      {256, 16 * kGiB, kMiB, 4096, {64 * kKiB, 16 * kKiB, 16 * kKiB}, kMiB, 0},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(format("{} CPUs, {} MiB, pages of {}, {} set", row.cpus, row.machine_bytes / kMiB,
                        row.page, row.setting));
    const std::uint64_t budget =
        row.setting != 0 ? row.setting : default_kernel_memory(row.machine_bytes);
    const RingSizes rings = ring_sizes_within(budget, row.cpus, row.page);
    EXPECT_EQ(rings.bulk_bytes, row.rings.bulk_bytes);
    EXPECT_EQ(rings.fast_bytes, row.rings.fast_bytes);
    EXPECT_EQ(rings.side_band_bytes, row.rings.side_band_bytes);
    EXPECT_EQ(kernel_memory_limit(row.setting, row.machine_bytes, rings.mapped(row.page) * row.cpus,
                                  row.cpus),
              row.max);
    EXPECT_EQ(events_that_fit(row.cpus, row.setting, row.machine_bytes, row.page), row.events);
  }
}

TEST(KernelBudget, RingsThatWereAskedForTakeNothingFromEvents) {
  const std::uint64_t rings = std::uint64_t{8} * 64 * kMiB;
  EXPECT_EQ(kernel_memory_limit(0, 64 * kGiB, rings, 8),
            rings + 8 * kMiB + 8 * kOwnEventsPerCpu * kEventBytes);
  EXPECT_EQ(kernel_memory_limit(kGiB, 64 * kGiB, rings, 8), kGiB) << "unless both were set";
}

TEST(KernelBudget, TheMemoryOf256CpusIsRefusedInOneSentence) {
  const struct {
    const char* what;
    KernelDemand demand;
    std::uint64_t used;
    std::string refused, free_now;  ///< ""; it is not
  } rows[] = {
      {"nothing new", {.events = 0, .per_cpu = 0, .cpus = 256}, 64 * kMiB, "", ""},
      {"nothing new, and too much is used already",
       {.events = 0, .per_cpu = 0, .cpus = 256},
       65 * kMiB,
       "",
       ""},
      {"one", {.events = 1, .per_cpu = 1, .cpus = 256}, 64 * kMiB - 256 * kEventBytes, "", ""},
      {"one with a condition",
       {.events = 1, .per_cpu = 2, .cpus = 256},
       64 * kMiB - 256 * kEventBytes,
       "no kernel memory left for 1 event of the kernel's on 256 CPUs: that takes 0.7 MiB",
       "0.3 MiB of 64.0 MiB are free"},
      {"many",
       {.events = 900, .per_cpu = 900, .cpus = 256},
       44 * kMiB,
       "no kernel memory left for 900 events of the kernel's on 256 CPUs: that takes 297.1 MiB",
       "20.0 MiB of 64.0 MiB are free"},
      {"the first, which need rings",
       {.events = 2, .per_cpu = 2, .cpus = 256, .ring_bytes = 70 * kMiB},
       0,
       "no kernel memory left for 2 events of the kernel's on 256 CPUs, and for the rings: that "
       "takes 72.3 MiB",
       "64.0 MiB of 64.0 MiB are free"},
  };
  for (const auto& row : rows) {
    const auto done = check_memory(row.demand, {.memory_used = row.used, .memory_max = 64 * kMiB});
    EXPECT_EQ(done.ok() ? "" : done.error().message, row.refused) << row.what;
    if (done.ok()) continue;
    EXPECT_EQ(done.error().code, ErrorCode::exhausted);
    EXPECT_THAT(done.error().hint,
                StartsWith(row.free_now + "; raise kernel_memory in kprobed.conf"));
    EXPECT_THAT(done.error().hint, HasSubstr("cpus in kprobed.conf"));
    EXPECT_THAT(done.error().hint, HasSubstr("share an event"));
    EXPECT_FALSE(done.error().span.known()) << "it is about the machine: exit status 1";
  }
}

TEST(KernelBudget, DescriptorsAreRefusedInOneSentence) {
  const struct {
    KernelDemand demand;
    std::uint64_t free;
    std::string refused, free_now;
  } rows[] = {
      {{.events = 4, .per_cpu = 4, .cpus = 256}, 1024 + kDescriptorsKept, "", ""},
      {{.events = 4, .per_cpu = 4, .cpus = 256},
       1023 + kDescriptorsKept,
       "no file descriptor left for 4 events of the kernel's on 256 CPUs: that takes 1024",
       "1023 of 4096 are free"},
      {{.events = 1, .per_cpu = 1, .cpus = 1},
       kDescriptorsKept,
       "no file descriptor left for 1 event of the kernel's on 1 CPU: that takes 1",
       "0 of 4096 are free"},
      {{.events = 1, .per_cpu = 1, .cpus = 2, .ring_bytes = 1},
       11 + kDescriptorsKept,
       "no file descriptor left for 1 event of the kernel's on 2 CPUs, and for the rings: that "
       "takes 12",
       "11 of 4096 are free"},
  };
  for (const auto& row : rows) {
    const auto done =
        check_descriptors(row.demand, {.descriptors_free = row.free, .descriptors_max = 4096});
    EXPECT_EQ(done.ok() ? "" : done.error().message, row.refused);
    if (done.ok()) continue;
    EXPECT_EQ(done.error().code, ErrorCode::exhausted);
    EXPECT_THAT(done.error().hint, StartsWith(row.free_now + "; raise LimitNOFILE="));
  }
}

TEST(EventCount, CountsWhatWillReallyBeOpened) {
  struct Probe {
    std::string signature;
    std::uint64_t address;
    bool filtered = false, joins = false;
  };
  const struct {
    const char* what;
    std::vector<Probe> probes;
    std::size_t events, per_cpu;
  } rows[] = {
      {"none", {}, 0, 0},
      {"each alone", {{"", 0}, {"", 0}, {"", 64}}, 3, 3},
      {"alike", {{"a", 0}, {"a", 64}, {"a", 128}}, 1, 1},
      {"two kinds", {{"a", 0}, {"b", 64}, {"a", 128}, {"b", 192}}, 2, 2},
      {"a condition counts by a second one",
       {{"a", 0, true}, {"a", 64, true}, {"", 0, true}},
       2,
       4},
      {"all into one that is there", {{"a", 0, false, true}, {"a", 64, false, true}}, 0, 0},
      {"the first into one that is there, the next too near it",
       {{"a", 64, false, true}, {"a", 72, false, true}, {"a", 128, false, false}},
       1,
       1},
      {"too near for one event", {{"a", 64}, {"a", 72}, {"a", 128}}, 2, 2},
      {"the same place twice", {{"a", 64}, {"a", 64}}, 2, 2},
  };
  for (const auto& row : rows) {
    EventCount count;
    for (const Probe& probe : row.probes)
      count.add(probe.signature, probe.address, probe.filtered, probe.joins);
    EXPECT_EQ(count.events(), row.events) << row.what;
    EXPECT_EQ(count.per_cpu(), row.per_cpu) << row.what;
  }
}

}  // namespace
}  // namespace kprobed::engine
