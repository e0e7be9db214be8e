// SPDX-License-Identifier: Apache-2.0
#include "watch/watcher.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <utility>

#include "base/format.h"
#include "watch/build_id.h"

namespace kprobed::watch {

namespace {

std::uint64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

/// "cpu3" is 3.
std::optional<unsigned> cpu_number(std::string_view name) {
  if (!name.starts_with("cpu")) return std::nullopt;
  name.remove_prefix(3);
  unsigned number = 0;
  const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (failed != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

}  // namespace

Watcher::Watcher(std::function<void(Change)> report)
    : report_(std::move(report)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (auto socket = UeventSocket::open(); socket.ok()) socket_ = std::move(socket).value();
  thread_ = std::thread([this] { loop(); });
}

Watcher::~Watcher() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t wrote = ::write(wake_.get(), &one, sizeof one);
  thread_.join();
}

void Watcher::look(std::string name) {
  {
    const std::lock_guard lock(mutex_);
    names_.push_back(std::move(name));
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t wrote = ::write(wake_.get(), &one, sizeof one);
}

void Watcher::loop() {
  while (true) {
    pollfd fds[] = {{.fd = wake_.get(), .events = POLLIN, .revents = 0},
                    {.fd = socket_ ? socket_->fd() : -1, .events = POLLIN, .revents = 0}};
    // Without an eventfd there is nothing that could wake it; then it looks around by itself.
    ::poll(fds, 2, wake_.valid() ? -1 : 100);
    std::uint64_t unused = 0;
    [[maybe_unused]] const ssize_t got = ::read(wake_.get(), &unused, sizeof unused);
    if (socket_) {
      const UeventSocket::Batch batch = socket_->take();
      for (const Uevent& event : batch.events) take(event);
      if (batch.overrun) report_(Overrun{});
    }
    std::vector<std::string> names;
    {
      const std::lock_guard lock(mutex_);
      if (stop_) return;
      names.swap(names_);
    }
    for (const std::string& name : names) look_now(name);
  }
}

void Watcher::take(const Uevent& event) {
  if (event.subsystem == "module") {
    if (event.action == "add") look_now(event.name);
    if (event.action == "remove") report_(ModuleLeft{event.name, monotonic_ns()});
  } else if (event.subsystem == "cpu") {
    const auto cpu = cpu_number(event.name);
    if (!cpu || (event.action != "online" && event.action != "offline")) return;
    report_(CpuChanged{*cpu, event.action == "online"});
  }
}

void Watcher::look_now(const std::string& name) {
  ModuleSeen seen{.name = name, .build_id = {}, .begin_ns = monotonic_ns(), .end_ns = 0};
  seen.build_id = read_build_id(name);
  // Without a note the folder tells that it is there.
  const bool there =
      seen.build_id || ::access(format("/sys/module/{}/sections", name).c_str(), F_OK) == 0;
  seen.end_ns = monotonic_ns();
  if (there) report_(std::move(seen));
}

}  // namespace kprobed::watch
