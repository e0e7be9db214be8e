// SPDX-License-Identifier: Apache-2.0
#include "daemon/listener.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/format.h"
#include "daemon/authorizer.h"

namespace kprobed::daemon {
namespace {

constexpr std::string_view kUsualDirectory = "/run/kprobed";
constexpr gid_t kNoChange = static_cast<gid_t>(-1);  // chown(2)

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), std::min(path.size(), sizeof address.sun_path - 1));
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);  // bind(2) and connect(2) want it so
}

Result<UniqueFd> new_socket(int flags) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  if (!fd.valid()) return system_error(errno, "create a socket");
  return fd;
}

std::optional<gid_t> find_group(const std::string& name) {
  const group* found = ::getgrnam(name.c_str());
  if (found == nullptr) return std::nullopt;
  return found->gr_gid;
}

/// May we set its owner and mode? What we made, and what systemd or tmpfiles.d made for us; never
/// another directory that a path was pointed into.
bool is_ours(const std::string& directory, bool made) {
  const char* given = std::getenv("RUNTIME_DIRECTORY");  // systemd.exec(5)
  return made || directory == kUsualDirectory || (given != nullptr && directory == given);
}

Result<void> prepare_directory(const std::string& directory, gid_t group) {
  if (directory.empty()) return {};  // "/x.sock"
  const bool made = ::mkdir(directory.c_str(), 0750) == 0;
  if (!made && errno != EEXIST) {
    return system_error(errno, format("create the directory '{}'", directory));
  }
  if (!is_ours(directory, made)) return {};
  // In this order: were it the other way round, the old group could enter for a moment.
  if (group != kNoChange && ::chown(directory.c_str(), kNoChange, group) != 0) {
    return system_error(errno, format("give '{}' to the group", directory));
  }
  if (::chmod(directory.c_str(), 0750) != 0) {
    return system_error(errno, format("set the mode of '{}'", directory));
  }
  return {};
}

/// After this, nothing is called `path`.
Result<void> clear_name(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};
    return system_error(errno, format("look for '{}'", path));
  }
  if (!S_ISSOCK(found.st_mode)) {
    return Error(ErrorCode::busy, format("'{}' exists and is no socket", path))
        .with_hint("move it away, or choose another --socket");
  }
  KPROBED_TRY(const UniqueFd probe, new_socket(SOCK_NONBLOCK));
  const sockaddr_un address = address_of(path);
  const int failed = ::connect(probe.get(), generic(address), sizeof address) == 0 ? 0 : errno;
  // unix(7): EAGAIN is a full backlog, so somebody is there.
  if (failed == 0 || failed == EAGAIN) {
    const Result<Peer> owner = peer_of(probe.get());
    const std::string pid =
        failed == 0 && owner.ok() ? format(" (pid {})", owner->pid) : std::string();
    return Error(ErrorCode::busy, format("another kprobed{} is serving '{}'", pid, path))
        .with_hint("one is enough: 'systemctl status kprobed' shows it");
  }
  if (failed != ECONNREFUSED) return system_error(failed, format("connect to '{}'", path));
  if (::unlink(path.c_str()) != 0) return system_error(errno, format("remove stale '{}'", path));
  return {};
}

}  // namespace

Result<Listener> Listener::open(const std::string& path, const std::string& group) {
  Listener listener;
  const std::optional<gid_t> gid = find_group(group);
  if (!gid) {
    listener.warnings_.push_back(format(
        "there is no group '{}': only root can connect (groupadd --system {})", group, group));
  }
  KPROBED_TRY_VOID(prepare_directory(path.substr(0, path.rfind('/')), gid.value_or(kNoChange)));
  KPROBED_TRY_VOID(clear_name(path));

  KPROBED_TRY(listener.socket_, new_socket(SOCK_NONBLOCK));
  const sockaddr_un address = address_of(path);
  // Nobody may connect before the group and the mode are set, whatever our umask.
  const mode_t before = ::umask(0177);
  const int bound = ::bind(listener.socket_.get(), generic(address), sizeof address);
  const int failed = errno;
  ::umask(before);
  if (bound != 0) return system_error(failed, format("create the socket '{}'", path));
  struct stat made {};
  if (::lstat(path.c_str(), &made) != 0) return system_error(errno, format("find '{}'", path));
  listener.path_ = path;
  listener.inode_ = made.st_ino;

  if (gid && ::chown(path.c_str(), kNoChange, *gid) != 0) {
    return system_error(errno, format("give '{}' to the group '{}'", path, group));
  }
  if (::chmod(path.c_str(), gid ? 0660 : 0600) != 0) {
    return system_error(errno, format("set the mode of '{}'", path));
  }
  if (::listen(listener.socket_.get(), SOMAXCONN) != 0) {
    return system_error(errno, format("listen on '{}'", path));
  }
  return listener;
}

Listener::Listener(Listener&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      inode_(other.inode_),
      socket_(std::move(other.socket_)),
      warnings_(std::move(other.warnings_)) {}

Listener::~Listener() {
  struct stat found {};
  if (path_.empty() || ::lstat(path_.c_str(), &found) != 0 || found.st_ino != inode_) return;
  ::unlink(path_.c_str());
}

}  // namespace kprobed::daemon
