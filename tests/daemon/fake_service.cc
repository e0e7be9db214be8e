// SPDX-License-Identifier: Apache-2.0
#include "fake_service.h"

#include <future>

#include "base/format.h"

namespace kprobed::daemon {

namespace {
std::string shown(const engine::Selection& which) {
  std::string text = which.all ? " all" : "";
  for (const std::string& glob : which.globs) text += " " + glob;
  return text;
}
}  // namespace

void FakeEngine::add(engine::AddRequest request,
                     engine::Answer<std::vector<engine::ProbeStatus>> answer,
                     engine::Progress progress) {
  const std::string spec = request.source->text;
  take(
      "add " + spec,
      [spec, answer, source = request.source] {
        if (spec == "bad") {
          return answer(Error(ErrorCode::syntax, "not a probe").at(Span{source, 1, 0, 3}));
        }
        engine::ProbeStatus status;
        status.name = spec;
        answer(std::vector{status});
      },
      std::move(progress));
}
void FakeEngine::remove(engine::Selection which, engine::Answer<std::vector<std::string>> answer,
                        engine::Progress progress) {
  take(
      "remove" + shown(which), [which, answer] { answer(which.globs); }, std::move(progress));
}
void FakeEngine::set_enabled(engine::Selection which, bool enabled,
                             engine::Answer<std::vector<std::string>> answer,
                             engine::Progress progress) {
  take((enabled ? "enable" : "disable") + shown(which), [which, answer] { answer(which.globs); },
       std::move(progress));
}
void FakeEngine::apply(engine::AddRequest request, engine::Answer<engine::ApplyOutcome> answer,
                       engine::Progress progress) {
  take(
      "apply " + request.source->text, [answer] { answer(engine::ApplyOutcome{}); },
      std::move(progress));
}
void FakeEngine::list(engine::Answer<std::vector<engine::ProbeStatus>> answer) {
  take("list", [answer] { answer(std::vector<engine::ProbeStatus>{}); });
}
void FakeEngine::status(engine::Answer<engine::EngineStatus> answer) {
  take("status", [answer] { answer(engine::EngineStatus{}); });
}
void FakeEngine::ledger(engine::Selection which, engine::Answer<engine::LedgerReport> answer) {
  take("ledger" + shown(which), [answer] { answer(engine::LedgerReport{}); });
}
void FakeEngine::check(engine::AddRequest request, engine::Answer<std::string> answer) {
  take("check " + request.source->text,
       [answer, source = request.source] { answer(source->text); });
}

void FakeEngine::take(std::string what, std::function<void()> answer, engine::Progress progress) {
  std::unique_lock lock(mutex_);
  asked_.push_back(std::move(what));
  if (held_ && progress) tellers_.push_back(std::move(progress));
  changed_.notify_all();
  if (held_) return waiting_.push_back(std::move(answer));
  lock.unlock();
  answer();
}

void FakeEngine::hold() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void FakeEngine::release() {
  std::unique_lock lock(mutex_);
  held_ = false;
  tellers_.clear();
  const auto waiting = std::exchange(waiting_, {});
  lock.unlock();
  for (const auto& answer : waiting) answer();
}

void FakeEngine::tell(std::size_t done, std::size_t all) {
  const std::lock_guard lock(mutex_);
  for (const auto& teller : tellers_) teller(done, all);
}

std::vector<std::string> FakeEngine::asked(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return asked_.size() >= count; });
  return asked_;
}

FakeService::FakeService(ServiceOptions options)
    : log_(options.log_bytes, kStream),
      dispatcher_(
          engine_, [this](std::function<void()> work) { loop_.post(std::move(work)); },
          [this](wire::StatusReply& reply) { reply.clients = server_.clients(); },
          [this] { return server_.ledgers(); }),
      surroundings_{loop_, log_, directory_, dispatcher_, "{\"type\":\"hello\"}\n"},
      server_(listener_->take_socket(), options.max_clients, surroundings_,
              [](const std::string&) {}),
      io_([this] { loop_.run(); }) {}

FakeService::~FakeService() {
  loop_.stop();
  io_.join();
}

Client FakeService::connect() {
  Client client(socket_);
  (void)client.line();
  return client;
}

std::uint32_t FakeService::add_probe(const std::string& name) {
  return directory_.add(name, format(R"({{"type":"schema","probe":"{}"}})", name) + "\n");
}

void FakeService::publish(const std::vector<FakeLine>& lines) {
  auto chunk = std::make_shared<stream::LogChunk>();
  std::uint64_t seq = log_.extent().next;
  for (const FakeLine& one : lines) {
    stream::LogLine line;
    line.seq = seq;
    line.begin = static_cast<std::uint32_t>(chunk->text.size());
    std::string text = format(R"({{"type":"event","seq":{},"pad":")", seq++);
    text.resize(std::max(text.size(), one.bytes - 3), '.');
    chunk->text += text + "\"}\n";
    line.end = static_cast<std::uint32_t>(chunk->text.size());
    line.probe = one.probe;
    line.pid = one.pid;
    line.event = true;
    chunk->lines.push_back(line);
  }
  log_.publish(std::move(chunk));
  at_once_ = !at_once_;  // both ways mixed, as the pump does
  server_.published(at_once_);
}

void FakeService::on_io(const std::function<void()>& work) {
  std::promise<void> done;
  loop_.post([&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

std::vector<wire::ClientInfo> FakeService::clients() {
  std::vector<wire::ClientInfo> infos;
  on_io([&] { infos = server_.clients(); });
  return infos;
}

std::vector<wire::ClientLedger> FakeService::ledgers() {
  std::vector<wire::ClientLedger> ledgers;
  on_io([&] { ledgers = server_.ledgers(); });
  return ledgers;
}

void FakeService::wait_for_clients(std::size_t count) {
  while (clients().size() != count) std::this_thread::yield();
}

void FakeService::finish(std::chrono::milliseconds patience) {
  std::promise<void> done;
  loop_.post([&] { server_.finish(patience, [&] { done.set_value(); }); });
  done.get_future().wait();
}

void FakeService::close_dispatcher() {
  on_io([&] { dispatcher_.close(Error(ErrorCode::cancelled, "stopping")); });
}

}  // namespace kprobed::daemon
