// SPDX-License-Identifier: Apache-2.0
//
// Makes events: producer tracepoint|uprobe|nothing COUNT [RATE [-c]]. As fast as it goes, or RATE a
// second, evenly. `tracepoint` is fchown(-1, counter, 7), which fails at once with EBADF: what is
// measured is the event. `uprobe` calls bench_probed(counter, 7). Says how long it took, in ns;
// with -c what one call took, the median.
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

extern "C" [[gnu::noinline, gnu::used]] void bench_probed(std::uint64_t counter,
                                                          std::uint64_t seven) {
  asm volatile("" : : "r"(counter), "r"(seven) : "memory");
}

namespace {

std::uint64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

/// Sleeps where there is time for it, else spins.
void wait_until(std::uint64_t due_ns) {
  for (;;) {
    const std::uint64_t now = now_ns();
    if (now >= due_ns) return;
    if (due_ns - now < 200'000) continue;
    const std::uint64_t sleep_until = due_ns - 100'000;
    const timespec at{static_cast<time_t>(sleep_until / 1'000'000'000),
                      static_cast<long>(sleep_until % 1'000'000'000)};
    ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: producer tracepoint|uprobe|nothing COUNT [RATE [-c]]\n");
    return 2;
  }
  const std::string_view what = argv[1];
  const std::uint64_t count = std::strtoull(argv[2], nullptr, 10);
  const std::uint64_t rate = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 0;
  const bool each = argc > 4 && std::string_view(argv[4]) == "-c";
  std::vector<std::uint64_t> costs;
  costs.reserve(each ? static_cast<std::size_t>(count) : 0);
  const std::uint64_t begin = now_ns();
  for (std::uint64_t i = 0; i < count; ++i) {
    if (rate != 0) wait_until(begin + i * 1'000'000'000 / rate);
    const std::uint64_t before = each ? now_ns() : 0;
    if (what == "tracepoint") {
      ::syscall(SYS_fchown, -1, static_cast<unsigned>(i), 7);
    } else if (what == "uprobe") {
      bench_probed(i, 7);
    }
    if (each) costs.push_back(now_ns() - before);
  }
  std::uint64_t said = now_ns() - begin;
  if (!costs.empty()) {
    const auto middle = costs.begin() + static_cast<std::ptrdiff_t>(costs.size() / 2);
    std::nth_element(costs.begin(), middle, costs.end());
    said = *middle;
  }
  std::printf("%llu\n", static_cast<unsigned long long>(said));
  return 0;
}
