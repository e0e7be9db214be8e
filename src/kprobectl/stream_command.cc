// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/stream_command.h"

#include <cerrno>
#include <charconv>

#include "base/format.h"
#include "base/text.h"
#include "kprobectl/exit_code.h"
#include "kprobectl/line_output.h"
#include "kprobectl/pipeline.h"
#include "kprobectl/report.h"
#include "kprobectl/stop_signal.h"
#include "kprobectl/stream_printer.h"

namespace kprobed::kprobectl {

namespace {

class Streaming {
 public:
  Streaming(const StreamOptions& options, Connection& daemon, StopSignal& stop, int output)
      : options_(options),
        daemon_(daemon),
        stop_(stop),
        output_fd_(output),
        output_(output, stop),
        pipeline_(output),
        printer_(StreamPrinter::make(options.form, options.about_stream)) {}

  int go() {
    printer_->begin(daemon_.hello_line(), output_.buffer());
    Result<void> ended = follow();
    output_.flush_last();
    if (unreadable_ != 0) {
      say(format("{} {} of kprobed could not be understood: {}", with_thousands(unreadable_),
                 unreadable_ == 1 ? "line" : "lines", describe(why_unreadable_)));
    }
    if (output_.broken() && output_.broken_errno() != EPIPE)
      return report(system_error(output_.broken_errno(), "write standard output"));
    return ended.ok() ? kDone : report(ended.error());
  }

 private:
  /// Until somebody wants no more of it (ok), or there is no more.
  Result<void> follow() {
    // Lines may have come together with the reply.
    for (;;) {
      KPROBED_TRY_VOID(show_lines());
      // Waits for a slow reader; meanwhile the daemon drops for us alone, and says so.
      output_.flush();
      if (enough() || output_.broken() || stop_.arrived()) return {};
      wait();
      if (output_.broken() || stop_.arrived()) return {};
      KPROBED_TRY(const LineReader::Fill filled, daemon_.lines().fill(daemon_.fd()));
      if (filled == LineReader::Fill::end) return went_away();
    }
  }

  void wait() {
    pollfd fds[] = {{.fd = daemon_.fd(), .events = POLLIN, .revents = 0},
                    // No events: only to learn that the reader has closed.
                    {.fd = output_fd_, .events = 0, .revents = 0}};
    stop_.wait(fds, std::chrono::seconds(10));
    if (fds[1].revents == 0) return;
    output_.check_reader();
    // A hung-up socket or terminal as output says so at the next write; until then it would keep
    // us from sleeping.
    if (!output_.broken()) output_fd_ = -1;
  }

  Result<void> show_lines() {
    while (!enough()) {
      const auto line = daemon_.lines().next();
      if (!line) return {};
      const std::string_view type = wire::peek_type(*line);
      // Nothing is asked while streaming: it can only be the daemon's last word.
      if (type.empty()) {
        auto refused = wire::decode_error(*line);
        if (refused.ok()) return wire::from_wire(*refused, nullptr);
      }
      // What the rest of the pipeline does with an event must not become the next one.
      if (type == "event" && !options_.own && pipeline_.has(pid_of(*line))) continue;
      auto shown = printer_->line(type, *line, output_.buffer());
      if (!shown.ok() && unreadable_++ == 0) why_unreadable_ = std::move(shown).error();
      if (type == "event") ++events_;
    }
    return {};
  }

  bool enough() const { return options_.count && events_ >= *options_.count; }

  const StreamOptions& options_;
  Connection& daemon_;
  StopSignal& stop_;
  int output_fd_;
  LineOutput output_;
  Pipeline pipeline_;
  std::unique_ptr<StreamPrinter> printer_;
  std::uint64_t events_ = 0;
  std::uint64_t unreadable_ = 0;
  Error why_unreadable_;  ///< of the first one
};

}  // namespace

Result<wire::Resume> parse_resume(const std::string& text) {
  wire::Resume resume;
  const std::size_t colon = text.rfind(':');
  const char* end = text.data() + text.size();
  if (colon != std::string::npos && colon != 0 && colon + 1 != text.size()) {
    resume.stream = text.substr(0, colon);
    const auto [stopped, error] = std::from_chars(text.data() + colon + 1, end, resume.seq);
    if (error == std::errc{} && stopped == end) return resume;
  }
  return Error(ErrorCode::usage, format("'{}' is not a place in a stream", text))
      .with_hint(
          "--resume STREAM:SEQ: the stream of the hello line, and the seq of the last line seen");
}

int stream(const StreamOptions& options, int output) {
  wire::SubscribeRequest request{.probes = options.probes,
                                 .pids = options.pids,
                                 .resume = std::nullopt,
                                 .own = options.own,
                                 .ledger = options.about_stream};
  if (!options.resume.empty()) {
    auto resume = parse_resume(options.resume);
    if (!resume.ok()) return report(resume.error());
    request.resume = std::move(resume).value();
  }
  int status = kDone;
  auto daemon = connect(options.daemon, status);
  if (!daemon) return status;
  auto subscribed = daemon->ask_for<wire::SubscribeReply>(std::move(request));
  if (!subscribed.ok()) return report(subscribed.error());
  StopSignal stop;
  return Streaming(options, *daemon, stop, output).go();
}

}  // namespace kprobed::kprobectl
