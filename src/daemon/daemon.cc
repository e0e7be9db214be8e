// SPDX-License-Identifier: Apache-2.0
#include "daemon/daemon.h"

#include <malloc.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <thread>

#include "base/format.h"
#include "daemon/dispatch.h"
#include "daemon/engine_port.h"
#include "daemon/exit_code.h"
#include "daemon/io_loop.h"
#include "daemon/journal.h"
#include "daemon/listener.h"
#include "daemon/machine_claim.h"
#include "daemon/probe_files.h"
#include "daemon/server.h"
#include "daemon/service_manager.h"
#include "daemon/settings.h"
#include "daemon/state_store.h"
#include "engine/clocks.h"
#include "engine/machine.h"
#include "ringbuf/descriptor_limit.h"
#include "wire/codec.h"

namespace kprobed::daemon {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// How often systemd hears that we still arm or remove probes, and for how long at most.
constexpr seconds kAlivePeriod{5};
constexpr seconds kLongestWait{600};
/// What clients get for reading the end of the stream.
constexpr milliseconds kFarewell{1000};

/// 16 hexadecimal digits that no earlier start had.
std::string new_stream_id() {
  std::uint64_t number = 0;
  // getrandom(2): up to 256 bytes are never cut short once the pool is ready; before that it waits.
  while (::getrandom(&number, sizeof number, 0) < 0 && errno == EINTR) {
  }
  return format("{:016x}", number);
}

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

wire::Hello make_hello(const std::string& stream_id) {
  utsname machine{};
  ::uname(&machine);
  wire::Hello hello;
  hello.version = KPROBED_VERSION;
  hello.stream = stream_id;
  hello.host = machine.nodename;
  hello.arch = machine.machine;
  hello.kernel = machine.release;
  return hello;
}

class Daemon {
 public:
  Daemon(const Options& options, const Config& config, Listener listener)
      : options_(options),
        config_(config),
        listener_(std::move(listener)),
        store_(directory_of(config.socket) + "/state.json"),
        kept_store_(config.state_dir + "/probes.json"),
        log_(config.log_size, new_stream_id()),
        hello_(make_hello(log_.stream_id())),
        control_(std::make_unique<engine::Control>(control_options(), log_, directory_)),
        server_(listener_.take_socket(), config.max_clients, surroundings_,
                [](const std::string& sentence) { journal::warning(sentence); }) {
    for (const std::string& sentence : listener_.warnings()) warn(sentence);
  }

  int run() {
    loop_.on_signals({SIGTERM, SIGINT, SIGHUP}, [this](int signal) {
      if (signal == SIGHUP) {
        reload();
      } else {
        stop();
      }
    });
    loop_.post([this] { begin(); });
    loop_.run();
    stopper_.join();
    if (const auto cleared = store_.clear(); !cleared.ok()) {
      journal::warning(journal::one_line(cleared.error()));
    }
    journal::info("stopped");
    return kDone;
  }

  /// Why no probe can be set on this machine.
  void cannot_arm(const Error& why) {
    can_arm_ = false;
    arm_trouble_ = "no probe can be set: " + journal::one_line(why);
    warn(arm_trouble_);
  }

 private:
  // ---- start: sweep, restore, ready ------------------------------------------------------------

  void begin() {
    tell_alive(kLongestWait / kAlivePeriod);
    control_->sweep_leftovers([this](Result<std::vector<std::string>> swept) {
      loop_.post([this, swept = std::make_shared<Result<std::vector<std::string>>>(
                            std::move(swept))] { restore(*swept); });
    });
  }

