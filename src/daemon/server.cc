// SPDX-License-Identifier: Apache-2.0
#include "daemon/server.h"

#include <sys/socket.h>

#include <atomic>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <map>

#include "base/format.h"
#include "wire/codec.h"

namespace kprobed::daemon {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using boost::system::error_code;

namespace {

/// When descriptors have run out: somebody may close one.
constexpr std::chrono::milliseconds kAcceptPause{200};

/// One line, as far as an empty socket takes it, which is all of it; and away.
void turn_away(UniqueFd socket, std::size_t max_clients) {
  const std::string line = wire::encode_error(
      "null",
      wire::to_wire(
          Error(ErrorCode::too_many, format("{} clients are connected already", max_clients))
              .with_hint("'kprobectl status' shows who; max_clients in kprobed.conf allows more")));
  (void)::send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

class Server::Impl {
 public:
  Impl(UniqueFd listening, std::size_t max_clients, const SessionSurroundings& surroundings,
       std::function<void(const std::string&)> warn)
      : around_(surroundings),
        acceptor_(surroundings.loop.context(), stream_protocol(), listening.release()),
        max_clients_(max_clients),
        warn_(std::move(warn)) {
    accept();
  }

  void published(bool at_once) {
    if (at_once && around_.loop.try_now([this] { tell_sessions(); })) return;
    // The flag goes down before the log is looked at, so that nothing published after that look
    // goes unannounced.
    if (announced_.exchange(true)) return;
    around_.loop.post([this] {
      announced_.store(false);
      tell_sessions();
    });
  }

  std::vector<wire::ClientInfo> clients() const {
    std::vector<wire::ClientInfo> infos;
    infos.reserve(sessions_.size());
    for (const auto& [number, session] : sessions_) infos.push_back(session->info());
    return infos;
  }

  std::vector<wire::ClientLedger> ledgers() const {
    std::vector<wire::ClientLedger> all;
    for (const auto& [number, session] : sessions_) all.push_back(session->ledger());
    return all;
  }

  void stop_accepting() {
    error_code ignored;
    acceptor_.close(ignored);
  }

  void finish(std::chrono::milliseconds patience, std::function<void()> done) {
    stop_accepting();
    finished_ = std::move(done);
    for (const auto& [number, session] : sessions_) session->finish();
    around_.loop.after(patience, [this] {
      sessions_.clear();
      say_if_finished();
    });
    say_if_finished();
  }

 private:
  void tell_sessions() {
    for (const auto& [number, session] : sessions_) session->published();
  }

  void accept() {
    acceptor_.async_accept(
        around_.loop.in_turn([this](const error_code& failed, stream_protocol::socket socket) {
          if (!acceptor_.is_open()) return;
          if (!failed) {
            trouble_.clear();
            error_code ignored;
            admit(UniqueFd(socket.release(ignored)));
            return accept();
          }
          // Another process's mistake (ECONNABORTED) is no reason to wait.
          if (failed == asio::error::connection_aborted) return accept();
          std::string trouble = format("accepting a client: {}", failed.message());
          if (trouble != trouble_) warn_(trouble);  // once, not at every try
          trouble_ = std::move(trouble);
          around_.loop.after(kAcceptPause, [this] {
            if (acceptor_.is_open()) accept();
          });
        }));
  }

  void admit(UniqueFd socket) {
    const Result<Peer> peer = peer_of(socket.get());
    if (!peer.ok()) return warn_(describe(peer.error()));
    if (sessions_.size() >= max_clients_ + (peer->uid == 0 ? kPlacesForRoot : 0)) {
      return turn_away(std::move(socket), max_clients_);
    }
    const std::uint64_t number = ++last_number_;
    sessions_.emplace(number,
                      std::make_unique<Session>(std::move(socket), *peer, around_, [this, number] {
                        sessions_.erase(number);
                        say_if_finished();
                      }));
  }

  void say_if_finished() {
    if (!finished_ || !sessions_.empty()) return;
    std::exchange(finished_, nullptr)();
  }

  const SessionSurroundings& around_;
  stream_protocol::acceptor acceptor_;
  std::size_t max_clients_;
  std::function<void(const std::string&)> warn_;
  std::map<std::uint64_t, std::unique_ptr<Session>> sessions_;  ///< in the order they came
  std::uint64_t last_number_ = 0;
  std::string trouble_;  ///< why no client could be let in, the last time
  std::atomic<bool> announced_{false};
  std::function<void()> finished_;
};

Server::Server(UniqueFd listening, std::size_t max_clients, const SessionSurroundings& surroundings,
               std::function<void(const std::string&)> warn)
    : impl_(std::make_unique<Impl>(std::move(listening), max_clients, surroundings,
                                   std::move(warn))) {}
Server::~Server() = default;

void Server::published(bool at_once) { impl_->published(at_once); }
std::vector<wire::ClientInfo> Server::clients() const { return impl_->clients(); }
std::vector<wire::ClientLedger> Server::ledgers() const { return impl_->ledgers(); }
void Server::stop_accepting() { impl_->stop_accepting(); }
void Server::finish(std::chrono::milliseconds patience, std::function<void()> done) {
  impl_->finish(patience, std::move(done));
}

}  // namespace kprobed::daemon
