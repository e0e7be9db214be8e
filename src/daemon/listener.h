// SPDX-License-Identifier: Apache-2.0
//
// The socket in the file system: who may connect is its directory's and its own mode.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace kprobed::daemon {

class Listener {
 public:
  /// Makes the directory (0750) if need be and the socket (0660), both root's and `group`'s; where
  /// that group does not exist only root can connect, and a warning says so. A socket that nobody
  /// answers on is replaced. `busy` where somebody does, or where something else has that name.
  static Result<Listener> open(const std::string& path, const std::string& group);

  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&&) = delete;
  /// Removes the socket's name, if it is still ours.
  ~Listener();

  /// The listening socket; once.
  UniqueFd take_socket() { return std::move(socket_); }
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  Listener() = default;

  std::string path_;
  std::uint64_t inode_ = 0;
  UniqueFd socket_;
  std::vector<std::string> warnings_;
};

}  // namespace kprobed::daemon