  void restore(const Result<std::vector<std::string>>& swept) {
    if (stopping_) return;
    if (swept.ok() && !swept->empty()) {
      journal::warning(format("removed {} probes that a killed kprobed had left", swept->size()));
    }
    if (!swept.ok() && can_arm_) {
      warn("probes of a killed kprobed are still there: " + journal::one_line(swept.error()));
    }
    Beginning beginning = find_beginning();
    add_kept(beginning);
    crash_times_ms_ = beginning.crash_times_ms;
    // Before anything is armed: a crash while arming must count, and lose no probe.
    save(beginning.wishes);
    if (!beginning.wishes.empty()) {
      journal::info(format("restoring {} probes", beginning.wishes.size()));
      control_->restore(std::move(beginning.wishes), beginning.hold || options_.hold,
                        [this](const engine::ProbeWish& wish, const Error& error) {
                          const std::string why = format("'{}' could not be restored: {}",
                                                         wish.spec, journal::one_line(error));
                          loop_.post([this, why] { warn(why); });
                        });
    }
    hold_ = beginning.hold || options_.hold;
    apply_files();
    // Answered when the restoring before it is over.
    control_->list([this](Result<std::vector<engine::ProbeStatus>>) {
      restored_ = true;
      if (unsaved_) save(*unsaved_);
      unsaved_.reset();
      loop_.post([this] { ready(); });
    });
  }

  void add_kept(Beginning& beginning) {
    const auto kept = kept_store_.load();
    if (!kept.ok()) {
      may_keep_ = false;  // or what can still be read of it would be lost
      warn("persistent probes are not known: " + journal::one_line(kept.error()));
    } else if (kept->has_value()) {
      add_persistent(beginning, **kept);
      kept_ = wire::encode_state(to_state(persistent(beginning.wishes), {}));
    }
  }

  /// What stands in probes.d, one file after the other; a broken one takes no other with it.
  void apply_files() {
    const ProbeFiles found = read_probe_files(config_.probes_dir);
    for (const Error& problem : found.problems) warn(journal::one_line(problem));
    // What cannot be listed is not gone.
    if (found.complete) control_->forget_files(found.paths);
    for (const std::shared_ptr<const Source>& file : found.files) {
      control_->apply_file(
          file, hold_, [this, path = file->name](Result<engine::FileOutcome> done) {
            loop_.post([this, path,
                        done = std::make_shared<Result<engine::FileOutcome>>(std::move(done))] {
              tell_of_file(path, *done);
            });
          });
    }
  }

  void tell_of_file(const std::string& path, const Result<engine::FileOutcome>& done) {
    if (!done.ok()) {
      if (done.error().code != ErrorCode::cancelled) {
        warn("this file's probes stay as they were: " + journal::one_line(done.error()));
      }
      return;
    }
    journal::info(format("{}: {} probes added, {} removed, {} kept", path, done->added,
                         done->removed, done->kept));
    for (const std::string& problem : done->problems) warn(format("{}: {}", path, problem));
  }

  Beginning find_beginning() {
    const auto left = store_.load();
    if (!left.ok()) {
      warn("probes of a daemon that crashed are forgotten: " + journal::one_line(left.error()));
      return begin_after_crash({}, engine::boottime_ms());
    }
    if (!left->has_value()) return {};
    Beginning beginning = begin_after_crash(**left, engine::boottime_ms());
    journal::warning("the last kprobed did not stop by itself");
    if (beginning.hold) {
      warn(
          format("crashed {} times within {} s: {} probes are held back ('kprobectl list' shows "
                 "them, 'kprobectl enable' sets them again)",
                 beginning.crash_times_ms.size(), kCrashWindowMs / 1000, beginning.wishes.size()));
    }
    return beginning;
  }

  void ready() {
    if (stopping_) return;
    ready_ = true;
    const std::string status = format("serving on {}", config_.socket);
    service_manager::ready(status);
    journal::info(format("kprobed {} {}, stream {}", KPROBED_VERSION, status, log_.stream_id()));
  }

  // ---- while it runs ---------------------------------------------------------------------------

  void reload() {
    service_manager::reloading();
    const auto reading = read_settings(options_);
    if (reading.ok()) {
      for (const Error& problem : reading->problems) journal::warning(journal::one_line(problem));
      for (const std::string& name : needing_restart(config_, reading->config)) {
        journal::warning(format("{} has changed: that takes effect at the next start", name));
      }
      journal::set_level(reading->config.log_level);
      config_.probes_dir = reading->config.probes_dir;
      journal::info("configuration read again");
    } else {
      journal::warning(journal::one_line(reading.error()));
    }
    if (!ready_ || stopping_) return;
    apply_files();
    control_->list([this](Result<std::vector<engine::ProbeStatus>>) {
      loop_.post([this] {
        if (!stopping_) service_manager::ready(format("serving on {}", config_.socket));
      });
    });
  }

