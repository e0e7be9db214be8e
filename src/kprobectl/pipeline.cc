// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/pipeline.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/text.h"
#include "engine/clocks.h"

namespace kprobed::kprobectl {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSureAfterNs = 1'000'000'000;
constexpr std::size_t kMostOthers = 4096;

struct Pipes {
  std::set<std::string> read, written;  ///< "pipe:[4711]"
};

Pipes pipes_of(std::uint32_t pid) {
  Pipes pipes;
  const fs::path folder = "/proc/" + std::to_string(pid);
  std::error_code failed;
  for (fs::directory_iterator at(folder / "fd", failed), end; !failed && at != end;
       at.increment(failed)) {
    std::error_code gone;
    const std::string target = fs::read_symlink(at->path(), gone);
    if (gone || !target.starts_with("pipe:")) continue;
    // proc(5), fdinfo: "flags:\t0100001", octal.
    const auto info = read_file((folder / "fdinfo" / at->path().filename()).string(), 4096);
    const std::size_t flags = info.ok() ? info->find("flags:\t") : std::string::npos;
    if (flags == std::string::npos) continue;
    int bits = 0;
    const char* begin = info->data() + flags + 7;
    (void)std::from_chars(begin, info->data() + info->size(), bits, 8);
    ((bits & O_ACCMODE) == O_RDONLY ? pipes.read : pipes.written).insert(target);
  }
  return pipes;
}

std::set<std::uint32_t> own_group() {
  std::set<std::uint32_t> pids;
  const pid_t group = ::getpgrp();
  std::error_code failed;
  for (fs::directory_iterator at("/proc", failed), end; !failed && at != end;
       at.increment(failed)) {
    const auto pid = parse_number(at->path().filename().string());
    if (pid && *pid <= INT32_MAX && ::getpgid(static_cast<pid_t>(*pid)) == group)
      pids.insert(static_cast<std::uint32_t>(*pid));
  }
  pids.erase(static_cast<std::uint32_t>(::getpid()));
  return pids;
}

}  // namespace

Pipeline::Pipeline(int output) : output_(output) {
  struct stat about {};
  piped_ = ::fstat(output, &about) == 0 && S_ISFIFO(about.st_mode);
}

bool Pipeline::has(std::uint32_t pid) {
  if (!piped_) return false;
  if (readers_.contains(pid)) return true;
  const std::uint64_t now = engine::monotonic_ns();
  if (const auto known = others_.find(pid); known != others_.end()) {
    if (known->second == 0) return false;
    if (now - known->second < kSureAfterNs) return false;
    look();
    if (readers_.contains(pid)) return true;
    others_[pid] = 0;  // for good: nobody takes up a pipe that he did not have
    return false;
  }
  if (others_.size() >= kMostOthers) others_.clear();
  if (::getpgid(static_cast<pid_t>(pid)) != ::getpgrp()) {
    others_[pid] = 0;
    return false;
  }
  look();
  if (readers_.contains(pid)) return true;
  others_[pid] = now;
  return false;
}

/// From our output on: who reads it, what these write, who reads that, and so on.
void Pipeline::look() {
  std::error_code failed;
  std::set<std::string> stream{
      fs::read_symlink("/proc/self/fd/" + std::to_string(output_), failed).string()};
  if (failed) return;
  std::map<std::uint32_t, Pipes> candidates;
  for (const std::uint32_t pid : own_group()) candidates.emplace(pid, pipes_of(pid));
  for (bool more = true; more;) {
    more = false;
    for (const auto& [pid, pipes] : candidates) {
      if (readers_.contains(pid)) continue;
      bool reads = false;
      for (const std::string& pipe : pipes.read) reads = reads || stream.contains(pipe);
      if (!reads) continue;
      readers_.insert(pid);
      others_.erase(pid);
      stream.insert(pipes.written.begin(), pipes.written.end());
      more = true;
    }
  }
}

std::uint32_t pid_of(std::string_view line) {
  // Before it there are only numbers and times (docs/protocol.md), so nobody can forge it.
  constexpr std::string_view kKey = ",\"pid\":";
  const std::size_t at = line.find(kKey);
  if (at == std::string_view::npos) return 0;
  std::uint32_t pid = 0;
  (void)std::from_chars(line.data() + at + kKey.size(), line.data() + line.size(), pid);
  return pid;
}

}  // namespace kprobed::kprobectl
