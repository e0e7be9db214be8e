// SPDX-License-Identifier: Apache-2.0
//
// The daemon without a kernel: a real server on a real socket, with its own io thread and a real
// log, and an engine that answers as told.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "client.h"
#include "daemon/engine_port.h"
#include "daemon/listener.h"
#include "daemon/server.h"
#include "temp_dir.h"

namespace kprobed::daemon {

/// Notes what it is asked, and answers at once unless it is held.
class FakeEngine final : public EnginePort {
 public:
  void add(engine::AddRequest request, engine::Answer<std::vector<engine::ProbeStatus>> answer,
           engine::Progress progress) override;
  void remove(engine::Selection which, engine::Answer<std::vector<std::string>> answer,
              engine::Progress progress) override;
  void set_enabled(engine::Selection which, bool enabled,
                   engine::Answer<std::vector<std::string>> answer,
                   engine::Progress progress) override;
  void apply(engine::AddRequest request, engine::Answer<engine::ApplyOutcome> answer,
             engine::Progress progress) override;
  void list(engine::Answer<std::vector<engine::ProbeStatus>> answer) override;
  void status(engine::Answer<engine::EngineStatus> answer) override;
  void ledger(engine::Selection which, engine::Answer<engine::LedgerReport> answer) override;
  void check(engine::AddRequest request, engine::Answer<std::string> answer) override;

  /// From now on answers wait for release(), which gives them on the calling thread.
  void hold();
  void release();
  /// Tells everybody who waits, and has asked to hear of it.
  void tell(std::size_t done, std::size_t all);
  /// Waits until so many have been asked.
  std::vector<std::string> asked(std::size_t count);

 private:
  void take(std::string what, std::function<void()> answer, engine::Progress progress = nullptr);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> asked_;
  bool held_ = false;
  std::vector<std::function<void()>> waiting_;
  std::vector<engine::Progress> tellers_;
};

struct ServiceOptions {
  std::size_t max_clients = 256;
  std::size_t log_bytes = std::size_t{1} << 20;
};

/// An event's line: {"type":"event","seq":N,...} of about `bytes`.
struct FakeLine {
  std::size_t bytes = 100;
  std::uint32_t pid = 1;
  std::uint32_t probe = 1;
};

class FakeService {
 public:
  explicit FakeService(ServiceOptions options = {});
  ~FakeService();

  /// After its hello has been read.
  Client connect();
  /// Before that.
  Client dial() { return Client(socket_); }

  FakeEngine& engine() { return engine_; }
  /// Its number.
  std::uint32_t add_probe(const std::string& name);
  /// Appends them as one chunk.
  void publish(const std::vector<FakeLine>& lines);
  void publish(std::size_t count, std::size_t bytes = 100, std::uint32_t pid = 1) {
    publish(std::vector<FakeLine>(count, {.bytes = bytes, .pid = pid}));
  }
  std::vector<wire::ClientInfo> clients();
  std::vector<wire::ClientLedger> ledgers();
  /// Waits until there are so many.
  void wait_for_clients(std::size_t count);
  /// Ends all sessions as at a stop; returns when that is done.
  void finish(std::chrono::milliseconds patience);
  void close_dispatcher();

  static constexpr const char* kStream = "00c0ffee00c0ffee";

 private:
  void on_io(const std::function<void()>& work);

  TempDir dir_;
  std::string socket_ = dir_.path("k.sock");
  Result<Listener> listener_ = Listener::open(socket_, "no-such-group-of-kprobed");
  FakeEngine engine_;
  IoLoop loop_;
  stream::StreamLog log_;
  stream::ProbeDirectory directory_;
  Dispatcher dispatcher_;
  SessionSurroundings surroundings_;
  Server server_;
  bool at_once_ = false;
  std::thread io_;
};

}  // namespace kprobed::daemon
