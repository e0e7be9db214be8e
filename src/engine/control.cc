// SPDX-License-Identifier: Apache-2.0
#include "engine/control.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "engine/clocks.h"
#include "engine/probe_table.h"

namespace kprobed::engine {

namespace {
/// How often the probes' counts are remembered for their rates, while there are probes.
constexpr std::uint64_t kRateEveryNs = 2'000'000'000;
}  // namespace

class Control::Impl {
 public:
  Impl(ControlOptions options, stream::StreamLog& log, stream::ProbeDirectory& directory)
      : options_(std::move(options)),
        table_(options_, log, directory),
        thread_([this] { loop(); }) {}

  using Job = std::function<void(ProbeTable&)>;

  void post(Job job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
  }

  /// After `ticket` has come to 0: answers of removals that the kernel has finished.
  void when_gone(ProbeTable::Ticket ticket, std::function<void()> then) {
    waiting_.push_back({std::move(ticket), std::move(then)});
  }

  void save() {
    if (options_.save) options_.save(table_.wishes());
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

 private:
  struct Waiting {
    ProbeTable::Ticket ticket;
    std::function<void()> then;
  };

  void loop() {
    while (true) {
      Job job;
      {
        std::unique_lock lock(mutex_);
        if (jobs_.empty() && !stop_ && table_.removing() == 0) sleep(lock);
        if (jobs_.empty() && stop_) break;
        if (!jobs_.empty()) {
          job = std::move(jobs_.front());
          jobs_.pop_front();
        }
      }
      // A request goes before the next removal, which waits for RCU.
      if (job) {
        job(table_);
      } else {
        table_.remove_step();
      }
      answer_waiting();
      tick();
    }
    (void)table_.remove({.globs = {}, .all = true}, "kprobed stops", nullptr);
    while (table_.remove_step()) {
    }
    answer_waiting();
  }

  void sleep(std::unique_lock<std::mutex>& lock) {
    const std::uint64_t now = monotonic_ns();
    std::optional<std::uint64_t> due = expiry_ns_;
    if (table_.size() != 0 && (!due || rates_due_ns_ < *due)) due = rates_due_ns_;
    const auto ready = [this] { return stop_ || !jobs_.empty(); };
    if (!due) {
      wake_.wait(lock, ready);
    } else if (*due > now) {
      wake_.wait_for(lock, std::chrono::nanoseconds(*due - now), ready);
    }
  }

  void tick() {
    const std::size_t before = table_.size();
    expiry_ns_ = table_.expire();
    if (table_.size() != before) save();
    if (const std::uint64_t now = monotonic_ns(); now >= rates_due_ns_) {
      table_.note_rates();
      rates_due_ns_ = now + kRateEveryNs;
    }
  }

  void answer_waiting() {
    for (std::size_t i = 0; i < waiting_.size();) {
      if (*waiting_[i].ticket != 0) {
        ++i;
        continue;
      }
      auto then = std::move(waiting_[i].then);
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
      then();
    }
  }

  ControlOptions options_;
  ProbeTable table_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stop_ = false;
  std::vector<Waiting> waiting_;            ///< control thread only
  std::optional<std::uint64_t> expiry_ns_;  ///< control thread only
  std::uint64_t rates_due_ns_ = 0;          ///< control thread only
  std::thread thread_;                      ///< last: it uses all of the above
};

Control::Control(ControlOptions options, stream::StreamLog& log, stream::ProbeDirectory& directory)
    : impl_(std::make_unique<Impl>(std::move(options), log, directory)) {}

Control::~Control() { stop(); }

void Control::stop() { impl_->stop(); }

void Control::add(AddRequest request, Answer<std::vector<ProbeStatus>> answer) {
  impl_->post([this, request = std::move(request), answer = std::move(answer)](ProbeTable& table) {
    auto names = table.add(request);
    if (!names.ok()) return answer(std::move(names).error());
    impl_->save();
    answer(table.list(*names));
  });
}

void Control::remove(Selection which, Answer<std::vector<std::string>> answer) {
  impl_->post([this, which = std::move(which), answer = std::move(answer)](ProbeTable& table) {
    const auto ticket = std::make_shared<std::size_t>(0);
    auto names = table.remove(which, "removed", ticket);
    if (!names.ok()) return answer(std::move(names).error());
    impl_->save();
    impl_->when_gone(ticket, [answer, names = std::move(names).value()] { answer(names); });
  });
}

void Control::set_enabled(Selection which, bool enabled, Answer<std::vector<std::string>> answer) {
  impl_->post(
      [this, which = std::move(which), enabled, answer = std::move(answer)](ProbeTable& table) {
        auto names = table.set_enabled(which, enabled);
        impl_->save();  // also after a failure in the middle: some have changed
        answer(std::move(names));
      });
}

void Control::apply(AddRequest request, Answer<ApplyOutcome> answer) {
  impl_->post([this, request = std::move(request), answer = std::move(answer)](ProbeTable& table) {
    const auto ticket = std::make_shared<std::size_t>(0);
    auto outcome = table.apply(request, ticket);
    if (!outcome.ok()) return answer(std::move(outcome).error());
    impl_->save();
    impl_->when_gone(ticket, [answer, outcome = std::move(outcome).value()] { answer(outcome); });
  });
}

void Control::list(Answer<std::vector<ProbeStatus>> answer) {
  impl_->post([answer = std::move(answer)](ProbeTable& table) { answer(table.list()); });
}

void Control::status(Answer<EngineStatus> answer) {
  impl_->post([answer = std::move(answer)](ProbeTable& table) { answer(table.status()); });
}

void Control::check(AddRequest request, Answer<std::string> answer) {
  impl_->post([request = std::move(request), answer = std::move(answer)](ProbeTable& table) {
    answer(table.check(request));
  });
}

void Control::restore(std::vector<ProbeWish> wishes, bool hold,
                      std::function<void(const ProbeWish&, const Error&)> failed) {
  impl_->post(
      [this, wishes = std::move(wishes), hold, failed = std::move(failed)](ProbeTable& table) {
        for (const ProbeWish& wish : wishes) {
          auto restored = table.restore(wish, hold);
          if (!restored.ok()) failed(wish, restored.error());
        }
        impl_->save();
      });
}

void Control::sweep_leftovers(Answer<std::vector<std::string>> answer) {
  impl_->post([answer = std::move(answer)](ProbeTable& table) { answer(table.sweep_leftovers()); });
}

}  // namespace kprobed::engine
