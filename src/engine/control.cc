// SPDX-License-Identifier: Apache-2.0
#include "engine/control.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "engine/clocks.h"
#include "engine/probe_table.h"

namespace kprobed::engine {

namespace {
/// How often the probes' counts are remembered for their rates, while there are probes.
constexpr std::uint64_t kRateEveryNs = 2'500'000'000;
/// How often it is looked whether CPUs, modules and lines in tracefs are as they should be. With
/// what tasks that come and go wake the pump for, an idle daemon wakes less than once a second.
constexpr std::uint64_t kLookEveryNs = 1'250'000'000;
/// How often the stream is told what has become of the probes' hits, where that has changed.
constexpr std::uint64_t kLedgersEveryNs = 10'000'000'000;
}  // namespace

class Control::Impl {
 public:
  Impl(ControlOptions options, stream::StreamLog& log, stream::ProbeDirectory& directory)
      : options_(std::move(options)),
        watcher_([this](watch::Change change) {
          post([change = std::move(change)](ProbeTable* table) {
            if (table != nullptr) table->changed(change);
          });
        }),
        table_(
            options_, log, directory, [this](std::string module) { watcher_.look(module); },
            [this] { post([](ProbeTable*) {}); }),  // wakes tick()
        thread_([this] { loop(); }) {}

  /// Without a table: it is too late.
  using Job = std::function<void(ProbeTable*)>;

  void post(Job job) {
    {
      const std::lock_guard lock(mutex_);
      if (!stop_) {
        jobs_.push_back(std::exchange(job, nullptr));
        wake_.notify_one();
      }
    }
    if (job) job(nullptr);
  }

  /// `work(table, answer)` answers; or it is too late.
  template <typename T, typename Work>
  void ask(Answer<T> answer, Work work) {
    post([answer = std::move(answer), work = std::move(work)](ProbeTable* table) {
      if (table == nullptr) return answer(Error(ErrorCode::cancelled, "kprobed is stopping"));
      work(*table, answer);
    });
  }

  /// After `ticket` has come to 0: answers of removals that the kernel has finished.
  void when_gone(ProbeTable::Ticket ticket, std::function<void()> then, std::size_t all,
                 SharedTeller teller) {
    waiting_.push_back({std::move(ticket), std::move(then), all, std::move(teller)});
  }

  /// As ask(), for what resolves specs: asked again once the files of modules have been read, if
  /// the first answer is that they are still being read.
  template <typename T>
  void ask_patiently(Answer<T> answer, std::function<Result<T>(ProbeTable&)> work) {
    post([this, answer = std::move(answer), work = std::move(work)](ProbeTable* table) {
      if (table == nullptr) return answer(Error(ErrorCode::cancelled, "kprobed is stopping"));
      Result<T> result = work(*table);
      if (result.ok() || !symbols::is_still_reading(result.error())) {
        return answer(std::move(result));
      }
      // Requests that came later go first.
      table->when_module_files_read([this, answer, work] { ask_patiently<T>(answer, work); });
    });
  }

  /// As far as a request has come: all of it, or not.
  struct Added {
    std::optional<std::vector<ProbeStatus>> probes;
    std::shared_ptr<ProbeTable::Adding> adding;
  };
  /// Who waits for it.
  struct Asker {
    Answer<std::vector<ProbeStatus>> answer;
    SharedTeller teller;
  };

  Result<Added> add_some(ProbeTable& table, const std::shared_ptr<ProbeTable::Adding>& adding,
                         ProgressTeller& teller) {
    const Result<bool> more = table.add_some(*adding);
    if (!more.ok()) {
      save();  // others may have been asked for meanwhile
      return more.error();
    }
    teller.at(adding->names.size(), adding->probes.size());
    if (*more) return Added{std::nullopt, adding};
    save();
    return Added{table.list(adding->names), nullptr};
  }

  /// Behind the requests that came meanwhile.
  void add_more(const std::shared_ptr<ProbeTable::Adding>& adding, const Asker& asker) {
    post([this, adding, asker](ProbeTable* table) {
      if (table == nullptr) return asker.answer(Error(ErrorCode::cancelled, "kprobed is stopping"));
      // What goes waits for what comes as little as the other way round.
      if (table->removing() != 0) (void)table->remove_step();
      answer_or_go_on(add_some(*table, adding, *asker.teller), asker);
    });
  }

  void answer_or_go_on(Result<Added> added, const Asker& asker) {
    if (!added.ok()) return asker.answer(std::move(added).error());
    if (added->probes) return asker.answer(*std::move(added->probes));
    add_more(added->adding, asker);
  }

