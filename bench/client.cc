// SPDX-License-Identifier: Apache-2.0
//
// Reads kprobed's stream and says what came: client SOCKET EVENTS PATIENCE_MS [-l] [-f GLOB]...
// Ends when EVENTS events have come (or were said to be lost or dropped), or nothing has come for
// PATIENCE_MS. SOCKET `-` is standard input: a rival's lines. Prints
// {"events":..,"lost":..,"dropped":..,"bytes":..} and with -l the latencies from the kernel's time
// stamp to the line being here, in ns. -f subscribes to these probes only. Every line is looked at.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::uint64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

std::uint64_t number_after(std::string_view line, std::string_view key) {
  const std::size_t at = line.find(key);
  return at == line.npos ? 0 : std::strtoull(line.data() + at + key.size(), nullptr, 10);
}

struct Tally {
  std::uint64_t events = 0, lost = 0, dropped = 0, bytes = 0;
  std::vector<std::uint64_t> latencies;
};

void take_line(std::string_view line, std::uint64_t now, bool latency, Tally& tally) {
  constexpr std::string_view kEvent = R"({"type":"event")";
  if (line.starts_with(kEvent)) {
    ++tally.events;
    if (latency) tally.latencies.push_back(now - number_after(line, R"("ts":)"));
  } else if (line.starts_with(R"({"type":"lost")")) {
    tally.lost += number_after(line, R"("count":)");
  } else if (line.starts_with(R"({"type":"dropped")")) {
    tally.dropped += number_after(line, R"("to":)") - number_after(line, R"("from":)") + 1;
  }
}

int connect_to(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror(path);
    std::exit(1);
  }
  return fd;
}

void print(Tally& tally) {
  std::printf(
      R"({"events":%llu,"lost":%llu,"dropped":%llu,"bytes":%llu)",
      static_cast<unsigned long long>(tally.events), static_cast<unsigned long long>(tally.lost),
      static_cast<unsigned long long>(tally.dropped), static_cast<unsigned long long>(tally.bytes));
  if (!tally.latencies.empty()) {
    std::sort(tally.latencies.begin(), tally.latencies.end());
    const auto at = [&](double part) {
      return static_cast<unsigned long long>(tally.latencies[static_cast<std::size_t>(
          part * static_cast<double>(tally.latencies.size() - 1))]);
    };
    std::printf(R"(,"p50":%llu,"p99":%llu,"max":%llu)", at(0.5), at(0.99), at(1));
  }
  std::printf("}\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: client SOCKET EVENTS PATIENCE_MS [-l] [-f GLOB]...\n");
    return 2;
  }
  const bool piped = std::string_view(argv[1]) == "-";
  const int fd = piped ? STDIN_FILENO : connect_to(argv[1]);
  const std::uint64_t wanted = std::strtoull(argv[2], nullptr, 10);
  const int patience_ms = std::atoi(argv[3]);
  bool latency = false;
  std::string globs;
  for (int i = 4; i < argc; ++i) {
    if (std::string_view(argv[i]) == "-l") latency = true;
    if (std::string_view(argv[i]) == "-f" && i + 1 < argc)
      globs += (globs.empty() ? "\"" : ",\"") + std::string(argv[++i]) + "\"";
  }
  const std::string request = R"({"id":1,"method":"subscribe","params":{)" +
                              (globs.empty() ? "" : "\"probes\":[" + globs + "]") + "}}\n";
  if (!piped && ::write(fd, request.data(), request.size()) != static_cast<ssize_t>(request.size()))
    return 1;
  std::fprintf(stderr, "ready\n");

  Tally tally;
  std::vector<char> buffer(std::size_t{1} << 20);
  std::size_t kept = 0;
  while (tally.events + tally.lost + tally.dropped < wanted) {
    pollfd readable{fd, POLLIN, 0};
    const bool waits = tally.events != 0;  // for the first one it takes what it takes
    if (::poll(&readable, 1, waits ? patience_ms : 60'000) <= 0) break;
    const ssize_t got = ::read(fd, buffer.data() + kept, buffer.size() - kept);
    if (got <= 0) break;
    const std::uint64_t now = latency ? now_ns() : 0;
    tally.bytes += static_cast<std::uint64_t>(got);
    std::string_view text(buffer.data(), kept + static_cast<std::size_t>(got));
    for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
      take_line(text.substr(0, end), now, latency, tally);
      text.remove_prefix(end + 1);
    }
    kept = text.size();
    std::memmove(buffer.data(), text.data(), kept);
  }
  print(tally);
  return 0;
}
