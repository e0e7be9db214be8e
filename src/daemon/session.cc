// SPDX-License-Identifier: Apache-2.0
#include "daemon/session.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <optional>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "daemon/line_reader.h"
#include "daemon/subscription.h"
#include "wire/codec.h"

namespace kprobed::daemon {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using boost::system::error_code;

class Session::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(UniqueFd socket, Peer peer, const SessionSurroundings& surroundings,
       std::function<void()> ended)
      : around_(surroundings),
        socket_(surroundings.loop.context()),
        writable_(surroundings.loop.context()),
        peer_(peer),
        subscription_(surroundings.log, surroundings.directory, peer.pid),
        ended_(std::move(ended)) {
    error_code failed;
    socket_.assign(stream_protocol(), socket.release(), failed);
    out_ = surroundings.hello;
  }

  void start() {
    // A millisecond's worth of a busy stream in one go: with the usual 200 KiB most writes find the
    // socket full, and both sides are woken twice as often. May be refused, which costs only speed.
    (void)::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_SNDBUFFORCE, &kSocketBytes,
                       sizeof kSocketBytes);
    write();
    serve();
  }

  void published() {
    if (subscription_.active()) write();
  }

  void finish() {
    finishing_ = true;
    write();
  }

  void end() {
    if (!socket_.is_open()) return;
    error_code ignored;
    socket_.close(ignored);
    writable_.close(ignored);
    subscription_.stop();
    around_.loop.post([ended = std::move(ended_)] { ended(); });
  }

  wire::ClientInfo info() const {
    return {.pid = peer_.pid,
            .uid = peer_.uid,
            .subscribed = subscription_.active(),
            .lag = subscription_.lag(),
            .sent = subscription_.sent(),
            .dropped = subscription_.dropped()};
  }

  wire::ClientLedger ledger() const {
    wire::ClientLedger ledger = subscription_.ledger();
    ledger.pid = peer_.pid;
    ledger.uid = peer_.uid;
    // Taken from the log, and not by the socket yet.
    ledger.sent -= buffered_lines_;
    ledger.pending += buffered_lines_;
    ledger.unexplained =
        static_cast<std::int64_t>(ledger.matched - ledger.sent - ledger.dropped - ledger.pending);
    return ledger;
  }

 private:
  // ---- requests --------------------------------------------------------------------------------

  /// Handles the lines that are there; reads on when there is none. Stops while an answer is due
  /// (answers come in the order of the requests) and while too many answers have not been read.
  void serve() {
    while (may_serve()) {
      std::optional<LineReader::Line> line = lines_.next();
      if (!line) {
        read();
        break;
      }
      handle(*line);
    }
    write();
  }

  bool may_serve() const {
    return socket_.is_open() && !finishing_ && !answering_ && out_.size() < kMaxBuffered;
  }

  void handle(const LineReader::Line& line) {
    if (line.too_long) {
      return refuse("null", Error(ErrorCode::too_long, format("a request has at most {} bytes",
                                                              wire::kMaxRequestBytes)));
    }
    if (trim(line.text).empty()) return;
    const auto decoded = wire::decode_request(line.text);
    if (const auto* bad = std::get_if<wire::BadRequest>(&decoded)) {
      return refuse(bad->id, bad->error);
    }
    const auto& request = std::get<wire::Request>(decoded);
    if (const auto* subscribe = std::get_if<wire::SubscribeRequest>(&request.body)) {
      // The reply goes first: write() puts what is in out_ before the stream's lines.
      out_ += wire::encode_reply(request.id, subscription_.start(*subscribe));
    } else if (std::holds_alternative<wire::UnsubscribeRequest>(request.body)) {
      subscription_.stop();
      out_ += wire::encode_reply(request.id, wire::EmptyReply{});
    } else {
      answering_ = true;
      around_.dispatcher.dispatch(
          request, peer_, [self = shared_from_this()](std::string reply) { self->answer(reply); },
          [self = shared_from_this()](std::string progress) { self->tell(progress); });
    }
  }

  /// How far that request is. A client that has not read the one before needs this one less.
  void tell(const std::string& line) {
    if (!socket_.is_open() || !out_.empty()) return;
    out_ += line;
    write();
  }

  void answer(const std::string& line) {
    answering_ = false;
    if (!socket_.is_open()) return;
    out_ += line;
    serve();
  }

  void refuse(const std::string& id, const Error& error) {
    out_ += wire::encode_error(id, wire::to_wire(error));
  }

  void read() {
    if (reading_ || input_ended_) return;
    reading_ = true;
    socket_.async_read_some(asio::buffer(input_),
                            around_.loop.in_turn([self = shared_from_this()](
                                                     const error_code& failed, std::size_t got) {
                              self->on_read(failed, got);
                            }));
  }

  void on_read(const error_code& failed, std::size_t got) {
    reading_ = false;
    if (failed == asio::error::eof) {
      // Half-closed: it may still want its stream. A line without its end is nothing.
      input_ended_ = true;
      watch_hangup();
      return write();
    }
    if (failed) return end();
    lines_.feed({input_.data(), got});
    serve();
  }

  /// A client that has closed both halves is noticed here, though we neither read nor write.
  void watch_hangup() {
    socket_.async_wait(
        stream_protocol::socket::wait_error,
        around_.loop.in_turn([self = shared_from_this()](const error_code&) { self->end(); }));
  }

  // ---- output ----------------------------------------------------------------------------------

  /// One write at a time: what was answered goes first, then the stream.
  void write() {
    if (writing_ || !socket_.is_open()) return;
    in_flight_.clear();
    // A long reply is rare; its memory should not stay for the session's life.
    if (in_flight_.capacity() > 2 * kMaxBuffered) in_flight_ = std::string();
    in_flight_.swap(out_);
    const Sent sent = in_flight_.empty() ? send_stream() : Sent::stuck;
    if (sent == Sent::failed) return end();
    if (!in_flight_.empty()) {
      writing_ = true;
      in_flight_sent_ = 0;
      push();
    } else if (sent == Sent::more) {
      write_later();
    } else if (is_done()) {
      end();
    }
  }

  enum class Sent : std::uint8_t { all, more, stuck, failed };

  /// Lines go from the log into the socket as long as it takes them, without a copy of ours. What
  /// it does not take any more of those already begun is copied to in_flight_, so that a client
  /// that stands still keeps none of the log's memory.
  Sent send_stream() {
    for (std::size_t turn = 0; turn < kWritesPerTurn; ++turn) {
      batch_.clear();
      const bool more = subscription_.take(batch_, kStreamBytesPerWrite);
      if (batch_.size() != 0) {
        const std::optional<std::size_t> taken = send_batch();
        if (taken && *taken < batch_.size()) {
          batch_.copy_rest(*taken, in_flight_);
          buffered_lines_ = batch_.log_lines_after(*taken);
        }
        batch_.clear();
        if (!taken) return Sent::failed;
        if (!in_flight_.empty()) return Sent::stuck;
      }
      if (!more) return Sent::all;
    }
    return Sent::more;
  }

  /// How many bytes the socket took; nullopt if the client is gone.
  std::optional<std::size_t> send_batch() {
    iovecs_.clear();
    for (const auto& piece : batch_.pieces()) {
      iovecs_.push_back({const_cast<char*>(piece.data), piece.bytes});
    }
    msghdr message{};
    message.msg_iov = iovecs_.data();
    message.msg_iovlen = iovecs_.size();
    const ssize_t taken = ::sendmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (taken >= 0) return static_cast<std::size_t>(taken);
    if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS) return 0;
    return std::nullopt;
  }

  /// What is in flight, as far as the socket takes it.
  void push() {
    while (in_flight_sent_ < in_flight_.size()) {
      const ssize_t taken =
          ::send(socket_.native_handle(), in_flight_.data() + in_flight_sent_,
                 in_flight_.size() - in_flight_sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (taken < 0 && errno == EINTR) continue;
      if (taken < 0 && (errno == EAGAIN || errno == ENOBUFS)) return wait_until_writable();
      if (taken < 0) return end();
      in_flight_sent_ += static_cast<std::size_t>(taken);
    }
    around_.loop.post([self = shared_from_this()] { self->on_written(); });
  }

  /// By a descriptor of its own, which is closed again: the reactor goes on to ask for the
  /// writability of one that it was once asked about, and is woken each time the client reads.
  void wait_until_writable() {
    error_code failed;
    const int twin = ::fcntl(socket_.native_handle(), F_DUPFD_CLOEXEC, 0);
    if (twin >= 0) writable_.assign(twin, failed);
    if (twin >= 0 && failed) ::close(twin);
    auto go_on = around_.loop.in_turn([self = shared_from_this()](const error_code& why) {
      error_code ignored;
      self->writable_.close(ignored);
      if (why && why != asio::error::operation_aborted) self->end();
      if (self->socket_.is_open()) self->push();
    });
    if (twin >= 0 && !failed) {
      writable_.async_wait(asio::posix::stream_descriptor::wait_write, std::move(go_on));
    } else {  // no descriptor left
      socket_.async_wait(stream_protocol::socket::wait_write, std::move(go_on));
    }
  }

  void on_written() {
    writing_ = false;
    buffered_lines_ = 0;
    if (socket_.is_open()) serve();
  }

  /// Nothing in this stretch of the log was for us: go on after others had their turn.
  void write_later() {
    if (write_is_due_) return;
    write_is_due_ = true;
    around_.loop.post([self = shared_from_this()] {
      self->write_is_due_ = false;
      self->write();
    });
  }

  /// Nothing is left to say, and nothing can come.
  bool is_done() const {
    if (finishing_) return true;
    return input_ended_ && !answering_ && !subscription_.active();
  }

  const SessionSurroundings& around_;
  stream_protocol::socket socket_;
  asio::posix::stream_descriptor writable_;  ///< the same, while it is full
  Peer peer_;
  Subscription subscription_;
  std::function<void()> ended_;

  std::array<char, 16 << 10> input_;  ///< of the read that is going on
  LineReader lines_{wire::kMaxRequestBytes};
  std::string out_;        ///< replies, not yet being written
  std::string in_flight_;  ///< of the write that is going on
  std::size_t in_flight_sent_ = 0;
  std::uint64_t buffered_lines_ = 0;  ///< of the log, in in_flight_
  // Used within send_stream(); kept for their memory only.
  stream::LineBatch batch_;
  std::vector<iovec> iovecs_;
  bool reading_ = false, writing_ = false, write_is_due_ = false;
  bool answering_ = false;    ///< the engine has not answered yet
  bool input_ended_ = false;  ///< the client has closed its sending half
  bool finishing_ = false;
};

Session::Session(UniqueFd socket, Peer peer, const SessionSurroundings& surroundings,
                 std::function<void()> ended)
    : impl_(std::make_shared<Impl>(std::move(socket), peer, surroundings, std::move(ended))) {
  impl_->start();
}

Session::~Session() { impl_->end(); }

void Session::published() { impl_->published(); }
void Session::finish() { impl_->finish(); }
wire::ClientInfo Session::info() const { return impl_->info(); }
wire::ClientLedger Session::ledger() const { return impl_->ledger(); }

}  // namespace kprobed::daemon