  void save() { unsaved_ = options_.save && !options_.save(table_.wishes()); }

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
    std::size_t all = 0;  ///< probes of the request; those of the ticket are the last of them
    SharedTeller teller;
  };

  void loop() {
    while (true) {
      Job job;
      {
        std::unique_lock lock(mutex_);
        if (jobs_.empty() && !stop_ && table_.removing() == 0) sleep(lock);
        if (stop_) break;
        if (!jobs_.empty()) {
          job = std::move(jobs_.front());
          jobs_.pop_front();
        }
      }
      // A request goes before the next removal, which waits for RCU.
      if (job) {
        job(&table_);
      } else {
        table_.remove_step();
      }
      answer_waiting();
      tick();
    }
    // Nobody adds to it any more.
    for (const Job& late : jobs_) late(nullptr);
    jobs_.clear();
    table_.close();
    answer_waiting();
  }

  void sleep(std::unique_lock<std::mutex>& lock) {
    const std::uint64_t now = monotonic_ns();
    std::optional<std::uint64_t> due = expiry_ns_;
    const auto at = [&due](std::uint64_t ns) { due = std::min(due.value_or(ns), ns); };
    // While probes are looked at regularly, rates and the like are done at the same waking.
    if (table_.wants_look() || unsaved_) {
      at(look_due_ns_);
    } else if (table_.size() != 0 || table_.holds_types()) {
      at(rates_due_ns_);
    }
    if (retry_ns_ && (!due || *retry_ns_ < *due)) due = retry_ns_;
    const auto ready = [this] { return stop_ || !jobs_.empty(); };
    if (!due) {
      wake_.wait(lock, ready);
    } else if (*due > now) {
      wake_.wait_for(lock, std::chrono::nanoseconds(*due - now), ready);
    }
  }

  void tick() {
    table_.relieve_fast_rings();
    const std::size_t before = table_.size();
    expiry_ns_ = table_.expire();
    if (table_.size() != before) save();
    retry_ns_ = table_.retry();
    if (const std::uint64_t now = monotonic_ns(); now >= look_due_ns_) {
      if (table_.wants_look()) table_.look_around();
      if (unsaved_) save();
      look_due_ns_ = monotonic_ns() + kLookEveryNs;
    }
    if (const std::uint64_t now = monotonic_ns(); now >= rates_due_ns_) {
      table_.retire_numbers();
      table_.note_rates();
      table_.give_back_memory();
      table_.release_types();
      rates_due_ns_ = now + kRateEveryNs;
    }
    if (const std::uint64_t now = monotonic_ns(); table_.size() != 0 && now >= ledgers_due_ns_) {
      if (ledgers_due_ns_ != 0) table_.tell_ledgers();
      ledgers_due_ns_ = now + kLedgersEveryNs;
    }
  }

  void answer_waiting() {
    for (std::size_t i = 0; i < waiting_.size();) {
      if (*waiting_[i].ticket != 0) {
        const Waiting& one = waiting_[i];
        one.teller->at(one.all - std::min(one.all, *one.ticket), one.all);
        ++i;
        continue;
      }
      auto then = std::move(waiting_[i].then);
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
      then();
    }
  }

  ControlOptions options_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stop_ = false;
  watch::Watcher watcher_;                  ///< uses those above
  ProbeTable table_;                        ///< its pump uses the watcher
  std::vector<Waiting> waiting_;            ///< control thread only
  std::optional<std::uint64_t> expiry_ns_;  ///< control thread only
  std::optional<std::uint64_t> retry_ns_;   ///< control thread only
  std::uint64_t rates_due_ns_ = 0;          ///< control thread only
  std::uint64_t look_due_ns_ = 0;           ///< control thread only
  bool unsaved_ = false;                    ///< control thread only
  std::uint64_t ledgers_due_ns_ = 0;        ///< control thread only; 0: there was no probe yet
  std::thread thread_;                      ///< last: it uses all of the above
};

Control::Control(ControlOptions options, stream::StreamLog& log, stream::ProbeDirectory& directory)
    : impl_(std::make_unique<Impl>(std::move(options), log, directory)) {}

Control::~Control() { stop(); }

void Control::stop() { impl_->stop(); }

void Control::add(AddRequest request, Answer<std::vector<ProbeStatus>> answer, Progress progress) {
  const Impl::Asker asker{std::move(answer), std::make_shared<ProgressTeller>(std::move(progress))};
  impl_->ask_patiently<Impl::Added>(
      [this, asker](Result<Impl::Added> added) { impl_->answer_or_go_on(std::move(added), asker); },
      [this, asker, request = std::move(request)](ProbeTable& table) -> Result<Impl::Added> {
        KPROBED_TRY(const auto adding, table.begin_adding(request));
        return impl_->add_some(table, adding, *asker.teller);
      });
}

