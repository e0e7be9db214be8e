// SPDX-License-Identifier: Apache-2.0
//
// The io thread's loop: whoever calls run() is that thread. Asio stays behind it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace kprobed::daemon {

class IoLoop {
 public:
  IoLoop();
  ~IoLoop();
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  /// Until stop().
  void run();
  /// From any thread.
  void stop();
  /// Runs `work` on the io thread, after what it does now. From any thread.
  void post(std::function<void()> work);

  /// Calls `arrived` for each of `signals` from now on. They do nothing else any more as long as
  /// this lives: a second SIGTERM must not end us while probes are being removed.
  void on_signals(const std::vector<int>& signals, std::function<void(int)> arrived);

  void after(std::chrono::milliseconds delay, std::function<void()> work);

  boost::asio::io_context& context();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kprobed::daemon
