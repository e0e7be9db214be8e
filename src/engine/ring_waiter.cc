// SPDX-License-Identifier: Apache-2.0
#include "engine/ring_waiter.h"

#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "engine/pump.h"

namespace kprobed::engine {

Result<RingWaiter> RingWaiter::create() {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return system_error(errno, "epoll_create1");
  return RingWaiter(std::move(epoll));
}

void RingWaiter::watch(std::vector<int> fds) {
  // One that others still have open does not leave the set by itself (epoll(7), Q6).
  for (const int fd : fds_) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  fds_ = std::move(fds);
  deaf_ = false;
  for (const int fd : fds_) {
    epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.fd = fd}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) deaf_ = true;
  }
}

void RingWaiter::wait(std::optional<std::chrono::microseconds> patience) {
  if (deaf_)
    patience = std::min<std::chrono::microseconds>(patience.value_or(kDrainEvery), kDrainEvery);
  const auto us = patience.value_or(std::chrono::microseconds{}).count();
  const timespec limit{static_cast<time_t>(us / 1'000'000),
                       static_cast<long>(us % 1'000'000 * 1'000)};
  // What is not fetched now ends the next wait at once: a round too many, no loss.
  std::array<epoll_event, 16> events;
  const int room = static_cast<int>(events.size());
  if (precise_wait_) {
    const int got =
        ::epoll_pwait2(epoll_.get(), events.data(), room, patience ? &limit : nullptr, nullptr);
    if (got >= 0 || errno == EINTR) return;
    precise_wait_ = false;  // ENOSYS; or EPERM of a seccomp(2) filter that does not know it
  }
  // epoll_wait(2) knows milliseconds only.
  pollfd set{.fd = epoll_.get(), .events = POLLIN, .revents = 0};
  const int ready = ::ppoll(&set, 1, patience ? &limit : nullptr, nullptr);
  if (ready > 0) ::epoll_wait(epoll_.get(), events.data(), room, 0);
}

}  // namespace kprobed::engine