void Control::remove(Selection which, Answer<std::vector<std::string>> answer, Progress progress) {
  const auto teller = std::make_shared<ProgressTeller>(std::move(progress));
  impl_->ask(std::move(answer),
             [this, teller, which = std::move(which)](ProbeTable& table, const auto& done) {
               const auto ticket = std::make_shared<std::size_t>(0);
               auto names = table.remove(which, "removed", ticket);
               if (!names.ok()) return done(std::move(names).error());
               impl_->save();
               const std::size_t all = names->size();
               impl_->when_gone(
                   ticket, [done, names = std::move(names).value()] { done(names); }, all, teller);
             });
}

void Control::set_enabled(Selection which, bool enabled, Answer<std::vector<std::string>> answer,
                          Progress progress) {
  const auto teller = std::make_shared<ProgressTeller>(std::move(progress));
  impl_->ask(std::move(answer), [this, teller, which = std::move(which), enabled](
                                    ProbeTable& table, const auto& done) {
    const auto ticket = std::make_shared<std::size_t>(0);
    auto names = table.set_enabled(which, enabled, ticket, teller.get());
    impl_->save();
    if (!names.ok()) return done(std::move(names).error());
    const std::size_t all = names->size();
    impl_->when_gone(
        ticket, [done, names = std::move(names).value()] { done(names); }, all, teller);
  });
}

void Control::apply(AddRequest request, Answer<ApplyOutcome> answer, Progress progress) {
  const auto ticket = std::make_shared<std::size_t>(0);
  const auto teller = std::make_shared<ProgressTeller>(std::move(progress));
  impl_->ask_patiently<ApplyOutcome>(
      [this, ticket, teller, answer = std::move(answer)](Result<ApplyOutcome> outcome) {
        if (!outcome.ok()) return answer(std::move(outcome));
        const std::size_t all = outcome->added.size() + outcome->removed.size();
        impl_->when_gone(
            ticket, [answer, outcome = std::move(outcome).value()] { answer(outcome); }, all,
            teller);
      },
      [this, ticket, teller,
       request = std::move(request)](ProbeTable& table) -> Result<ApplyOutcome> {
        KPROBED_TRY(auto outcome, table.apply(request, ticket, teller.get()));
        impl_->save();
        return outcome;
      });
}

void Control::list(Answer<std::vector<ProbeStatus>> answer) {
  impl_->ask(std::move(answer), [](ProbeTable& table, const auto& done) { done(table.list()); });
}

void Control::status(Answer<EngineStatus> answer) {
  impl_->ask(std::move(answer), [](ProbeTable& table, const auto& done) { done(table.status()); });
}

void Control::ledger(Selection which, Answer<LedgerReport> answer) {
  impl_->ask(std::move(answer), [which = std::move(which)](ProbeTable& table, const auto& done) {
    done(table.ledger(which));
  });
}

void Control::check(AddRequest request, Answer<std::string> answer) {
  impl_->ask_patiently<std::string>(
      std::move(answer),
      [request = std::move(request)](ProbeTable& table) { return table.check(request); });
}

void Control::restore(std::vector<ProbeWish> wishes, bool hold,
                      std::function<void(const ProbeWish&, const Error&)> failed) {
  // One by one, so that stop() need not wait for all of them.
  for (ProbeWish& wish : wishes) {
    impl_->post([wish = std::move(wish), hold, failed](ProbeTable* table) {
      if (table == nullptr) return;
      auto restored = table->restore(wish, hold);
      if (!restored.ok()) failed(wish, restored.error());
    });
  }
  impl_->post([this](ProbeTable* table) {
    if (table != nullptr) impl_->save();
  });
}

void Control::apply_file(std::shared_ptr<const Source> source, bool hold,
                         Answer<FileOutcome> answer) {
  impl_->ask(std::move(answer),
             [this, source = std::move(source), hold](ProbeTable& table, const auto& done) {
               auto outcome = table.apply_file(source->name, source, hold);
               impl_->save();
               done(std::move(outcome));
             });
}

void Control::forget_files(std::vector<std::string> there) {
  impl_->post([this, there = std::move(there)](ProbeTable* table) {
    if (table != nullptr && table->forget_files(there) != 0) impl_->save();
  });
}

void Control::sweep_leftovers(Answer<std::vector<std::string>> answer) {
  impl_->ask(std::move(answer),
             [](ProbeTable& table, const auto& done) { done(table.sweep_leftovers()); });
}

}  // namespace kprobed::engine
