// SPDX-License-Identifier: Apache-2.0
#include "symbols/task_names.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <memory>
#include <optional>

#include "base/format.h"
#include "base/unique_fd.h"

namespace kprobed::symbols {

namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

Directory open_directory(int parent, const char* path) {
  UniqueFd fd(::openat(parent, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return nullptr;
  Directory directory(::fdopendir(fd.get()));
  if (directory) fd.release();
  return directory;
}

std::optional<std::uint32_t> as_tid(std::string_view name) {
  std::uint32_t tid = 0;
  const char* end = name.data() + name.size();
  const auto [stopped, error] = std::from_chars(name.data(), end, tid);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return tid;
}

/// comm has at most 15 bytes (TASK_COMM_LEN; a kernel thread's may be longer: wq_worker_comm gives
/// up to 63) and may contain anything, newlines too; the file adds one of its own.
using CommBuffer = std::array<char, 80>;

std::optional<std::string_view> read_comm(int parent, const char* path, CommBuffer& buffer) {
  const UniqueFd fd(::openat(parent, path, O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return std::nullopt;
  const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
  if (got < 0) return std::nullopt;
  std::string_view comm(buffer.data(), static_cast<std::size_t>(got));
  if (!comm.empty() && comm.back() == '\n') comm.remove_suffix(1);
  return comm;
}

}  // namespace

void for_each_task(const std::function<void(std::uint32_t tid, std::string_view comm)>& found) {
  const Directory proc = open_directory(AT_FDCWD, "/proc");
  if (!proc) return;
  CommBuffer buffer;
  while (const dirent* process = ::readdir(proc.get())) {
    if (!as_tid(process->d_name)) continue;
    const std::string tasks_path = format("{}/task", process->d_name);
    const Directory tasks = open_directory(::dirfd(proc.get()), tasks_path.c_str());
    if (!tasks) continue;
    while (const dirent* task = ::readdir(tasks.get())) {
      const auto tid = as_tid(task->d_name);
      if (!tid) continue;
      const std::string comm_path = format("{}/comm", task->d_name);
      const auto comm = read_comm(::dirfd(tasks.get()), comm_path.c_str(), buffer);
      if (comm) found(*tid, *comm);
    }
  }
}

bool read_task_name(std::uint32_t tid, std::string& comm) {
  if (tid == 0) {  // the idle tasks have no /proc entry; init_idle() names them "swapper/CPU"
    comm = "swapper";
    return true;
  }
  // /proc/TID answers for threads too, though a listing of /proc shows only processes.
  const std::string path = format("/proc/{}/comm", tid);
  CommBuffer buffer;
  const auto read = read_comm(AT_FDCWD, path.c_str(), buffer);
  if (!read) return false;
  comm = *read;
  return true;
}

}  // namespace kprobed::symbols