  /// On the io thread. Bounded, since restoring may complain a thousand times.
  void warn(const std::string& sentence) {
    journal::warning(sentence);
    constexpr std::size_t kMost = 20;
    if (warnings_.size() < kMost &&
        std::find(warnings_.begin(), warnings_.end(), sentence) == warnings_.end()) {
      warnings_.push_back(sentence);
    }
  }

  /// That is over. On the io thread.
  void unwarn(const std::string& sentence) {
    if (std::erase(warnings_, sentence) != 0) journal::info("over: " + sentence);
  }

  engine::ControlOptions control_options() {
    engine::ControlOptions options;
    options.ring_bytes_per_cpu = config_.ring_size;
    options.kernel_memory = config_.kernel_memory;
    options.cpus = config_.cpus;
    options.budget = config_.budget;
    if (options_.no_governor) options.budget.on = false;
    options.max_probes = config_.max_probes;
    options.save = [this](const std::vector<engine::ProbeWish>& wishes) {
      // While restoring, the file holds more than is armed yet.
      if (restored_) return save(wishes);
      unsaved_ = wishes;
      return false;
    };
    options.warn = [this](const std::string& sentence) {
      loop_.post([this, sentence] { warn(sentence); });
    };
    options.unwarn = [this](const std::string& sentence) {
      loop_.post([this, sentence] { unwarn(sentence); });
    };
    options.published = [this](bool calm) { server_.published(calm); };
    return options;
  }

  /// On the control thread; before the first request to it on the io thread.
  bool save(const std::vector<engine::ProbeWish>& wishes) {
    const auto kept = keep(persistent(wishes));
    tell(kept, "probes would be forgotten after a reboot: ", keep_trouble_);
    const auto saved = store_.save(to_state(wishes, crash_times_ms_));
    tell(saved, "probes would be forgotten after a crash: ", save_trouble_);
    return kept.ok() && saved.ok();
  }

  /// What went wrong, if that is new, or that it is over. On the control thread.
  void tell(const Result<void>& done, std::string_view what, std::string& last) {
    std::string now = done.ok() ? "" : std::string(what) + journal::one_line(done.error());
    if (now == last) return;
    loop_.post([this, now, last] {
      unwarn(last);
      if (!now.empty()) warn(now);
    });
    last = std::move(now);
  }

  /// The same for those that are to outlive a reboot; only written when they change.
  Result<void> keep(const std::vector<engine::ProbeWish>& wishes) {
    std::string text = wire::encode_state(to_state(wishes, {}));
    if (!may_keep_ || text == kept_ || (kept_.empty() && wishes.empty())) return {};
    const std::string folder = directory_of(kept_store_.path());
    // Only the last of them is ours alone.
    std::error_code failed;
    std::filesystem::create_directories(directory_of(folder), failed);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
      return system_error(errno, "make '" + folder + "'");
    }
    KPROBED_TRY_VOID(kept_store_.save(to_state(wishes, {})));
    kept_ = std::move(text);
    return {};
  }

  /// What the engine does not know of a status.
  void complete(wire::StatusReply& reply) {
    if (!can_arm_ && engine::open_tracefs_for_arming().ok()) {
      can_arm_ = true;
      unwarn(arm_trouble_);
    }
    reply.version = hello_.version;
    reply.stream = hello_.stream;
    reply.kernel = hello_.kernel;
    reply.arch = hello_.arch;
    reply.uptime_ms = engine::boottime_ms() - started_ms_;
    reply.warnings = warnings_;
    const stream::StreamLog::Extent extent = log_.extent();
    reply.log_bytes = extent.bytes;
    reply.log_max_bytes = extent.max_bytes;
    reply.log_oldest_seq = extent.oldest;
    reply.log_next_seq = extent.next;
    reply.clients = server_.clients();
  }

  // ---- stop ------------------------------------------------------------------------------------

