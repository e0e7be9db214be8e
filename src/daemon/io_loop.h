// SPDX-License-Identifier: Apache-2.0
//
// The io thread's loop: whoever calls run() is that thread. Asio stays behind it. All that it runs
// has its turn alone, so that another thread may take one (try_now) and need not wake this one.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
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
  /// Runs `work` at once and on the calling thread, in a turn of its own; false, and nothing done,
  /// if the io thread has one now. From any thread but that.
  template <typename Work>
  bool try_now(const Work& work) {
    const std::unique_lock turn(turn_, std::try_to_lock);
    if (turn.owns_lock()) work();
    return turn.owns_lock();
  }
  /// `handler` in a turn of its own. Whatever is given to context() to be called back must be this.
  template <typename Handler>
  auto in_turn(Handler handler) {
    return [this, handler = std::move(handler)](auto&&... args) mutable {
      const std::lock_guard turn(turn_);
      handler(std::forward<decltype(args)>(args)...);
    };
  }

  /// Calls `arrived` for each of `signals` from now on. They do nothing else any more as long as
  /// this lives: a second SIGTERM must not end us while probes are being removed.
  void on_signals(const std::vector<int>& signals, std::function<void(int)> arrived);

  void after(std::chrono::milliseconds delay, std::function<void()> work);

  boost::asio::io_context& context();

 private:
  class Impl;
  std::mutex turn_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kprobed::daemon
