// SPDX-License-Identifier: Apache-2.0
#include "daemon/io_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

namespace kprobed::daemon {

namespace asio = boost::asio;

class IoLoop::Impl {
 public:
  explicit Impl(IoLoop& loop) : loop_(loop) {}

  void wait_for_signal() {
    signals_.async_wait(loop_.in_turn([this](const boost::system::error_code& failed, int signal) {
      if (failed) return;
      arrived_(signal);
      wait_for_signal();
    }));
  }

  IoLoop& loop_;
  asio::io_context context_{1};  // one thread runs it
  asio::executor_work_guard<asio::io_context::executor_type> stay_{context_.get_executor()};
  asio::signal_set signals_{context_};
  std::function<void(int)> arrived_;
};

IoLoop::IoLoop() : impl_(std::make_unique<Impl>(*this)) {}
IoLoop::~IoLoop() = default;

void IoLoop::run() { impl_->context_.run(); }
void IoLoop::stop() { impl_->context_.stop(); }
void IoLoop::post(std::function<void()> work) {
  asio::post(impl_->context_, in_turn(std::move(work)));
}

void IoLoop::on_signals(const std::vector<int>& signals, std::function<void(int)> arrived) {
  for (const int signal : signals) impl_->signals_.add(signal);
  impl_->arrived_ = std::move(arrived);
  impl_->wait_for_signal();
}

void IoLoop::after(std::chrono::milliseconds delay, std::function<void()> work) {
  auto timer = std::make_shared<asio::steady_timer>(impl_->context_, delay);
  timer->async_wait(
      in_turn([timer, work = std::move(work)](const boost::system::error_code& failed) {
        if (!failed) work();
      }));
}

asio::io_context& IoLoop::context() { return impl_->context_; }

}  // namespace kprobed::daemon