  /// Removing waits for RCU, so it is done beside this thread, which goes on serving the stream but
  /// asks the engine nothing more. Then the engine's last lines go out.
  void stop() {
    if (std::exchange(stopping_, true)) return;
    service_manager::stopping();
    journal::info("stopping");
    tell_alive(kLongestWait / kAlivePeriod);
    server_.stop_accepting();
    dispatcher_.close(Error(ErrorCode::cancelled, "kprobed is stopping"));
    stopper_ = std::thread([this] {
      control_.reset();
      loop_.post([this] { server_.finish(kFarewell, [this] { loop_.stop(); }); });
    });
  }

  void tell_alive(long rounds) {
    if (rounds == 0 || (ready_ && !stopping_)) return;
    service_manager::extend_timeout(3 * kAlivePeriod);
    loop_.after(kAlivePeriod, [this, rounds] { tell_alive(rounds - 1); });
  }

  // Each may use those above it.
  Options options_;
  Config config_;
  Listener listener_;
  StateStore store_;       ///< what must come back after a crash
  StateStore kept_store_;  ///< what must come back after a reboot
  std::uint64_t started_ms_ = engine::boottime_ms();
  IoLoop loop_;
  stream::StreamLog log_;
  stream::ProbeDirectory directory_;
  wire::Hello hello_;

  // The io thread's.
  std::vector<std::string> warnings_;
  bool hold_ = false;  ///< probes are to be listed only
  bool ready_ = false, stopping_ = false, can_arm_ = true;
  std::string arm_trouble_;  ///< why not
  std::thread stopper_;

  // The control thread's, from the first request to it.
  std::vector<std::uint64_t> crash_times_ms_;
  bool restored_ = false;
  bool may_keep_ = true;
  std::string kept_;                         ///< what the file of persistent probes says
  std::string keep_trouble_, save_trouble_;  ///< what was told last
  std::optional<std::vector<engine::ProbeWish>> unsaved_;

  std::unique_ptr<engine::Control> control_;  ///< gone before run() returns: it calls server_
  ControlPort port_{*control_};
  Dispatcher dispatcher_{port_, [this](std::function<void()> work) { loop_.post(std::move(work)); },
                         [this](wire::StatusReply& reply) { complete(reply); },
                         [this] { return server_.ledgers(); }};
  SessionSurroundings surroundings_{loop_, log_, directory_, dispatcher_,
                                    wire::encode_hello(hello_)};
  Server server_;
};

/// A busy stream takes and gives back a quarter of a megabyte (a chunk of the log) a thousand times
/// a second. By itself the C library would map and unmap each (mallopt(3): what is larger than 128
/// KiB, unless something larger was freed before), which costs more than all lines in it. Larger
/// things, which only adding probes needs, are mapped: they go back to the system when they are
/// freed.
void keep_chunks_in_the_heap() {
  constexpr int kMapFrom = 1 << 20, kTrimFrom = 8 << 20;
  ::mallopt(M_MMAP_THRESHOLD, kMapFrom);
  ::mallopt(M_TRIM_THRESHOLD, kTrimFrom);
}

}  // namespace

int serve(const Options& options) {
  journal::open(options.log_level.value_or(LogLevel::info));
  const auto fail = [](const Error& error) {
    journal::error(journal::one_line(error));
    return exit_code_of(error);
  };
  const auto settings = read_settings(options);
  if (!settings.ok()) return fail(settings.error());
  journal::set_level(settings->config.log_level);
  for (const Error& problem : settings->problems) journal::warning(journal::one_line(problem));
  if (auto raised = ringbuf::raise_descriptor_limit(); !raised.ok()) {
    journal::warning(describe(raised.error()));
  }
  keep_chunks_in_the_heap();

  // First of all, so that a second daemon disturbs nothing.
  auto listener = Listener::open(settings->config.socket, settings->config.group);
  if (!listener.ok()) return fail(listener.error());
  const auto tracefs = engine::open_tracefs_for_arming();
  UniqueFd claim;
  if (tracefs.ok()) {
    auto claimed = claim_machine(*tracefs);
    if (!claimed.ok()) return fail(claimed.error());
    claim = std::move(claimed).value();
  }
  Daemon daemon(options, settings->config, std::move(listener).value());
  // Everything else works, and an `add` is told the same.
  if (!tracefs.ok()) daemon.cannot_arm(tracefs.error());
  return daemon.run();
}

}  // namespace kprobed::daemon
