// SPDX-License-Identifier: Apache-2.0
#include "daemon/state_store.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "base/file.h"
#include "base/format.h"

namespace kprobed::daemon {
namespace {

Result<void> write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(fd, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return system_error(errno, format("write '{}'", path));
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

}  // namespace

Result<std::optional<wire::StateFile>> StateStore::load() const {
  Result<std::string> text = read_file(path_, wire::kMaxStateBytes);
  if (!text.ok()) {
    if (text.error().sys_errno == ENOENT) return std::optional<wire::StateFile>();
    return std::move(text).error();
  }
  Result<wire::StateFile> state = wire::decode_state(*text);
  if (!state.ok()) return std::move(state).error().while_doing(format("read '{}'", path_));
  return std::optional(std::move(state).value());
}

Result<void> StateStore::save(const wire::StateFile& state) const {
  const std::string text = wire::encode_state(state);
  const std::string temporary = path_ + ".new";
  // What a killed daemon left half-written is of no use; O_EXCL then follows no link.
  ::unlink(temporary.c_str());
  const UniqueFd fd(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return system_error(errno, format("create '{}'", temporary));
  KPROBED_TRY_VOID(write_all(fd.get(), text, temporary));
  // Before the rename: on a disk's file system the new name could otherwise outlive its bytes.
  if (::fsync(fd.get()) != 0) return system_error(errno, format("write '{}'", temporary));
  if (::rename(temporary.c_str(), path_.c_str()) != 0) {
    return system_error(errno, format("replace '{}'", path_));
  }
  return {};
}

Result<void> StateStore::clear() const {
  if (::unlink(path_.c_str()) != 0 && errno != ENOENT) {
    return system_error(errno, format("remove '{}'", path_));
  }
  return {};
}

Beginning begin_after_crash(const wire::StateFile& left, std::uint64_t now_ms) {
  Beginning beginning;
  for (const std::uint64_t crash : left.crash_times_ms) {
    // Later than now is of another boot, or damage.
    if (crash <= now_ms && now_ms - crash < kCrashWindowMs) {
      beginning.crash_times_ms.push_back(crash);
    }
  }
  beginning.crash_times_ms.push_back(now_ms);
  beginning.hold = beginning.crash_times_ms.size() >= kCrashesToHold;
  for (const wire::SavedProbe& saved : left.probes) {
    if (saved.expires_boottime_ms && *saved.expires_boottime_ms <= now_ms) continue;
    engine::ProbeWish wish;
    wish.spec = saved.spec;
    wish.name = saved.name;
    wish.owner_uid = saved.owner_uid;
    wish.disabled = saved.disabled;
    wish.follow_drift = saved.resolve;
    wish.allow_oversize = saved.allow_oversize;
    wish.exact = saved.exact;
    wish.expires_boottime_ms = saved.expires_boottime_ms;
    wish.origin = saved.origin;
    wish.asked = saved.asked;
    wish.pending = saved.pending;
    beginning.wishes.push_back(std::move(wish));
  }
  return beginning;
}

void add_persistent(Beginning& beginning, const wire::StateFile& kept) {
  const std::vector<engine::ProbeWish> live = beginning.wishes;
  for (engine::ProbeWish& wish : begin_after_crash(kept, 0).wishes) {
    const bool there = std::ranges::any_of(live, [&](const engine::ProbeWish& other) {
      return other.origin == wish.origin && other.name == wish.name && other.spec == wish.spec;
    });
    if (!there) beginning.wishes.push_back(std::move(wish));
  }
}

std::vector<engine::ProbeWish> persistent(const std::vector<engine::ProbeWish>& wishes) {
  std::vector<engine::ProbeWish> kept;
  std::ranges::copy_if(wishes, std::back_inserter(kept), [](const engine::ProbeWish& wish) {
    return wish.origin == engine::kPersistent;
  });
  return kept;
}

wire::StateFile to_state(const std::vector<engine::ProbeWish>& wishes,
                         const std::vector<std::uint64_t>& crash_times_ms) {
  wire::StateFile state;
  state.crash_times_ms = crash_times_ms;
  for (const engine::ProbeWish& wish : wishes) {
    wire::SavedProbe saved;
    saved.spec = wish.spec;
    saved.name = wish.name;
    saved.owner_uid = wish.owner_uid;
    saved.disabled = wish.disabled;
    saved.resolve = wish.follow_drift;
    saved.allow_oversize = wish.allow_oversize;
    saved.exact = wish.exact;
    saved.expires_boottime_ms = wish.expires_boottime_ms;
    saved.origin = wish.origin;
    saved.asked = wish.asked;
    saved.pending = wish.pending;
    state.probes.push_back(std::move(saved));
  }
  return state;
}

}  // namespace kprobed::daemon
