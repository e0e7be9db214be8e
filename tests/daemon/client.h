// SPDX-License-Identifier: Apache-2.0
//
// A client as anybody would write it: a blocking socket and lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"

namespace kprobed::daemon {

class Client {
 public:
  explicit Client(const std::string& path);

  /// All of it, waiting while the daemon does not read. False if it has hung up.
  bool send(std::string_view bytes);
  /// The next line without its newline; "(end)" if the daemon has hung up, "(nothing)" if nothing
  /// came for 20 s.
  std::string line();
  std::vector<std::string> lines(std::size_t count);
  /// Has a line come? Does not wait.
  bool has_line();
  /// `send`, then `line`.
  std::string ask(std::string_view request);

  void close_sending_half();
  void close() { fd_.reset(); }

 private:
  bool receive();

  UniqueFd fd_;
  std::string buffer_;
};

}  // namespace kprobed::daemon
