// SPDX-License-Identifier: Apache-2.0
//
// A kprobed that follows a script: greets one client, answers its requests with given bytes, and
// closes. What it was asked can be read afterwards.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "wire/codec.h"

namespace kprobed::kprobectl {

/// A folder that goes with the test.
class TempFolder {
 public:
  TempFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "kprobectl_test.XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string operator/(const char* name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline UniqueFd listen_at(const std::string& path) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(socket.get(), 8), 0);
  return socket;
}

inline std::string hello() {
  return wire::encode_hello({.version = "0.1.0",
                             .schema = 1,
                             .stream = "s1",
                             .host = "h",
                             .arch = "x86_64",
                             .kernel = "6.1.0",
                             .clock = "monotonic"});
}

/// An error reply's content.
inline wire::WireError refused(const char* code, const char* message, const char* hint = "",
                               std::uint32_t line = 0, std::uint32_t begin = 0,
                               std::uint32_t end = 0) {
  wire::WireError error;
  error.code = code;
  error.message = message;
  error.hint = hint;
  error.line = line;
  error.begin = begin;
  error.end = end;
  return error;
}

struct Script {
  std::string greeting = hello();
  std::vector<std::string> answers = {};  ///< one for each request, any number of lines
  bool stays = true;                      ///< closes only after the client has
};

class FakeDaemon {
 public:
  explicit FakeDaemon(Script script)
      : listener_(listen_at(path())), thread_([this, s = std::move(script)] { serve(s); }) {}
  /// Ends a wait for a client that never came.
  ~FakeDaemon() { join(); }

  std::string path() const { return folder_ / "kprobed.sock"; }

  /// The request lines, after the client has gone.
  const std::vector<std::string>& requests() {
    join();
    return requests_;
  }

 private:
  void join() {
    if (!thread_.joinable()) return;
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }

  void serve(const Script& script) {
    UniqueFd client(::accept(listener_.get(), nullptr, nullptr));
    if (!client.valid()) return;
    send(client, script.greeting);
    for (const std::string& answer : script.answers) {
      std::string line;
      char byte = 0;
      while (::read(client.get(), &byte, 1) == 1) {
        line += byte;
        if (byte == '\n') break;
      }
      if (line.empty()) return;
      requests_.push_back(line);
      send(client, answer);
    }
    char rest = 0;
    while (script.stays && ::read(client.get(), &rest, 1) == 1) {
    }
  }

  static void send(const UniqueFd& client, std::string_view text) {
    while (!text.empty()) {
      const ssize_t wrote = ::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (wrote <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(wrote));
    }
  }

  TempFolder folder_;
  UniqueFd listener_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

/// What `act` prints, and its exit status.
struct Ran {
  int status = -1;
  std::string out, err;
};
template <typename Act>
Ran run_captured(Act act) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Ran ran;
  ran.status = act();
  ran.out = testing::internal::GetCapturedStdout();
  ran.err = testing::internal::GetCapturedStderr();
  return ran;
}

}  // namespace kprobed::kprobectl
