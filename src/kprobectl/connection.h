// SPDX-License-Identifier: Apache-2.0
//
// The client's end of the daemon's socket: connects, asks one thing after the other, and knows what
// each way of not getting an answer means to a user.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "kprobectl/line_reader.h"
#include "wire/codec.h"

namespace kprobed::kprobectl {

inline constexpr const char* kDefaultSocket = "/run/kprobed/kprobed.sock";

/// A reply tells of all probes at most; a thousand of them with remarks are a few MB.
inline constexpr std::size_t kMaxServerLine = std::size_t{64} << 20;

struct Patience {
  std::chrono::milliseconds greeting{10'000};  ///< to be let in, and for the hello line
  /// Arming and removal wait for the kernel, 16 to 80 ms a probe.
  std::chrono::milliseconds reply{180'000};
};

/// Watches a request that takes its time.
class Meanwhile {
 public:
  /// While nothing comes.
  static constexpr std::chrono::milliseconds kTickEvery{100};

  virtual ~Meanwhile() = default;
  virtual void progress(const wire::Progress& progress) = 0;
  virtual void tick() = 0;
  /// Is the answer wanted no more?
  virtual bool stopped() = 0;
};

class Connection {
 public:
  /// Connects and reads the hello line. Errors: `not_found` (no daemon: exit_code_of_connect()),
  /// `no_permission` (not in the group), what the daemon says instead of hello, `io` and `busy`.
  static Result<Connection> open(const std::string& path, Patience patience = {});

  /// As it came, with its newline.
  const std::string& hello_line() const { return hello_line_; }

  /// Sends a request and waits for its reply: the whole line. A refusal becomes the Error; it
  /// points into `sent`, the text that the request carries as spec. Errors of the connection are
  /// `io`; after one of them the connection is of no more use. So it is after `cancelled`, which
  /// `meanwhile` has wanted. It may hear of the progress, and patience begins anew with each line.
  Result<std::string> ask(wire::RequestBody body, std::shared_ptr<const Source> sent = nullptr,
                          Meanwhile* meanwhile = nullptr);

  /// The same, understood. `Reply` is one of wire::ReplyBody's.
  template <typename Reply>
  Result<Reply> ask_for(wire::RequestBody body, std::shared_ptr<const Source> sent = nullptr,
                        Meanwhile* meanwhile = nullptr) {
    KPROBED_TRY(const std::string line, ask(std::move(body), std::move(sent), meanwhile));
    auto reply = wire::decode_reply<Reply>(line);
    if (!reply.ok()) return std::move(reply).error().while_doing("read the reply of kprobed");
    return reply;
  }

  // For the stream that follows a subscription.
  int fd() const { return socket_.get(); }
  LineReader& lines() { return lines_; }

 private:
  Connection(UniqueFd socket, Patience patience)
      : socket_(std::move(socket)), patience_(patience), lines_(kMaxServerLine) {}

  Result<void> send(const std::string& line, Meanwhile* meanwhile = nullptr);
  Result<bool> wait_ticking(short events, std::chrono::steady_clock::time_point end,
                            Meanwhile* meanwhile);
  Result<std::string> read_line(std::chrono::milliseconds patience, Meanwhile* meanwhile = nullptr);

  UniqueFd socket_;
  Patience patience_;
  LineReader lines_;
  std::string hello_line_;
  unsigned last_id_ = 0;
};

/// "kprobed went away", with what to do.
Error went_away();

/// Why connect(2) to `path` failed with `err`, for one who has never seen a Unix socket.
Error explain_connect(int err, const std::string& path);

}  // namespace kprobed::kprobectl
